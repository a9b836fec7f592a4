import { AuthError } from '../errors.js'

/** Bounds how much hashing goes on at once. */
export interface HashPool {
  /**
   * Does the work when a place is free, first come, first served. A place is free again however the work ends.
   * @throws AuthError `overloaded` at once where the queue is full.
   */
  run<T>(work: () => Promise<T>): Promise<T>
}

/** How much at once, and how much may wait. */
export interface HashPoolSize {
  /** Hashes at the same time. */
  readonly concurrency: number
  /** Hashes that may wait. */
  readonly queue: number
}

/** Makes a pool. Its memory is bounded: `concurrency` times what one hash takes. */
export function createHashPool({ concurrency, queue }: HashPoolSize): HashPool {
  const waiting: (() => void)[] = []
  let running = 0

  async function enter(): Promise<void> {
    if (running < concurrency) {
      running++
      return
    }
    if (waiting.length >= queue) throw new AuthError('overloaded', { retryAfterSeconds: 1 })
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  /** Hands the place on, so that nobody who comes just now gets it before the first in the queue. */
  function leave(): void {
    const next = waiting.shift()
    if (next) next()
    else running--
  }

  return {
    async run(work) {
      await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
