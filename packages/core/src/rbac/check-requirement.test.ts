import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.js'
import { checkRequirement, defineRoles, type Requirement } from './index.js'

const roles = defineRoles({ user: { scopes: ['read:orders'] }, admin: { inherits: ['user'], scopes: ['*'] } })

/** The paths of all that is wrong. */
function problemsOf(requirement: unknown): string[] {
  try {
    checkRequirement(requirement as Requirement, roles)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path }) => path)
  }
}

describe('checkRequirement', () => {
  it('answers a frozen copy that later changes do not reach', () => {
    const given = { roles: ['user'], scopes: ['read:orders'], allow: ['cookie' as const], recent: 0, check: () => true }
    const copy = checkRequirement(given, roles)
    expect(copy).toEqual(given)
    given.roles.push('admin')
    expect(copy.roles).toEqual(['user'])
    expect([copy, copy.roles, copy.scopes, copy.allow].every(Object.isFrozen)).toBe(true)
    expect(checkRequirement(copy, roles)).toEqual(copy)
  })

  it('lets a guard ask for no more than a credential, and for the own scopes of the SDK', () => {
    expect(problemsOf({})).toEqual([])
    expect(problemsOf({ scopes: ['users:read', 'users:manage', 'audit:read'] })).toEqual([])
  })

  it.each<[unknown, string[]]>([
    [{ scopes: [undefined] }, ['scopes.0']],
    [{ scopes: ['raed:orders'] }, ['scopes.0']],
    [
      { scopes: ['read:orders', '*', 'read:*', 'toString', '', null] },
      ['scopes.1', 'scopes.2', 'scopes.3', 'scopes.4', 'scopes.5'],
    ],
    [{ scopes: [] }, ['scopes']],
    [{ scopes: undefined }, ['scopes']],
    [{ scopes: null }, ['scopes']],
    [{ scopes: 'read:orders' }, ['scopes']],
    // biome-ignore lint/suspicious/noSparseArray: what an application may pass by mistake.
    [{ scopes: ['read:orders', ,] }, ['scopes.1']],
    [{ roles: ['user', 'amdin'] }, ['roles.1']],
    [{ roles: [undefined] }, ['roles.0']],
    [{ roles: ['constructor', '__proto__'] }, ['roles.0', 'roles.1']],
    [{ roles: [] }, ['roles']],
    [{ roles: undefined }, ['roles']],
    [{ allow: ['query'] }, ['allow.0']],
    [{ allow: [] }, ['allow']],
    [{ recent: -1 }, ['recent']],
    [{ recent: Number.NaN }, ['recent']],
    [{ recent: Number.POSITIVE_INFINITY }, ['recent']],
    [{ recent: '300' }, ['recent']],
    [{ recent: undefined }, ['recent']],
    [{ check: true }, ['check']],
    [{ check: undefined }, ['check']],
    [{ scope: ['read:orders'] }, ['scope']],
    [{ role: 'admin', roles: ['nobody'], recent: -1 }, ['role', 'roles.0', 'recent']],
    [JSON.parse('{ "__proto__": { "roles": ["admin"] } }'), ['__proto__']],
  ])('RB-01 refuses %j when the guard is made', (requirement, paths) => {
    expect(problemsOf(requirement)).toEqual(paths.map((path) => `requirement.${path}`))
  })

  it.each([
    null,
    undefined,
    true,
    'admin',
    ['admin'],
    () => true,
    new Error('x'),
    new Map([['roles', ['admin']]]),
    Promise.resolve({ roles: ['admin'] }),
    new (class {
      get roles(): string[] {
        return ['admin']
      }
    })(),
    Object.create({ roles: ['admin'] }),
  ])('RB-01 refuses what is no plain object in place of a requirement (%#)', (requirement) => {
    expect(problemsOf(requirement)).toEqual(['requirement'])
  })

  it('reads every part once, so that what was checked is what is decided on', () => {
    let reads = 0
    const shifting = {
      get scopes() {
        return reads++ === 0 ? ['read:orders'] : []
      },
    } as Requirement
    expect(checkRequirement(shifting, roles)).toEqual({ scopes: ['read:orders'] })
  })
})
