import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.js'
import { defineRoles, missingScopes, type RoleDefinition } from './index.js'

const roles = defineRoles(
  {
    user: { scopes: ['read:orders'] },
    support: { inherits: ['user'], scopes: ['read:users', 'users:read'] },
    lead: { inherits: ['support', 'user'], scopes: ['write:*'] },
    admin: { scopes: ['*'] },
    guest: {},
  },
  { scopes: ['read:analytics'] },
)

/** The paths of all that is wrong. */
function problemsOf(definitions: unknown, more?: unknown): string[] {
  try {
    defineRoles(definitions as Record<string, object>, more as { scopes: string[] })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path }) => path)
  }
}

describe('defineRoles', () => {
  it('resolves inheritance, sorted and each name once', () => {
    expect(roles.resolve(['lead'])).toEqual({
      roles: ['lead', 'support', 'user'],
      scopes: ['read:orders', 'read:users', 'users:read', 'write:*'],
    })
    expect(roles.resolve(['user', 'support', 'user'])).toEqual({
      roles: ['support', 'user'],
      scopes: ['read:orders', 'read:users', 'users:read'],
    })
    expect(roles.resolve(['guest'])).toEqual({ roles: ['guest'], scopes: [] })
    expect(roles.resolve([])).toEqual({ roles: [], scopes: [] })
  })

  it('RB-01 gives nothing to role names that are not declared', () => {
    expect(roles.resolve(['superuser', 'User', 'user ', '', '*'])).toEqual({ roles: [], scopes: [] })
    expect(roles.resolve(['gone', 'user'])).toEqual(roles.resolve(['user']))
    expect([roles.has('user'), roles.has('superuser'), roles.has('')]).toEqual([true, false, false])
  })

  it('RB-02 gives nothing to the names of what every object has', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    for (const name of before) {
      expect(roles.has(name)).toBe(false)
      expect(roles.hasScope(name)).toBe(false)
      expect(roles.resolve([name])).toEqual({ roles: [], scopes: [] })
    }
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
  })

  it('RB-02 takes such names for roles like any others where they are declared', () => {
    const odd = defineRoles(JSON.parse('{ "__proto__": { "scopes": ["a:b"] }, "toString": { "inherits": ["__proto__"] } }'))
    expect(odd.resolve(['toString']).scopes).toEqual(['a:b'])
    expect(odd.resolve(['constructor']).scopes).toEqual([])
    expect(Reflect.get({}, 'scopes')).toBe(undefined)
  })

  it('knows the scopes that a guard may ask for: names, more names and the own ones of the SDK, and no patterns', () => {
    expect(roles.scopeNames).toEqual([
      'audit:read',
      'read:analytics',
      'read:orders',
      'read:users',
      'users:manage',
      'users:read',
    ])
    for (const scope of roles.scopeNames) expect(roles.hasScope(scope)).toBe(true)
    for (const scope of ['*', 'write:*', 'write:orders', 'raed:orders', '']) expect(roles.hasScope(scope)).toBe(false)
    expect(roles.roleNames).toEqual(['admin', 'guest', 'lead', 'support', 'user'])
  })

  it('is frozen and keeps what was declared, whatever becomes of the declaration', () => {
    const user: { scopes: string[] } = { scopes: ['read:orders'] }
    const more = { scopes: ['read:analytics'] }
    const kept = defineRoles({ user }, more)
    user.scopes.push('*')
    more.scopes.push('read:everything')
    expect(kept.resolve(['user']).scopes).toEqual(['read:orders'])
    expect(kept.hasScope('read:everything')).toBe(false)
    const resolved = kept.resolve(['user'])
    expect([kept, kept.roleNames, kept.scopeNames, resolved, resolved.roles, resolved.scopes].every(Object.isFrozen)).toBe(
      true,
    )
  })

  it.each<[string, Record<string, RoleDefinition>, string[]]>([
    ['itself', { a: { inherits: ['a'] } }, ['a']],
    ['each other', { a: { inherits: ['b'] }, b: { inherits: ['a'] } }, ['a', 'b']],
    [
      'in a ring',
      { a: { inherits: ['b'] }, b: { inherits: ['c'] }, c: { inherits: ['a'] }, d: { inherits: ['a'] } },
      ['a', 'b', 'c'],
    ],
  ])('RB-06 refuses roles that inherit %s', (_, definitions, circle) => {
    expect(problemsOf(definitions)).toEqual(circle.map((name) => `roles.${name}.inherits`))
  })

  it('RB-06 terminates on chains of any length, and on their closing', () => {
    const chain = (last: readonly string[]): Record<string, RoleDefinition> =>
      Object.fromEntries(
        Array.from({ length: 400 }, (_, i) => [`r${i}`, { inherits: i === 399 ? last : [`r${i + 1}`], scopes: [`s:${i}`] }]),
      )
    expect(defineRoles(chain([])).resolve(['r0']).scopes).toHaveLength(400)
    expect(problemsOf(chain(['r0']))).toHaveLength(400)
  })

  it('names every mistake at once', () => {
    const mistaken = {
      'bad name': {},
      a: {
        scopes: ['read:', 'a.*', 'read:ord*', 'ok:ok', 'ok:ok', '', 7, undefined],
        inherits: ['nobody', 'b', 'b', 'toString'],
      },
      b: { scope: ['read:orders'], scopes: 'read:orders', inherits: null },
      c: null,
      d: ['read:orders'],
    }
    expect(problemsOf(mistaken, { scopes: ['write:*', 'x:y', 'x:y'] })).toEqual([
      'roles',
      ...[0, 1, 2, 4, 5, 6, 7].map((i) => `roles.a.scopes.${i}`),
      'roles.a.inherits.0',
      'roles.a.inherits.2',
      'roles.a.inherits.3',
      'roles.b.scope',
      'roles.b.scopes',
      'roles.b.inherits',
      'roles.c',
      'roles.d',
      'scopes.0',
      'scopes.2',
    ])
  })

  it.each([null, undefined, [], 'user', 7])('refuses %j in place of definitions', (definitions) => {
    expect(problemsOf(definitions)).toEqual(['roles'])
  })

  it.each([null, [], {}, { scopes: undefined }, { scopes: 'x:y' }, { scope: [] }, ['x:y']])(
    'refuses %j for more scopes',
    (more) => {
      expect(problemsOf({}, more)).toEqual(['scopes'])
    },
  )

  it('gives a role just what it and the roles below it declare', () => {
    const count = 6
    const definitions = fc.array(
      fc.record({
        scopes: fc.uniqueArray(fc.constantFrom('a:a', 'a:b', 'b:*', '*:c')),
        below: fc.uniqueArray(fc.nat(count - 1)),
      }),
      { minLength: count, maxLength: count },
    )
    fc.assert(
      fc.property(definitions, fc.array(fc.nat(count + 1)), (drawn, stored) => {
        // Roles inherit from earlier ones alone, so that there is no circle.
        const below = drawn.map((role, i) => role.below.filter((j) => j < i))
        const declared = defineRoles(
          Object.fromEntries(
            drawn.map(({ scopes }, i) => [`r${i}`, { scopes, inherits: (below[i] ?? []).map((j) => `r${j}`) }]),
          ),
        )
        const walk = (i: number): string[] => [...(drawn[i]?.scopes ?? []), ...(below[i] ?? []).flatMap(walk)]
        const { scopes } = declared.resolve(stored.map((i) => `r${i}`))
        expect(scopes).toEqual([...new Set(stored.flatMap(walk))].sort())
        expect(missingScopes(scopes, stored.flatMap(walk))).toEqual([])
      }),
    )
  })
})
