/** How likely two samples as different as these, or more so, are if both came from one distribution (two-sided, for 20 values and more). */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, isA: true })), ...b.map((value) => ({ value, isA: false }))]
  all.sort((one, other) => one.value - other.value)
  let rankSum = 0
  for (let from = 0; from < all.length; ) {
    let to = from
    while (to < all.length && all[to]?.value === all[from]?.value) to++
    // Equal values share the mean of their ranks.
    for (const { isA } of all.slice(from, to)) if (isA) rankSum += (from + 1 + to) / 2
    from = to
  }
  const u = rankSum - (a.length * (a.length + 1)) / 2
  const deviation = Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12)
  return 2 * upperTail(Math.abs(u - (a.length * b.length) / 2) / deviation)
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** How far the median of such a sample is off, as a standard error, from the values around it. */
export function medianError(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [middle, off] = [Math.floor(sorted.length / 2), Math.round(Math.sqrt(sorted.length) / 2)]
  return ((sorted[middle + off] ?? Number.NaN) - (sorted[middle - off] ?? Number.NaN)) / 2
}

/** How much of a normal distribution lies above `z` (Abramowitz and Stegun, 26.2.17: to seven digits). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * z)
  const factors = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_53]
  const polynomial = factors.reduce((sum, factor) => (sum + factor) * t, 0)
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial
}
