import type { Clock } from '../shared/clock.js'
import { accountPolicy, addressPolicy, checkAttemptPolicy } from './attempt-policy.js'
import type { AttemptStore } from './attempt-store.js'
import { lockBegunBy } from './decide-attempt.js'
import { hasLocked, runEndedBy } from './decide-run.js'
import { createGate, type Entry, type Look } from './gate.js'
import { createLedgers, type Ledger, type LimitedBy, type ThrottlePolicies } from './ledgers.js'

/** What is about to be tested, and from where. */
export interface AttemptSource extends LimitedBy {
  /**
   * Finds out which known device this comes from: an id for which the account has signed in there, or `null`. Asked once at most.
   */
  readonly device?: (() => Promise<string | null>) | undefined
}

/** A failure that was counted. */
export interface CountedFailure {
  /** Until when the account is locked, where this very failure locked it. Of racers exactly one is told. */
  readonly lockedUntil: Date | null
}

/** An attempt that was admitted: a slot on each of its ledgers. Only the first call of any method acts; without any the slots expire by themselves. */
export interface Attempt {
  /** Whether it comes from a device that the account has signed in on. */
  readonly isKnownDevice: boolean
  /** Counts the attempt as failed. @throws StoreError */
  failed(): Promise<CountedFailure>
  /**
   * The secret was right: gives the slots back, and ends the run of failures before it on the account, or on the device where
   * it came from one. Under `count: 'attempts'` it stays counted on the address.
   * @throws StoreError
   */
  succeeded(): Promise<void>
  /** Gives the slots back: no secret was tested. @throws StoreError */
  giveBack(): Promise<void>
}

/** Limits how often secrets can be tested. */
export interface Throttle {
  /**
   * Takes a slot on each ledger before a secret is tested: at most `limit` are under way or have failed on any, however many
   * processes ask at once. Waits up to a second while only attempts under way stand in the way. Where one ledger
   * refuses, no slot stays on the others.
   * @throws AuthError `too_many_attempts` with `retryAfterSeconds` and `rateLimit`; StoreError where the ledgers do not answer.
   */
  begin(attempt: AttemptSource): Promise<Attempt>
  /**
   * Reads whether the source is blocked, and takes no slot.
   * @throws AuthError `too_many_attempts`; StoreError
   */
  check(attempt: AttemptSource): Promise<void>
  /** Until when an account is locked for devices it has not signed in on; `null` where it is not. @throws StoreError */
  lockedUntil(account: string): Promise<Date | null>
  /** Forgets the failures on an account, and with them its lock. Other processes may refuse for a second longer. @throws StoreError */
  clearAccount(account: string): Promise<void>
}

/** What the throttle needs. */
export interface ThrottleDeps {
  readonly store: Pick<AttemptStore, 'find' | 'take' | 'settle' | 'giveBack' | 'clear'>
  readonly clock: Clock
  /** Default: 5 failures a minute an address, 10 in a row an account; see `addressPolicy` and `accountPolicy`. */
  readonly policies?: ThrottlePolicies
  /** Whether successes count as well, on addresses. */
  readonly count: 'failures' | 'attempts'
}

const maxWaitMs = 1000
const defaultPolicies: ThrottlePolicies = { address: addressPolicy, account: accountPolicy }

/** Makes the throttle. @throws ConfigError */
export function createThrottle({ store, clock, policies = defaultPolicies, count }: ThrottleDeps): Throttle {
  checkAttemptPolicy(policies.address)
  checkAttemptPolicy(policies.account)
  const ledgers = createLedgers(policies)
  const gate = createGate({ store, clock })

  async function look(all: readonly Ledger[]): Promise<readonly Look[]> {
    for (const ledger of all) gate.recall(ledger)
    return Promise.all(all.map(gate.look))
  }

  /** What stands on the ledgers of the device; `null` for a stranger, and where its own failures have voided its mark. */
  async function lookAsDevice(source: AttemptSource): Promise<readonly Look[] | null> {
    const device = await source.device?.()
    if (device == null) return null
    const looks = await look(await ledgers.ofDevice(source, device))
    const isVoid = looks.some(
      ({ ledger: { policy }, history }) => policy.kind === 'run' && hasLocked(policy, history, clock.now()),
    )
    return isVoid ? null : looks
  }

  /** Enters one ledger after the other, always in the same order, so that no two attempts wait for each other. */
  async function enterAll(looks: readonly Look[], deadline: number): Promise<readonly Entry[]> {
    for (const seen of looks) gate.pass(seen)
    const entries: Entry[] = []
    try {
      for (const seen of looks) entries.push(await gate.enter(seen, deadline))
      return entries
    } catch (error) {
      await inAll(entries, removeSlot).catch(() => undefined)
      throw error
    }
  }

  async function removeSlot({ ledger, slot }: Entry): Promise<void> {
    await store.giveBack(ledger.key, slot)
    gate.wake(ledger)
  }

  async function settleSlot({ ledger, slot }: Entry): Promise<Date | null> {
    const history = await store.settle(ledger.key, slot, clock.now())
    gate.wake(ledger)
    return ledger.policy.kind === 'run' ? lockBegunBy(ledger.policy, history, clock.now(), slot) : null
  }

  async function endRun(entry: Entry): Promise<void> {
    const { ledger, slot, history } = entry
    if (ledger.policy.kind === 'window') return void (await (count === 'attempts' ? settleSlot(entry) : removeSlot(entry)))
    const ended = runEndedBy(ledger.policy, history, clock.now(), slot)
    await inAll([...ended.map(({ id }) => ({ ...entry, slot: id })), entry], removeSlot)
  }

  function openAttempt(entries: readonly Entry[], isKnownDevice: boolean): Attempt {
    let isOpen = true
    const close = async <T>(act: (entry: Entry) => Promise<T>): Promise<readonly T[]> => {
      if (!isOpen) return []
      isOpen = false
      return inAll(entries, act)
    }
    return {
      isKnownDevice,
      giveBack: async () => void (await close(removeSlot)),
      succeeded: async () => void (await close(endRun)),
      async failed() {
        const locks = await close(settleSlot)
        return { lockedUntil: (isKnownDevice ? null : locks.find((until) => until !== null)) ?? null }
      },
    }
  }

  return {
    async begin(source) {
      const deadline = clock.monotonicMs() + maxWaitMs
      const known = await lookAsDevice(source)
      const entries = await enterAll(known ?? (await look(await ledgers.ofStranger(source))), deadline)
      return openAttempt(entries, known !== null)
    },
    async check(source) {
      for (const seen of await look(await ledgers.ofStranger(source))) gate.pass(seen)
    },
    async lockedUntil(account) {
      const { decision } = await gate.look(await ledgers.ofAccount(account))
      return decision.outcome === 'blocked' ? decision.until : null
    },
    async clearAccount(account) {
      const ledger = await ledgers.ofAccount(account)
      await store.clear(ledger.key)
      gate.forget(ledger)
      gate.wake(ledger)
    },
  }
}

/** Does the same on each, and waits for all also where one fails. */
async function inAll<T>(entries: readonly Entry[], act: (entry: Entry) => Promise<T>): Promise<readonly T[]> {
  const outcomes = await Promise.allSettled(entries.map(act))
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}
