import { AuthError } from '../errors.js'
import { createBoundedMap } from '../shared/bounded-map.js'
import type { Clock } from '../shared/clock.js'
import { randomId } from '../shared/random.js'
import type { AttemptPolicy } from './attempt-policy.js'
import type { AttemptSlot, AttemptStore } from './attempt-store.js'
import { type AttemptDecision, slotEnd } from './decide-attempt.js'
import { judge, slotPrefix } from './judge.js'
import type { Ledger } from './ledgers.js'
import { createWaitingLine } from './waiting-line.js'

/** A slot that was taken on a ledger. */
export interface Entry {
  readonly ledger: Ledger
  readonly slot: string
  /** The ledger up to and including the slot. */
  readonly history: readonly AttemptSlot[]
}

/** What a ledger held a moment ago. */
export interface Look {
  readonly ledger: Ledger
  readonly history: readonly AttemptSlot[]
  readonly decision: AttemptDecision
}

/** The way onto ledgers, one at a time. */
export interface Gate {
  /** Refuses, without asking the store, what was found blocked a moment ago. @throws AuthError `too_many_attempts` */
  recall(ledger: Ledger): void
  /** Reads a ledger and takes nothing. @throws StoreError */
  look(ledger: Ledger): Promise<Look>
  /** Refuses where a look found the ledger blocked. @throws AuthError `too_many_attempts` */
  pass(look: Look): void
  /**
   * Takes a slot, and waits while only attempts under way stand in the way.
   * @param look What was seen of the ledger just now.
   * @param deadline Until when to wait, in monotonic milliseconds.
   * @throws AuthError `too_many_attempts`; StoreError
   */
  enter(look: Look, deadline: number): Promise<Entry>
  /** Tells those who wait for this ledger that something may have become free. */
  wake(ledger: Ledger): void
  /** Forgets that a ledger was found blocked. */
  forget(ledger: Ledger): void
}

/** What the gate needs. */
export interface GateDeps {
  readonly store: Pick<AttemptStore, 'find' | 'take' | 'giveBack'>
  readonly clock: Clock
}

const pollMs = 50
/** How long a refusal is repeated without asking the store again, and for how many ledgers. */
const refusalLifeMs = 1000
const refusalCapacity = 10_000

/** Makes the gate. */
export function createGate({ store, clock }: GateDeps): Gate {
  const refusals = createBoundedMap<string, { readonly until: Date; readonly forgetAtMs: number }>(refusalCapacity)
  const line = createWaitingLine<Entry>({ clock, pollMs })

  function refuseUntil(policy: AttemptPolicy, until: Date): never {
    throw refusal(policy, Math.max(1, Math.ceil((until.getTime() - clock.now().getTime()) / 1000)))
  }

  function pass({ ledger, decision }: Pick<Look, 'ledger' | 'decision'>): void {
    if (decision.outcome !== 'blocked') return
    const { until } = decision
    const lifeMs = Math.min(refusalLifeMs, until.getTime() - clock.now().getTime())
    refusals.set(nameOf(ledger), { until, forgetAtMs: clock.monotonicMs() + lifeMs })
    refuseUntil(ledger.policy, until)
  }

  async function look(ledger: Ledger): Promise<Look> {
    const now = clock.now()
    const history = await store.find(ledger.key, now)
    return { ledger, history, decision: judge(ledger, history, clock.now()) }
  }

  /** One try: an entry, `null` where others under way stand in the way, or a refusal. */
  async function tryOnce(seen: Look): Promise<Entry | null> {
    pass(seen)
    if (seen.decision.outcome === 'busy') return null
    const { ledger } = seen
    const slot = `${slotPrefix(ledger)}${randomId()}`
    const now = clock.now()
    const expiresAt = slotEnd(ledger.policy, seen.history, now)
    const history = await store.take({ key: ledger.key, slot, now, expiresAt })
    const decision = judge(ledger, history, now, slot)
    if (decision.outcome === 'admitted') return { ledger, slot, history }
    await store.giveBack(ledger.key, slot)
    pass({ ledger, decision })
    return null
  }

  return {
    look,
    pass,
    recall(ledger) {
      const known = refusals.get(nameOf(ledger))
      if (known && known.forgetAtMs > clock.monotonicMs()) refuseUntil(ledger.policy, known.until)
    },
    enter(seen, deadline) {
      let isFirst = true
      const once = async (): Promise<Entry | null> => {
        const fresh = isFirst ? seen : await look(seen.ledger)
        isFirst = false
        return tryOnce(fresh)
      }
      return line.pass(nameOf(seen.ledger), once, { deadline, onTimeout: () => refusal(seen.ledger.policy, 1) })
    },
    wake(ledger) {
      // Lines of other devices find out by themselves, and soon.
      for (const name of new Set([ledger.key, nameOf(ledger)])) line.wake(name)
    },
    forget: (ledger) => refusals.delete(nameOf(ledger)),
  }
}

/** Each device is judged by what counts for it, and neither waits behind strangers nor is refused with them. */
function nameOf({ key, device }: Ledger): string {
  return device === null ? key : `${key} ${device}`
}

function refusal(policy: AttemptPolicy, retryAfterSeconds: number): AuthError {
  const windowSeconds = policy.kind === 'window' ? policy.windowSeconds : policy.forgetSeconds
  const rateLimit = {
    policy: policy.name,
    quota: policy.limit,
    windowSeconds,
    remaining: 0,
    resetSeconds: retryAfterSeconds,
  }
  return new AuthError('too_many_attempts', { retryAfterSeconds, rateLimit })
}
