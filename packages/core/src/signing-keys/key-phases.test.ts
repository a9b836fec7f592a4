import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activationTime, type KeyTimes, keyPhase, publishSeconds, retireSeconds, signingKeyAt } from './key-phases.js'

const at = (seconds: number): Date => new Date(1_800_000_000_000 + seconds * 1000)
const key = (ordinal: number, activeFrom: number): KeyTimes => ({ ordinal, activeFrom: at(activeFrom) })

describe('keyPhase', () => {
  it('KM-03 goes from next to active to retired to gone, each for as long as it must', () => {
    const first = key(1, 0)
    const second = key(2, 1000 + publishSeconds)
    const all = [first, second]
    const turn = 1000 + publishSeconds
    const seen = (seconds: number): string[] => all.map((each) => keyPhase(each, all, at(seconds)))
    expect(seen(1000)).toEqual(['active', 'next'])
    expect(seen(turn - 1)).toEqual(['active', 'next'])
    expect(seen(turn)).toEqual(['retired', 'active'])
    expect(seen(turn + retireSeconds - 1)).toEqual(['retired', 'active'])
    expect(seen(turn + retireSeconds)).toEqual(['gone', 'active'])
  })

  it('KM-03 gives verifiers JWKS life, ring refresh and skew before a key signs, and a token its hour and skew after', () => {
    expect(publishSeconds).toBe(300 + 60 + 120)
    expect(retireSeconds).toBe(3600 + 120)
    expect(activationTime(at(0), false)).toEqual(at(publishSeconds))
    expect(activationTime(at(0), true)).toEqual(at(0))
  })

  it('KM-03 never lets a key sign that was overtaken before its time', () => {
    const all = [key(1, 0), key(2, 600), key(3, 120)]
    for (const seconds of [120, 599, 600, 700, 5000]) expect(signingKeyAt(all, at(seconds))?.ordinal).toBe(3)
  })

  it('KM-03 has exactly one key to sign at any time, whatever the rows and the clock, and never one that is gone', () => {
    const rows = fc.uniqueArray(
      fc.record({ ordinal: fc.integer({ min: 1, max: 50 }), activeFrom: fc.integer({ min: -9999, max: 9999 }) }),
      {
        selector: ({ ordinal }) => ordinal,
        minLength: 1,
        maxLength: 6,
      },
    )
    fc.assert(
      fc.property(rows, fc.integer({ min: -20_000, max: 20_000 }), (drawn, seconds) => {
        const all = drawn.map(({ ordinal, activeFrom }) => key(ordinal, activeFrom))
        const phases = all.map((each) => keyPhase(each, all, at(seconds)))
        expect(phases.filter((phase) => phase === 'active').length).toBeLessThanOrEqual(1)
        const signing = signingKeyAt(all, at(seconds))
        expect(signing).not.toBeNull()
        if (signing) expect(['active', 'next']).toContain(keyPhase(signing, all, at(seconds)))
      }),
      { numRuns: 2000 },
    )
  })
})
