import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lockBegunBy, slotEnd } from './decide-attempt.js'
import { hasLocked, runEndedBy } from './decide-run.js'
import { type AttemptSlot, accountPolicy, decideAttempt, devicePolicy } from './index.js'

const at = (second: number): Date => new Date(1_800_000_000_000 + second * 1000)
const slot = (second: number, failed = true, id = `slot-${second}`): AttemptSlot => ({ id, at: at(second), failed })
const failures = (count: number, from = 0, pause = 1): AttemptSlot[] =>
  Array.from({ length: count }, (_, index) => slot(from + index * pause))
const decide = (history: readonly AttemptSlot[], second: number, own?: string) =>
  decideAttempt(accountPolicy, history, at(second), own)
const blockedUntil = (second: number): object => ({ outcome: 'blocked', until: at(second) })
const day = 86_400

interface Kept extends AttemptSlot {
  readonly end: Date
}

/** Fails whenever it may, after each of the pauses, on a ledger that forgets slots at their end. */
function attack(pauses: readonly number[]) {
  let ledger: Kept[] = []
  const failed: number[] = []
  let longest = 0
  let second = 0
  for (const pause of pauses) {
    second += pause
    ledger = ledger.filter(({ end }) => end > at(second))
    longest = Math.max(longest, ledger.length)
    if (decide(ledger, second).outcome !== 'admitted') continue
    ledger.push({ ...slot(second), id: `${failed.length}`, end: slotEnd(accountPolicy, ledger, at(second)) })
    failed.push(second)
  }
  return { failed, longest }
}

