import { describe, expect, it } from 'vitest'
import type { AccessClaims } from './access-claims.js'
import { createClaimsCache, type VerifiedToken } from './claims-cache.js'

const verified = (jti: string): VerifiedToken => ({ kid: 'a', claims: { jti } as AccessClaims })
const limits = { entries: 3, bytes: 1000, tokenBytes: 100 }

describe('createClaimsCache', () => {
  it('JT-16 CVE-2026-35039 is keyed by the whole token', () => {
    const cache = createClaimsCache()
    const tokens = ['a.b.c', 'a.b.d', 'a.b.c ', 'A.b.c', 'a.b', 'a.b.cc']
    for (const token of tokens) cache.set(token, verified(token), 0)
    for (const token of tokens) expect(cache.get(token, 0)?.claims.jti).toBe(token)
    expect(cache.get('a.b.', 0)).toBeUndefined()
  })

  it('JT-16 is bounded by number; what was not asked for the longest goes first', () => {
    const cache = createClaimsCache(limits)
    for (const token of ['a', 'b', 'c']) cache.set(token, verified(token), 0)
    cache.get('a', 0)
    cache.set('d', verified('d'), 0)
    expect(['a', 'b', 'c', 'd'].filter((token) => cache.get(token, 0))).toEqual(['a', 'c', 'd'])
  })

  it('JT-16 is bounded by size, of each token and of all', () => {
    const cache = createClaimsCache({ entries: 100, bytes: 1000, tokenBytes: 100 })
    cache.set('x'.repeat(101), verified('long'), 0)
    expect(cache.get('x'.repeat(101), 0)).toBeUndefined()
    const tokens = Array.from({ length: 9 }, (_, i) => String(i).repeat(100))
    for (const token of tokens) cache.set(token, verified(token), 0)
    // Each counts twice its length: five fit.
    expect(tokens.filter((token) => cache.get(token, 0))).toEqual(tokens.slice(4))
  })

  it('counts a token that is put in place again once', () => {
    const cache = createClaimsCache(limits)
    for (let i = 0; i < 20; i++) cache.set('a'.repeat(100), verified('a'), 0)
    cache.set('b', verified('b'), 0)
    expect([cache.get('a'.repeat(100), 0), cache.get('b', 0)].every(Boolean)).toBe(true)
  })

  it('JT-16 forgets everything when the keys are others, and takes nothing verified under the ones before', () => {
    const cache = createClaimsCache(limits)
    cache.set('a', verified('a'), 0)
    expect(cache.get('a', 1)).toBeUndefined()
    expect(cache.get('a', 0)).toBeUndefined()
    cache.get('b', 2)
    cache.set('b', verified('b'), 1)
    expect(cache.get('b', 2)).toBeUndefined()
    for (const token of ['c', 'd', 'e']) cache.set(token, verified(token), 2)
    expect(['c', 'd', 'e'].filter((token) => cache.get(token, 2))).toEqual(['c', 'd', 'e'])
  })
})
