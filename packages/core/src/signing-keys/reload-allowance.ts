import type { Clock } from '../shared/clock.js'

/** Bounds how often something may be done that strangers can ask for. */
export interface Allowance {
  /** Uses up one; `false` where there is none left. */
  take(): boolean
}

/** Makes an allowance of `burst` that grows again by one every `everyMs`. */
export function createAllowance(clock: Clock, burst: number, everyMs: number): Allowance {
  let left = burst
  let countedAtMs = clock.monotonicMs()
  return {
    take() {
      const earned = Math.floor((clock.monotonicMs() - countedAtMs) / everyMs)
      left = Math.min(burst, left + earned)
      countedAtMs += earned * everyMs
      if (left === 0) return false
      left--
      return true
    },
  }
}
