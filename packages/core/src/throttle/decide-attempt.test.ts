import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.js'
import { checkAttemptPolicy } from './attempt-policy.js'
import {
  type AttemptPolicy,
  type AttemptSlot,
  accountPolicy,
  addressPolicy,
  decideAttempt,
  devicePolicy,
  slotLifeSeconds,
} from './index.js'

const at = (second: number): Date => new Date(1_800_000_000_000 + second * 1000)
const slot = (second: number, failed = true): AttemptSlot => ({ id: `slot-${second}`, at: at(second), failed })
const decide = (history: readonly AttemptSlot[], second: number, own?: string) =>
  decideAttempt(addressPolicy, history, at(second), own)
const failures = (...seconds: number[]): AttemptSlot[] => seconds.map((second) => slot(second))
const burst = (second: number): AttemptSlot[] => failures(second, second, second, second, second)
const blockedUntil = (second: number): object => ({ outcome: 'blocked', until: at(second) })

/** Fails whenever it may, after each of the pauses; answers the failures and what was decided at each try. */
function attack(pauses: readonly number[], policy: AttemptPolicy = addressPolicy) {
  const ledger: AttemptSlot[] = []
  let second = 0
  for (const pause of pauses) {
    second += pause
    if (decideAttempt(policy, ledger, at(second)).outcome === 'admitted') ledger.push(slot(second))
  }
  return ledger
}

