import type { AttemptSlot } from './attempt-store.js'
import { type AttemptDecision, decideAttempt } from './decide-attempt.js'
import type { Ledger } from './ledgers.js'

/** What the slots of known devices begin with, on a ledger where strangers have slots too. */
const deviceSlot = 'device-'

/** What the ids of slots begin with that are taken for this ledger. */
export function slotPrefix({ device }: Pick<Ledger, 'device'>): string {
  return device === null ? '' : `${deviceSlot}${device}-`
}

/**
 * Decides what a ledger says to whoever comes. To a known device counts what strangers did there and what it did itself. To a
 * stranger everything counts within the window; what known devices did is forgotten with it, and so has no part in locks.
 * @param own The caller's own slot where it is in the ledger already.
 */
export function judge(ledger: Ledger, history: readonly AttemptSlot[], now: Date, own?: string): AttemptDecision {
  const { policy, device } = ledger
  const prefix = slotPrefix(ledger)
  const isOfDevice = ({ id }: AttemptSlot): boolean => id.startsWith(deviceSlot)
  if (device !== null) {
    const counted = history.filter((slot) => !isOfDevice(slot) || slot.id.startsWith(prefix))
    return decideAttempt(policy, counted, now, own)
  }
  const ofStrangers = history.filter((slot) => !isOfDevice(slot))
  const decision = decideAttempt(policy, ofStrangers, now, own)
  if (policy.kind === 'run' || ofStrangers.length === history.length) return decision
  return stricter(decision, decideAttempt({ ...policy, locks: null }, history, now, own))
}

function stricter(a: AttemptDecision, b: AttemptDecision): AttemptDecision {
  const [first, second] = freedomOf(a) <= freedomOf(b) ? [a, b] : [b, a]
  return first.outcome === 'blocked' && second.outcome === 'blocked' && second.until > first.until ? second : first
}

/** The less, the stricter. */
function freedomOf(decision: AttemptDecision): number {
  return decision.outcome === 'admitted' ? decision.remaining : { blocked: -2, busy: -1 }[decision.outcome]
}
