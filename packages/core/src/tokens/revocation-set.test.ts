import { describe, expect, it } from 'vitest'
import { createRevocationSet, entryIdOf } from './revocation-set.js'

describe('createRevocationSet', () => {
  it('keeps kinds apart: one name of two kinds is two things', () => {
    const set = createRevocationSet()
    set.add({ session: 'a' }, 0, 1000)
    expect(set.has('session', 'a')).toBe(true)
    for (const kind of ['jti', 'user', 'apiKey', 'client', 'kid'] as const) expect(set.has(kind, 'a')).toBe(false)
    for (const target of [{ jti: 'b' }, { apiKey: 'c' }, { client: 'd' }, { kid: 'e' }]) {
      set.add(target, 0, 1000)
      const [[kind, id]] = Object.entries(target) as [['jti' | 'apiKey' | 'client' | 'kid', string]]
      expect(set.has(kind, id)).toBe(true)
    }
    expect(set.size).toBe(5)
    for (const name of ['__proto__', 'constructor', '']) expect(set.has('session', name)).toBe(false)
  })

  it('takes back the versions of a user below the highest that was told, in whatever order', () => {
    for (const versions of [
      [3, 5],
      [5, 3],
      [5, 5],
    ]) {
      const set = createRevocationSet()
      for (const minVersion of versions) set.add({ user: 'a', minVersion }, 0, 1000)
      expect([3, 4, 5, 6].map((version) => set.has('user', 'a', version))).toEqual([true, true, false, false])
      expect(set.has('user', 'a')).toBe(true)
      expect(set.has('user', 'b', 0)).toBe(false)
    }
  })

  it('is bounded: forgets what is over, and nothing before', () => {
    const set = createRevocationSet()
    for (let minute = 0; minute < 1000; minute++) {
      set.add({ jti: String(minute) }, minute * 60_000, 65 * 60_000)
      for (let age = 0; age < Math.min(65, minute + 1); age++) expect(set.has('jti', String(minute - age))).toBe(true)
      expect(set.size).toBeLessThanOrEqual(66)
    }
  })

  it('shortens nothing that is told again with an earlier end', () => {
    const set = createRevocationSet()
    set.add({ session: 'a' }, 0, 600_000)
    set.add({ session: 'a' }, 1, 1000)
    set.add({ session: 'b' }, 300_000, 1000)
    expect(set.has('session', 'a')).toBe(true)
    set.add({ session: 'b' }, 660_000, 1000)
    expect(set.has('session', 'a')).toBe(false)
  })
})

describe('entryIdOf', () => {
  it('is one for one target, and another for any other', () => {
    const targets = [
      { session: 'a' },
      { jti: 'a' },
      { apiKey: 'a' },
      { client: 'a' },
      { kid: 'a' },
      { user: 'a', minVersion: 1 },
      { user: 'a', minVersion: 2 },
      { user: 'b', minVersion: 1 },
    ]
    expect(new Set(targets.map(entryIdOf)).size).toBe(targets.length)
    expect(targets.map(entryIdOf)).toEqual(structuredClone(targets).map(entryIdOf))
    expect(entryIdOf({ user: 'a', minVersion: 2 })).toBe('user:a:2')
  })
})
