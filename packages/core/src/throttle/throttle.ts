import { AuthError } from '../errors.js'
import { createBoundedMap } from '../shared/bounded-map.js'
import type { Clock } from '../shared/clock.js'
import { digestOf } from '../shared/digest.js'
import { later } from '../shared/duration.js'
import { randomId } from '../shared/random.js'
import { addressKey } from './address-key.js'
import { type AttemptPolicy, addressPolicy, checkAttemptPolicy, slotLifeSeconds } from './attempt-policy.js'
import type { AttemptStore } from './attempt-store.js'
import { decideAttempt } from './decide-attempt.js'
import { createWaitingLine } from './waiting-line.js'

/** What is about to be tested, and from where. */
export interface AttemptSource {
  readonly kind: 'password' | 'api-key'
  /** The client's address, already judged by the rules of trusted proxies. */
  readonly ip: string | undefined
}

/** A slot that was taken. Only the first call of either method acts; without any the slot expires by itself. */
export interface Attempt {
  /** Counts the attempt as failed. @throws StoreError */
  failed(): Promise<void>
  /**
   * Gives the slot back: the secret was right, or none was tested. Under `count: 'attempts'` it stays counted.
   * @throws StoreError
   */
  giveBack(): Promise<void>
}

/** Limits how often secrets can be tested. */
export interface Throttle {
  /**
   * Takes a slot before a secret is tested: at most `limit` are under way or have failed in any window, however many
   * processes ask at once. Waits up to a second while only attempts under way stand in the way.
   * @throws AuthError `too_many_attempts` with `retryAfterSeconds` and `rateLimit`; StoreError where the ledger does not answer.
   */
  begin(attempt: AttemptSource): Promise<Attempt>
  /**
   * Reads whether the source is blocked, and takes no slot.
   * @throws AuthError `too_many_attempts`; StoreError
   */
  check(attempt: AttemptSource): Promise<void>
}

/** What the throttle needs. */
export interface ThrottleDeps {
  readonly store: Pick<AttemptStore, 'find' | 'take' | 'settle' | 'giveBack'>
  readonly clock: Clock
  /** Default: 5 failures a minute an address, see `addressPolicy`. */
  readonly policy?: AttemptPolicy
  /** Whether successes count as well. */
  readonly count: 'failures' | 'attempts'
}

const maxWaitMs = 1000
const pollMs = 50
/** How long a refusal is repeated without asking the store again, and for how many keys. */
const refusalLifeMs = 1000
const refusalCapacity = 10_000

/** Makes the throttle. @throws ConfigError */
export function createThrottle({ store, clock, policy = addressPolicy, count }: ThrottleDeps): Throttle {
  checkAttemptPolicy(policy)
  const slotLife = slotLifeSeconds(policy)
  const refusals = createBoundedMap<string, { readonly until: Date; readonly forgetAtMs: number }>(refusalCapacity)
  const line = createWaitingLine<Attempt>({ clock, maxWaitMs, pollMs, onTimeout: () => refusal(policy, 1) })

  function refuseUntil(until: Date): never {
    throw refusal(policy, Math.max(1, Math.ceil((until.getTime() - clock.now().getTime()) / 1000)))
  }

  function refuse(key: string, until: Date): never {
    const lifeMs = Math.min(refusalLifeMs, until.getTime() - clock.now().getTime())
    refusals.set(key, { until, forgetAtMs: clock.monotonicMs() + lifeMs })
    return refuseUntil(until)
  }

  /** One try: an attempt, `null` where others under way stand in the way, or a refusal. */
  async function tryOnce(key: string): Promise<Attempt | null> {
    const advice = decideAttempt(policy, await store.find(key, clock.now()), clock.now())
    if (advice.outcome === 'blocked') refuse(key, advice.until)
    if (advice.outcome === 'busy') return null
    const slot = randomId()
    const now = clock.now()
    const ledger = await store.take({ key, slot, now, expiresAt: later(now, slotLife) })
    const decision = decideAttempt(policy, ledger, now, slot)
    if (decision.outcome === 'admitted') return openAttempt(key, slot)
    await store.giveBack(key, slot)
    if (decision.outcome === 'blocked') refuse(key, decision.until)
    return null
  }

  function openAttempt(key: string, slot: string): Attempt {
    let isOpen = true
    const close = async (act: () => Promise<unknown>): Promise<void> => {
      if (!isOpen) return
      isOpen = false
      await act()
      line.wake(key)
    }
    const settle = (): Promise<void> => close(() => store.settle(key, slot, clock.now()))
    return { failed: settle, giveBack: count === 'attempts' ? settle : () => close(() => store.giveBack(key, slot)) }
  }

  /** The source's ledger, unless it was found blocked a moment ago. */
  async function ledgerOf({ kind, ip }: AttemptSource): Promise<string> {
    const key = await digestOf('attempt-ledger', kind, 'address', addressKey(ip))
    const known = refusals.get(key)
    if (known && known.forgetAtMs > clock.monotonicMs()) refuseUntil(known.until)
    return key
  }

  return {
    async begin(source) {
      const key = await ledgerOf(source)
      return line.pass(key, () => tryOnce(key))
    },
    async check(source) {
      const key = await ledgerOf(source)
      const advice = decideAttempt(policy, await store.find(key, clock.now()), clock.now())
      if (advice.outcome === 'blocked') refuse(key, advice.until)
    },
  }
}

function refusal({ name, limit, windowSeconds }: AttemptPolicy, retryAfterSeconds: number): AuthError {
  const rateLimit = { policy: name, quota: limit, windowSeconds, remaining: 0, resetSeconds: retryAfterSeconds }
  return new AuthError('too_many_attempts', { retryAfterSeconds, rateLimit })
}
