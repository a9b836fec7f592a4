import type { Clock } from '../shared/clock.js'

/** A clock that stands still until it is moved. */
export interface VirtualClock extends Clock {
  /** Moves both the wall clock and the monotonic one, and lets everything that waited until then go on. */
  advance(ms: number): Promise<void>
  /** Moves the wall clock alone, forwards or back, as an operator or NTP might. */
  setWallClock(now: Date): void
}

interface Waiter {
  readonly at: number
  readonly resolve: () => void
}

/** Makes a clock for tests, at `start` (default 2026-01-01T00:00:00Z). */
export function virtualClock(start: Date = new Date('2026-01-01T00:00:00Z')): VirtualClock {
  let wall = start.getTime()
  let monotonic = 0
  let waiters: Waiter[] = []
  return {
    now: () => new Date(wall),
    monotonicMs: () => monotonic,
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const waiter: Waiter = { at: monotonic + ms, resolve }
        waiters.push(waiter)
        const abort = (): void => {
          waiters = waiters.filter((other) => other !== waiter)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', abort, { once: true })
      }),
    async advance(ms) {
      wall += ms
      monotonic += ms
      const due = waiters.filter((waiter) => waiter.at <= monotonic).sort((a, b) => a.at - b.at)
      waiters = waiters.filter((waiter) => waiter.at > monotonic)
      for (const waiter of due) waiter.resolve()
      await Promise.resolve()
    },
    setWallClock(now) {
      wall = now.getTime()
    },
  }
}
