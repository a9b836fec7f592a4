/** Tells a server until when, by its own clock, a command is wanted. */
export interface Deadlines {
  /** The server's time in so many milliseconds, or earlier; 0 where its clock is not known, or not any more. */
  after(ms: number): number
  /** Takes note of a server's clock as it was before now. */
  learn(serverTime: number): void
}

const periodMs = 30_000

/**
 * Deadlines by the clock that was the furthest behind in the last minute: the servers of a cluster differ, answers take
 * time, and a clock may be set. A deadline that is too early costs one more round trip; one that is too late would let a
 * command run that nobody waits for any more.
 */
export function createDeadlines(now: () => number = () => performance.now()): Deadlines {
  let since = now()
  let [least, leastBefore] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  return {
    after(ms) {
      const at = now()
      const ahead = Math.min(least, leastBefore)
      return Number.isFinite(ahead) && at - since <= 2 * periodMs ? Math.floor(at + ahead + ms) : 0
    },
    learn(serverTime) {
      const at = now()
      if (at - since > periodMs) {
        leastBefore = at - since > 2 * periodMs ? Number.POSITIVE_INFINITY : least
        least = Number.POSITIVE_INFINITY
        since = at
      }
      least = Math.min(least, serverTime - at)
    },
  }
}