describe('decideRun', () => {
  it('BF-01 locks for 15 minutes at the tenth failure, for an hour at the next ten, and so on', () => {
    expect(decide(failures(9), 9)).toEqual({ outcome: 'admitted', remaining: 0 })
    const first = failures(10)
    expect(decide(first, 9)).toEqual(blockedUntil(909))
    expect(decide(first, 908.999)).toEqual(blockedUntil(909))
    expect(decide(first, 909)).toEqual({ outcome: 'admitted', remaining: 9 })
    const second = [...first, ...failures(10, 909)]
    expect(decide(second, 918)).toEqual(blockedUntil(918 + 3600))
    expect(decide([...second, ...failures(10, 5000)], 5009)).toEqual(blockedUntil(5009 + 3600))
  })

  it('BF-01 counts failures however far apart they are, until a day is over', () => {
    expect(decide(failures(10, 0, 9000), 81_000)).toEqual(blockedUntil(81_000 + 900))
    expect(decide([...failures(9), slot(day - 1)], day - 1)).toEqual(blockedUntil(day - 1 + 900))
    expect(decide([...failures(9), slot(day)], day)).toEqual({ outcome: 'admitted', remaining: 8 })
    expect(decide(failures(9), day)).toEqual({ outcome: 'admitted', remaining: 9 })
  })

  it('begins with a short lock again after a day, and lets one in force end in its time', () => {
    const late = [...failures(9), slot(day - 2)]
    expect(decide(late, day + 60)).toEqual(blockedUntil(day - 2 + 900))
    expect(decide(late, day + 898)).toEqual({ outcome: 'admitted', remaining: 9 })
    expect(decide([...failures(10), ...failures(10, day)], day + 9)).toEqual(blockedUntil(day + 9 + 900))
  })

  it('BF-02 admits no more than are left of the limit while others are under way, and forgets these after a minute', () => {
    const history = [...failures(6), ...[6, 7, 8, 9].map((second) => slot(second, false))]
    expect(decide(history, 9, 'slot-9')).toEqual({ outcome: 'admitted', remaining: 0 })
    expect(decide(history, 10)).toEqual({ outcome: 'busy' })
    expect(decide(history, 66)).toEqual({ outcome: 'admitted', remaining: 0 })
  })

  it('ends with a success the failures before it, and neither what is under way nor the locks that were', () => {
    const locked = failures(10)
    const history = [...locked, ...failures(3, 1000), slot(1003, false), slot(1004, false, 'own'), slot(1005)]
    const ended = runEndedBy(accountPolicy, history, at(1010), 'own')
    expect(ended.map(({ id }) => id)).toEqual(['slot-1000', 'slot-1001', 'slot-1002'])
    const after = history.filter((one) => !ended.includes(one) && one.id !== 'own')
    expect(decide(after, 1100)).toEqual({ outcome: 'admitted', remaining: 8 })
    expect(decide([...after, ...failures(9, 1100)], 1108)).toEqual(blockedUntil(1108 + 3600))
    expect(runEndedBy(accountPolicy, history, at(1010), 'gone')).toEqual([])
  })

  it('tells exactly one failure of each ten that it has locked, in whatever order their outcomes come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 10 }), (order) => {
        const taken = failures(10).map((one) => ({ ...one, failed: false }))
        const told = order.map((index, done) => {
          const isFailed = (place: number): boolean => order.slice(0, done + 1).includes(place)
          const ledger = taken.map((one, place) => ({ ...one, failed: isFailed(place) }))
          return lockBegunBy(accountPolicy, ledger, at(10), `slot-${index}`)
        })
        expect(told.filter((until) => until !== null)).toEqual([at(909)])
        expect(told.at(-1)).toEqual(at(909))
      }),
    )
  })

  it('tells nothing of a failure that comes to light once others have locked', () => {
    const late = [slot(-100, false, 'late'), ...failures(10)]
    const known = late.map((one) => ({ ...one, failed: true }))
    expect(lockBegunBy(accountPolicy, known, at(10), 'late')).toBeNull()
    expect(lockBegunBy(accountPolicy, late, at(10), 'slot-9')).toEqual(at(909))
  })

  it('knows for as long as slots are kept that a device has failed ten times in a row', () => {
    expect(hasLocked(devicePolicy, failures(9), at(10))).toBe(false)
    expect(hasLocked(devicePolicy, failures(10), at(10))).toBe(true)
    expect(hasLocked(devicePolicy, failures(10), at(29 * day))).toBe(true)
  })

  it('BF-01 never lets more than ten fail in a row within a day, however they are spaced and slots are forgotten', () => {
    const pause = fc.oneof(fc.nat(3), fc.nat(1000), fc.nat(10_000), fc.constantFrom(day - 1, day, 9000, 3600, 900))
    fc.assert(
      fc.property(fc.array(pause, { minLength: 20, maxLength: 150 }), (pauses) => {
        const { failed, longest } = attack(pauses)
        expect(longest).toBeLessThanOrEqual(20 + (24 + 1) * 10)
        // Of any eleven in a row within a day, two have a lock between them, or a day has begun anew.
        for (const [index, second] of failed.entries()) {
          const eleven = failed.slice(index, index + 11)
          if (eleven.length < 11) break
          const longestPause = Math.max(...eleven.slice(1).map((time, place) => time - (eleven[place] ?? 0)))
          if (longestPause < 900) expect(periodsIn(failed, second, eleven.at(-1) ?? 0)).toBe(true)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('BF-09 keeps the ledger of an attacker who never stops within 270 slots', () => {
    for (const pause of [30, 400]) {
      const { longest, failed } = attack(Array.from({ length: Math.ceil((2 * day) / pause) }, () => pause))
      expect(longest).toBeLessThanOrEqual(270)
      expect(failed.length).toBeLessThanOrEqual(2 * (10 + 24 * 10))
    }
  })
})

/** Whether a period of a day begins after `from` and not after `to`, where the first began with the first failure. */
function periodsIn(failed: readonly number[], from: number, to: number): boolean {
  let start = Number.NEGATIVE_INFINITY
  for (const second of failed) {
    if (second < start + day) continue
    start = second
    if (start > from && start <= to) return true
  }
  return false
}
