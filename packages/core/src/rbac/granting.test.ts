import { describe, expect, it } from 'vitest'
import { administratorRoles, checkGrant, checkManages, defineRoles, type Granter, type Roles } from './index.js'

const roles = defineRoles({
  auditor: {},
  user: { scopes: ['read:orders'] },
  seer: { inherits: ['auditor'], scopes: ['read:orders'] },
  manager: { inherits: ['user'], scopes: ['users:manage'] },
  writer: { scopes: ['write:*'] },
  doorman: { scopes: ['users:manage'] },
  admin: { scopes: ['*'] },
})

function granter(id: string, ...names: readonly string[]): Granter {
  return { id, isInPerson: true, ...roles.resolve(names) }
}

/** Whether somebody with `by` may give somebody else, who has `from`, just `to`. */
function may(by: readonly string[], from: readonly string[], to: readonly string[], isSelf = false): boolean {
  try {
    checkGrant(roles, granter('granter', ...by), { id: isSelf ? 'granter' : 'other', roles: from }, to)
    return true
  } catch {
    return false
  }
}

describe('checkGrant', () => {
  it.each([
    [['manager'], [], ['user'], true],
    [['manager'], ['user'], ['manager'], true],
    [['manager'], ['user'], ['writer'], false],
    [['manager'], ['writer'], [], false],
    [['manager', 'writer'], ['writer'], [], true],
    [['manager'], [], ['admin'], false],
    [['manager'], ['admin'], [], false],
    [['manager'], [], ['auditor'], false],
    [['manager'], [], ['seer'], false],
    // The name alone opens what asks for the role: all of its scopes are not enough.
    [['manager', 'auditor'], [], ['seer'], false],
    [['manager', 'auditor'], ['seer'], [], true],
    [['manager', 'seer'], [], ['seer'], true],
    [['manager'], [], ['doorman'], false],
    [['admin'], ['admin'], ['auditor', 'seer', 'writer'], true],
    // No longer declared: it gives nothing, and anybody may take it away.
    [['manager'], ['former'], [], true],
  ])('RB-06 %j may turn %j into %j: %s', (by, from, to, expected) => {
    expect(may(by, from, to)).toBe(expected)
  })

  it.each([
    [['admin'], ['admin'], true],
    [['admin'], ['admin', 'user'], false],
    [['admin'], ['user'], true],
    [['admin'], [], true],
    [['manager'], ['manager', 'admin'], false],
    [['manager'], ['user'], true],
    [['manager', 'auditor'], ['manager'], true],
    [['manager'], ['doorman'], false],
  ])('RB-06 %j may turn their own roles into %j: %s', (own, to, expected) => {
    expect(may(own, own, to, true)).toBe(expected)
  })
})

describe('checkManages', () => {
  const owner = { id: 'owner', roles: ['admin'] }
  const manages =
    (granted: Partial<Granter>, target = owner) =>
    () =>
      checkManages(roles, { ...granter('owner', 'admin'), ...granted }, target)

  it('RB-06 lets people manage themselves, whatever they have', () => {
    expect(manages({ scopes: ['users:manage'], roles: [] })).not.toThrow()
  })

  it('RB-06 A-88 lets a credential act on its owner as on anybody: not where they have more than it', () => {
    const key: Partial<Granter> = { isInPerson: false, scopes: ['users:manage'], roles: [] }
    expect(manages(key)).toThrow('insufficient_scope')
    expect(manages(key, { id: 'owner', roles: ['seer'] })).toThrow('insufficient_scope')
    expect(manages(key, { id: 'owner', roles: ['doorman'] })).not.toThrow()
    expect(manages({ ...key, scopes: ['*'] })).not.toThrow()
  })
})

describe('administratorRoles', () => {
  it.each<[string, Roles, readonly (readonly string[])[]]>([
    [
      'those with every scope, and those that manage users',
      defineRoles({ a: { scopes: ['*'] }, b: { inherits: ['a'] }, c: { scopes: ['users:*'] }, d: {} }),
      [
        ['a', 'b'],
        ['a', 'b', 'c'],
      ],
    ],
    [
      'those that manage users, where no role has every scope',
      defineRoles({ a: { scopes: ['users:manage'] }, b: { scopes: ['*:manage'] }, c: {} }),
      [['a', 'b']],
    ],
    ['one set where who manages users has every scope', defineRoles({ a: { scopes: ['*'] }, b: {} }), [['a']]],
    ['nobody where no role manages users', defineRoles({ a: { scopes: ['users:read'] } }), []],
  ])('are %s', (_, declared, expected) => {
    expect(administratorRoles(declared)).toEqual(expected)
  })
})