describe('decideAttempt', () => {
  it('admits five failures a minute and blocks until the oldest is 60 seconds old', () => {
    expect(decide([], 0)).toEqual({ outcome: 'admitted', remaining: 4 })
    expect(decide(failures(0, 10, 20, 30), 40)).toEqual({ outcome: 'admitted', remaining: 0 })
    expect(decide(failures(0, 10, 20, 30, 40), 40)).toEqual(blockedUntil(60))
    expect(decide(failures(0, 10, 20, 30, 40), 59.999)).toEqual(blockedUntil(60))
    expect(decide(failures(0, 10, 20, 30, 40), 60)).toEqual({ outcome: 'admitted', remaining: 0 })
    expect(decide(burst(0), 60)).toEqual({ outcome: 'admitted', remaining: 4 })
  })

  it('is busy, not blocked, while attempts under way stand in the way, and forgets them after a window', () => {
    const underWay = [slot(0, false), slot(1, false), ...failures(2, 3, 4)]
    expect(decide(underWay, 5)).toEqual({ outcome: 'busy' })
    expect(decide(underWay, 60)).toEqual({ outcome: 'admitted', remaining: 0 })
    expect(decide(underWay, 61)).toEqual({ outcome: 'admitted', remaining: 1 })
  })

  it('BF-02 counts for a slot what came before it and nothing that came after', () => {
    const history = [slot(0), slot(1, false), slot(2, false), slot(3, false), slot(4, false), slot(5, false), slot(6)]
    expect(decide(history, 6, 'slot-4')).toEqual({ outcome: 'admitted', remaining: 0 })
    expect(decide(history, 6, 'slot-5')).toEqual({ outcome: 'busy' })
    expect(decide(history, 6, 'not there')).toEqual({ outcome: 'busy' })
  })

  it('locks for 15 minutes at the third block within an hour, and for an hour at the next', () => {
    const third = [...burst(0), ...burst(60), ...burst(120)]
    expect(decide(third.slice(0, 10), 60)).toEqual(blockedUntil(120))
    expect(decide(third, 120)).toEqual(blockedUntil(120 + 900))
    expect(decide(third, 1019)).toEqual(blockedUntil(1020))
    expect(decide(third, 1020)).toEqual({ outcome: 'admitted', remaining: 4 })
    const fourth = [...third, ...burst(1020)]
    expect(decide(fourth, 1020)).toEqual(blockedUntil(1020 + 3600))
    const fifth = [...fourth, ...burst(4620)]
    expect(decide(fifth, 4620)).toEqual(blockedUntil(4620 + 3600))
  })

  it('locks no one whose blocks are further apart', () => {
    expect(decide([...burst(0), ...burst(1800), ...burst(3600)], 3600)).toEqual(blockedUntil(3660))
    expect(decide([...burst(0), ...burst(1800), ...burst(3599)], 3599)).toEqual(blockedUntil(3599 + 900))
  })

  it('starts anew once the last lock is long ago', () => {
    const locked = [...burst(0), ...burst(60), ...burst(120)]
    expect(decide([...locked, ...burst(120 + 7200)], 120 + 7200)).toEqual(blockedUntil(120 + 7200 + 60))
    expect(decide([...locked, ...burst(120 + 7199)], 120 + 7199)).toEqual(blockedUntil(120 + 7199 + 3600))
  })

  it('takes failures within a block, of attempts begun under another policy, for no further block', () => {
    expect(decide([...burst(0), ...failures(10, 20, 30)], 30)).toEqual(blockedUntil(60))
  })

  it('does not depend on the order in which clocks that differ wrote the slots', () => {
    expect(decide(failures(40, 0, 30, 10, 20), 41)).toEqual(blockedUntil(60))
  })

  it('never lets more than the limit fail in any window, however the attempts are spaced', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(3), fc.nat(70), fc.nat(4000)), { maxLength: 400 }), (pauses) => {
        const times = attack(pauses).map((failure) => failure.at.getTime())
        for (const [index, time] of times.entries()) {
          const sixth = times[index + addressPolicy.limit]
          if (sixth !== undefined) expect(sixth - time).toBeGreaterThanOrEqual(60_000)
        }
      }),
    )
  })

  it('says a time until which it blocks and after which it does not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(3), fc.nat(70), fc.nat(1200)), { maxLength: 200 }),
        fc.nat(100),
        (pauses, later) => {
          const ledger = attack(pauses)
          const now = new Date((ledger.at(-1)?.at.getTime() ?? 0) + later * 1000)
          const decision = decideAttempt(addressPolicy, ledger, now)
          if (decision.outcome !== 'blocked') return
          expect(decision.until.getTime()).toBeGreaterThan(now.getTime())
          const before = new Date(decision.until.getTime() - 1)
          expect(decideAttempt(addressPolicy, ledger, before)).toEqual(decision)
          expect(decideAttempt(addressPolicy, ledger, decision.until).outcome).toBe('admitted')
        },
      ),
    )
  })

  it('decides the same with the expired slots as without them', () => {
    const life = slotLifeSeconds(addressPolicy) * 1000
    const pauses = fc.array(fc.oneof(fc.constant(0), fc.nat(15), fc.nat(70), fc.integer({ min: 800, max: 4000 })), {
      maxLength: 500,
    })
    fc.assert(
      fc.property(pauses, (given) => {
        const ledger = attack(given)
        for (const { at: now } of ledger) {
          const past = ledger.filter((failure) => failure.at <= now)
          const live = past.filter((failure) => failure.at.getTime() + life > now.getTime())
          expect(decideAttempt(addressPolicy, live, now)).toEqual(decideAttempt(addressPolicy, past, now))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('BF-09 keeps the ledger of an attacker who never stops within 1,205 slots', () => {
    const life = slotLifeSeconds(addressPolicy)
    const bound = addressPolicy.limit * Math.ceil(life / addressPolicy.windowSeconds)
    expect(bound).toBe(1205)
    // As fast as he may; and one failure less than would block him, for ever.
    for (const pause of [1, 12, 15]) {
      const ledger = attack(Array.from({ length: Math.ceil((2 * life) / pause) }, () => pause))
      for (const { at: now } of ledger.slice(-1200)) {
        const live = ledger.filter((failure) => failure.at <= now && failure.at.getTime() + life * 1000 > now.getTime())
        expect(live.length).toBeLessThanOrEqual(bound)
      }
    }
  })
})

describe('checkAttemptPolicy', () => {
  const { locks } = addressPolicy
  it.each<AttemptPolicy>([
    { ...addressPolicy, limit: 101 },
    { ...addressPolicy, limit: 0 },
    { ...addressPolicy, limit: 2.5 },
    { ...addressPolicy, windowSeconds: 0 },
    { ...addressPolicy, locks: locks && { ...locks, lockSeconds: -1 } },
    { ...accountPolicy, limit: 101 },
    { ...accountPolicy, lockSeconds: 0 },
    { ...accountPolicy, forgetSeconds: Number.NaN },
  ])('BF-01 refuses %o', (policy) => {
    expect(() => checkAttemptPolicy(policy)).toThrow(ConfigError)
  })

  it.each<AttemptPolicy>([addressPolicy, { ...addressPolicy, locks: null }, accountPolicy, devicePolicy])(
    'takes %o',
    (policy) => {
      expect(() => checkAttemptPolicy(policy)).not.toThrow()
    },
  )
})
