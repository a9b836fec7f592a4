/** The value that a share of all values lies below. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN
}

/** More digits than these are noise. */
export function round(value: number): number {
  return Number(value.toPrecision(4))
}
