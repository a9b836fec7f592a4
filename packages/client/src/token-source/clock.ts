/** A source of time; the clocks of `@auth/core` are. */
export interface TokenClock {
  /** The wall clock. */
  now(): Date
  /** Milliseconds that never go backwards. */
  monotonicMs(): number
  /** Resolves after `ms` milliseconds; rejects when the signal is aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine's clock. Its timers keep no process alive. */
export const machineClock: TokenClock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      // Only Node's timers can be told not to hold the process.
      ;(timer as { unref?: () => void }).unref?.()
      signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(signal.reason)
      })
    }),
}

/** Measures how long ago something was: by the clock that went further, as a machine that slept stops one of them. */
export function startTimer(clock: TokenClock): () => number {
  const wall = clock.now().getTime()
  const monotonic = clock.monotonicMs()
  return () => Math.max(clock.now().getTime() - wall, clock.monotonicMs() - monotonic)
}
