/** The source of time of every service. Tests and simulations pass their own; see `virtualClock` in `@auth/core/testing`. */
export interface Clock {
  /** The wall clock: what expiries, claims and records are written and judged by. */
  now(): Date
  /** Milliseconds that never go backwards, for freshness and deadlines; their zero means nothing. */
  monotonicMs(): number
  /** Resolves after `ms` milliseconds of this clock; rejects with the signal's reason when it is aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine's clock. Its timers do not keep a Node process alive by themselves. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abort = (): void => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }, ms)
      // Only Node's timers can be told not to hold the process; elsewhere there is no process to hold.
      ;(timer as { unref?: () => void }).unref?.()
      signal?.addEventListener('abort', abort, { once: true })
    }),
}
