import type { AttemptPolicy } from './attempt-policy.js'
import type { AttemptSlot } from './attempt-store.js'
import { decideRun, runSlotEnd } from './decide-run.js'
import { decideWindow, windowSlotEnd } from './decide-window.js'

/** Whether a secret may be tested now. */
export type AttemptDecision =
  /** Yes; `remaining` more might be under way or fail before the limit is met. */
  | { readonly outcome: 'admitted'; readonly remaining: number }
  /** Not before `until`: too many have failed. */
  | { readonly outcome: 'blocked'; readonly until: Date }
  /** Not while so many are under way whose outcome is open. */
  | { readonly outcome: 'busy' }

/**
 * Decides from nothing but the policy, the ledger and the time: whoever comes counts all slots before his own that were not
 * given back, failed or under way.
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
  return policy.kind === 'run' ? decideRun(policy, earlier, now) : decideWindow(policy, earlier, now)
}

/** When a slot that is taken now can be forgotten. */
export function slotEnd(policy: AttemptPolicy, history: readonly AttemptSlot[], now: Date): Date {
  return policy.kind === 'run' ? runSlotEnd(policy, history, now) : windowSlotEnd(policy, now)
}

/**
 * Until when the failure of this slot, the last to be known, has locked; `null` where it did not, or others had before it.
 * @param history The ledger as it was when the failure had been written.
 */
export function lockBegunBy(policy: AttemptPolicy, history: readonly AttemptSlot[], now: Date, slotId: string): Date | null {
  const after = decideAttempt(policy, history, now)
  if (after.outcome !== 'blocked') return null
  const before = decideAttempt(
    policy,
    history.filter(({ id }) => id !== slotId),
    now,
  )
  return before.outcome === 'blocked' ? null : after.until
}
