import type { AttemptPolicy } from './attempt-policy.js'
import type { AttemptSlot } from './attempt-store.js'

/** Whether a secret may be tested now. */
export type AttemptDecision =
  /** Yes; `remaining` more might be under way or fail before the limit is met. */
  | { readonly outcome: 'admitted'; readonly remaining: number }
  /** Not before `until`: too many have failed. */
  | { readonly outcome: 'blocked'; readonly until: Date }
  /** Not while so many are under way whose outcome is open. */
  | { readonly outcome: 'busy' }

/**
 * Decides from nothing but the policy, the ledger and the time. Of any slots within one window at most `limit` are admitted:
 * whoever comes counts all slots before his own that were not given back, failed or under way.
 * @param history The ledger, oldest first.
 * @param slotId The caller's own slot where it is in the ledger already; what comes at and after it is left out.
 */
export function decideAttempt(
  policy: AttemptPolicy,
  history: readonly AttemptSlot[],
  now: Date,
  slotId?: string,
): AttemptDecision {
  const own = history.findIndex(({ id }) => id === slotId)
  const earlier = own === -1 ? history : history.slice(0, own)
  const windowMs = policy.windowSeconds * 1000
  const counted = earlier.filter(({ at }) => at.getTime() > now.getTime() - windowMs)
  const failures = earlier
    .filter(({ failed }) => failed)
    .map(({ at }) => at.getTime())
    .sort((a, b) => a - b)

  const until = Math.max(fullUntil(policy, failures), lockedUntil(policy, failures))
  if (until > now.getTime()) return { outcome: 'blocked', until: new Date(until) }
  if (counted.length >= policy.limit) return { outcome: 'busy' }
  return { outcome: 'admitted', remaining: policy.limit - counted.length - 1 }
}

/** When the oldest of the last `limit` failures leaves the window. */
function fullUntil(policy: AttemptPolicy, failures: readonly number[]): number {
  const oldest = failures.at(-policy.limit)
  return oldest === undefined ? Number.NEGATIVE_INFINITY : oldest + policy.windowSeconds * 1000
}

/**
 * When the last lock ends. A block begins with the failure that fills the window. Whether it locks, and how long, follows
 * from the blocks before it within fixed spans alone, so that slots which expire never shorten a lock that is in force.
 */
function lockedUntil(policy: AttemptPolicy, failures: readonly number[]): number {
  const blocks: number[] = []
  const locks: number[] = []
  let blockedUntil = Number.NEGATIVE_INFINITY
  let until = Number.NEGATIVE_INFINITY
  for (const [index, at] of failures.entries()) {
    const blockEnd = fullUntil(policy, failures.slice(Math.max(0, index + 1 - policy.limit), index + 1))
    if (blockEnd <= at || at < blockedUntil) continue
    blocks.push(at)
    const isLock = countSince(blocks, at - policy.lockWithinSeconds * 1000) >= policy.lockAfter
    const isLong = countSince(locks, at - policy.longLockWithinSeconds * 1000) > 0
    if (isLock) locks.push(at)
    if (isLock || isLong) until = at + (isLong ? policy.longLockSeconds : policy.lockSeconds) * 1000
    blockedUntil = Math.max(blockEnd, until)
  }
  return until
}

function countSince(times: readonly number[], since: number): number {
  return times.filter((time) => time > since).length
}
