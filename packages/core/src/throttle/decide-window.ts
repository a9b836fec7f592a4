import { later } from '../shared/duration.js'
import { slotLifeSeconds, type WindowPolicy } from './attempt-policy.js'
import type { AttemptSlot } from './attempt-store.js'
import type { AttemptDecision } from './decide-attempt.js'

/** The rule of a window: of any slots within one at most `limit` are admitted. @param earlier What came before, oldest first. */
export function decideWindow(policy: WindowPolicy, earlier: readonly AttemptSlot[], now: Date): AttemptDecision {
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

/** When a slot that is taken now matters no more. */
export function windowSlotEnd(policy: WindowPolicy, now: Date): Date {
  return later(now, slotLifeSeconds(policy))
}

/** When the oldest of the last `limit` failures leaves the window. */
function fullUntil(policy: WindowPolicy, failures: readonly number[]): number {
  const oldest = failures.at(-policy.limit)
  return oldest === undefined ? Number.NEGATIVE_INFINITY : oldest + policy.windowSeconds * 1000
}

/**
 * When the last lock ends. A block begins with the failure that fills the window. Whether it locks, and how long, follows
 * from the blocks before it within fixed spans alone, so that slots which expire never shorten a lock that is in force.
 */
function lockedUntil(policy: WindowPolicy, failures: readonly number[]): number {
  let until = Number.NEGATIVE_INFINITY
  if (!policy.locks) return until
  const { after, withinSeconds, lockSeconds, longWithinSeconds, longLockSeconds } = policy.locks
  const blocks: number[] = []
  const locks: number[] = []
  let blockedUntil = Number.NEGATIVE_INFINITY
  for (const [index, at] of failures.entries()) {
    const blockEnd = fullUntil(policy, failures.slice(Math.max(0, index + 1 - policy.limit), index + 1))
    if (blockEnd <= at || at < blockedUntil) continue
    blocks.push(at)
    const isLock = countSince(blocks, at - withinSeconds * 1000) >= after
    const isLong = countSince(locks, at - longWithinSeconds * 1000) > 0
    if (isLock) locks.push(at)
    if (isLock || isLong) until = at + (isLong ? longLockSeconds : lockSeconds) * 1000
    blockedUntil = Math.max(blockEnd, until)
  }
  return until
}

function countSince(times: readonly number[], since: number): number {
  return times.filter((time) => time > since).length
}
