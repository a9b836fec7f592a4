import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isScopeName, isScopePattern, matchScope, missingScopes, narrowScopes } from './index.js'

// Few segments, so that patterns meet often.
const segment = fc.constantFrom('a', 'b', 'aa')
const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join(':'))
const pattern = fc.array(fc.oneof(segment, fc.constant('*')), { minLength: 1, maxLength: 4 }).map((all) => all.join(':'))
const patterns = fc.array(pattern, { maxLength: 4 })
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))
const covered = (granted: readonly string[], scope: string): boolean => missingScopes(granted, [scope]).length === 0

/** The rule once more, in other words: each pattern as the set of all names over the segments above. */
const universe = [1, 2, 3, 4].flatMap((length) => {
  let all = ['']
  for (let i = 0; i < length; i++) all = all.flatMap((begun) => ['a', 'b', 'aa'].map((next) => `${begun}:${next}`))
  return all.map((joined) => joined.slice(1))
})
function meaning(granted: string): ReadonlySet<string> {
  if (granted === '*') return new Set(universe)
  const escaped = granted.replaceAll('*', '[^:]+')
  return new Set(universe.filter((scope) => new RegExp(`^${escaped}$`).test(scope)))
}

describe('matchScope', () => {
  it.each([
    ['read:orders', 'read:orders'],
    ['*', 'read:orders'],
    ['*', 'admin'],
    ['*', 'a:b:c:d'],
    ['write:*', 'write:orders'],
    ['*:users', 'read:users'],
    ['*:*', 'read:users'],
    ['a:*:c', 'a:b:c'],
    ['__proto__', '__proto__'],
  ])('RB-03 %s covers %s', (granted, required) => {
    expect(matchScope(granted, required)).toBe(true)
  })

  it.each([
    ['user:*', 'users:read'],
    ['doc:read', 'doc:readAll'],
    ['doc:readAll', 'doc:read'],
    ['read:orders', 'read:orders:own'],
    ['write:*', 'write:orders:own'],
    ['write:*', 'write'],
    ['*:*', 'admin'],
    ['read:Orders', 'read:orders'],
    ['read:orders ', 'read:orders'],
    ['read:orders', 'read:orders '],
    ['read:ord*', 'read:orders'],
    ['r*:orders', 'read:orders'],
    ['a.*', 'a.b'],
    ['a.*', 'a.*'],
    ['read.orders', 'read:orders'],
    ['read:.*', 'read:orders'],
    ['.*', 'read:orders'],
    ['**', 'read:orders'],
    ['read:**', 'read:orders'],
    ['%', 'read:orders'],
    ['(.*)', 'read:orders'],
    ['', ''],
    ['', 'read:orders'],
    ['*', ''],
    ['*', ' '],
    ['*', 'read:'],
    ['*', ':orders'],
    ['*', 'read orders'],
    ['*', 'read:orders\n'],
    ['*', 'a:b:c:d:e'],
    ['*', `read:${'x'.repeat(1000)}`],
    ['read:orders', '*'],
    ['write:*', '*'],
    ['write:orders', 'write:*'],
    ['a:*', '*:b'],
  ])('RB-03 %j does not cover %j', (granted, required) => {
    expect(matchScope(granted, required)).toBe(false)
  })

  it('covers just the names that a pattern stands for, and the patterns that stand for no more', () => {
    fc.assert(
      fc.property(pattern, name, pattern, (granted, scope, other) => {
        expect(matchScope(granted, scope)).toBe(meaning(granted).has(scope))
        if (matchScope(granted, other)) for (const each of meaning(other)) expect(matchScope(granted, each)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('RB-02 grants nothing by the names of what every object has, and is total on any text', () => {
    for (const inherited of Object.getOwnPropertyNames(Object.prototype)) {
      expect(matchScope('read:orders', inherited)).toBe(false)
      expect(matchScope(inherited, 'read:orders')).toBe(false)
    }
    fc.assert(
      fc.property(anyText, anyText, (granted, required) => {
        expect(typeof matchScope(granted, required)).toBe('boolean')
        expect(matchScope(granted, 'read:orders')).toBe(['*', '*:*', '*:orders', 'read:*', 'read:orders'].includes(granted))
      }),
    )
  })
})

describe('missingScopes', () => {
  it('lists what no granted scope covers, in the order of the question', () => {
    expect(missingScopes(['read:*', 'write:orders'], ['write:users', 'read:users', 'write:orders', 'audit:read'])).toEqual([
      'write:users',
      'audit:read',
    ])
    expect(missingScopes([], ['read:users'])).toEqual(['read:users'])
    expect(missingScopes([], [])).toEqual([])
  })
})

describe('narrowScopes', () => {
  it.each([
    [['*'], ['read:orders'], ['read:orders']],
    [['read:orders'], ['*'], ['read:orders']],
    [['read:*'], ['*:orders'], ['read:orders']],
    [['read:*'], ['write:*'], []],
    [['read:orders'], ['read:orders:own'], []],
    [
      ['read:*', '*:orders'],
      ['read:orders', 'write:orders', 'write:users'],
      ['read:orders', 'write:orders'],
    ],
    [[], ['*'], []],
    [['*'], [], []],
    [['*'], ['a.*', 'x y', ''], []],
    [['a.*'], ['*'], []],
  ])('%j and %j have in common %j', (owned, wanted, expected) => {
    expect(narrowScopes(owned, wanted)).toEqual(expected)
  })

  it('RB-04 covers a scope exactly where both sides cover it, whatever the wildcards', () => {
    fc.assert(
      fc.property(patterns, patterns, name, (owned, wanted, scope) => {
        const both = narrowScopes(owned, wanted)
        expect(covered(both, scope)).toBe(covered(owned, scope) && covered(wanted, scope))
        expect(missingScopes(owned, both)).toEqual([])
        expect(missingScopes(wanted, both)).toEqual([])
      }),
      { numRuns: 2000 },
    )
  })
})

describe('isScopeName and isScopePattern', () => {
  it('tell names from patterns and from anything else', () => {
    for (const scope of ['admin', 'read:orders', 'a.b-c_d:1', 'a:b:c:d', 'openid']) {
      expect([isScopeName(scope), isScopePattern(scope)]).toEqual([true, true])
    }
    for (const scope of ['*', 'write:*', '*:users', 'a:*:c']) {
      expect([isScopeName(scope), isScopePattern(scope)]).toEqual([false, true])
    }
    const malformed = ['', ':', 'a:', ':a', 'a::b', 'a b', 'a\n', 'é', 'a:b:c:d:e', 'a*', '**', 'x'.repeat(129), '"', '\\']
    for (const scope of [...malformed, null, undefined, 1, ['*'], {}]) {
      expect([isScopeName(scope), isScopePattern(scope)]).toEqual([false, false])
    }
  })
})
