import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '@auth/core'

/** The machine's clock, moved. */
export interface ShiftedClock extends Clock {
  shift(by: { readonly wallMs?: number; readonly monotonicMs?: number }): void
}

/** Makes a clock that runs as the machine's does, until a test moves it. Waiting takes as long as ever. */
export function shiftedClock(): ShiftedClock {
  let wall = 0
  let monotonic = 0
  return {
    now: () => new Date(Date.now() + wall),
    monotonicMs: () => performance.now() + monotonic,
    wait: (ms, signal) => wait(ms, undefined, { ref: false, ...(signal ? { signal } : {}) }),
    shift({ wallMs = 0, monotonicMs = 0 }) {
      wall += wallMs
      monotonic += monotonicMs
    },
  }
}
