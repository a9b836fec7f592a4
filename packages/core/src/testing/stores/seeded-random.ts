/** Random choices that come out the same for the same seed. Never for secrets. */
export interface SeededRandom {
  /** A whole number from 0 to `end - 1`. */
  below(end: number): number
  /** One of the values. */
  pick<T>(values: readonly [T, ...T[]]): T
  /** `true` in `percent` of 100 cases. */
  chance(percent: number): boolean
}

/** Makes a generator (mulberry32). */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const below = (end: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end
  }
  return {
    below,
    pick: ([first, ...rest]) => {
      const index = below(rest.length + 1)
      return index === 0 ? first : (rest[index - 1] ?? first)
    },
    chance: (percent) => below(100) < percent,
  }
}
