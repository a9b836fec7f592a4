import { later } from '../shared/duration.js'
import type { RunPolicy } from './attempt-policy.js'
import type { AttemptSlot } from './attempt-store.js'
import type { AttemptDecision } from './decide-attempt.js'

interface Replay {
  /** The failures since the last lock. */
  readonly run: readonly AttemptSlot[]
  /** When the last lock ends, in milliseconds. */
  readonly lockedUntil: number
  /** When the period began that `now` is in, in milliseconds. */
  readonly periodStart: number
}

/** The rule of a run: after `limit` failures in a row nobody is admitted for a while. @param earlier What came before, oldest first. */
export function decideRun(policy: RunPolicy, earlier: readonly AttemptSlot[], now: Date): AttemptDecision {
  const { run, lockedUntil } = replay(policy, earlier, now)
  if (lockedUntil > now.getTime()) return { outcome: 'blocked', until: new Date(lockedUntil) }
  const since = now.getTime() - policy.underWaySeconds * 1000
  const underWay = earlier.filter(({ failed, at }) => !failed && at.getTime() > since)
  const left = policy.limit - run.length - underWay.length
  return left > 0 ? { outcome: 'admitted', remaining: left - 1 } : { outcome: 'busy' }
}

/**
 * The failures that a success with this slot is the end of: those of the run before it. Locks that were stay on record,
 * so that the next is a long one all the same; attempts still under way may yet fail and then count.
 */
export function runEndedBy(
  policy: RunPolicy,
  history: readonly AttemptSlot[],
  now: Date,
  slotId: string,
): readonly AttemptSlot[] {
  const own = history.findIndex(({ id }) => id === slotId)
  return replay(policy, history.slice(0, Math.max(0, own)), now).run
}

/** Whether there were `limit` failures in a row, whatever came of the lock since. */
export function hasLocked(policy: RunPolicy, history: readonly AttemptSlot[], now: Date): boolean {
  return replay(policy, history, now).lockedUntil > Number.NEGATIVE_INFINITY
}

/** When a slot that is taken now can be forgotten: with all others of its period, so that none is judged by a part of it. */
export function runSlotEnd(policy: RunPolicy, history: readonly AttemptSlot[], now: Date): Date {
  const { forgetSeconds, lockSeconds, longLockSeconds, underWaySeconds } = policy
  const { periodStart } = replay(policy, history, now)
  return later(new Date(periodStart), forgetSeconds + Math.max(lockSeconds, longLockSeconds) + underWaySeconds)
}

/** A period begins with a failure and is over after a fixed time; with the next, counting and locks begin anew. */
function replay(policy: RunPolicy, slots: readonly AttemptSlot[], now: Date): Replay {
  const forgetMs = policy.forgetSeconds * 1000
  let periodStart = Number.NEGATIVE_INFINITY
  let lockedUntil = Number.NEGATIVE_INFINITY
  let isLong = false
  let run: AttemptSlot[] = []
  const enter = (at: number): void => {
    if (at < periodStart + forgetMs) return
    periodStart = at
    isLong = false
    run = []
  }
  const failures = slots.filter(({ failed }) => failed).sort((a, b) => a.at.getTime() - b.at.getTime())
  for (const slot of failures) {
    const at = slot.at.getTime()
    enter(at)
    run.push(slot)
    if (run.length < policy.limit) continue
    lockedUntil = at + (isLong ? policy.longLockSeconds : policy.lockSeconds) * 1000
    isLong = true
    run = []
  }
  enter(now.getTime())
  return { run, lockedUntil, periodStart }
}
