import { describe, expect, it } from 'vitest'
import { createPrincipal, isPrincipal, type PrincipalFields } from './index.js'

const fields = { kind: 'user', subject: 'u', via: 'cookie' } as const

describe('createPrincipal', () => {
  it('makes a frozen principal that holds nothing of what it was made from', () => {
    const given = { ...fields, roles: ['user'], scopes: ['read:orders'], authenticatedAt: new Date(1000) }
    const principal = createPrincipal(given)
    given.roles.push('admin')
    given.scopes.push('*')
    principal.authenticatedAt?.setTime(0)
    expect([principal.roles, principal.scopes, given.authenticatedAt]).toEqual([['user'], ['read:orders'], new Date(1000)])
    expect([principal, principal.roles, principal.scopes].every(Object.isFrozen)).toBe(true)
  })

  it('leaves out what is not there', () => {
    const principal = createPrincipal({ ...fields, roles: [], scopes: [] })
    expect(Object.keys(principal).sort()).toEqual(['kind', 'roles', 'scopes', 'subject', 'via'])
  })
})

describe('isPrincipal', () => {
  it('knows principals that were made here from all that look like them', () => {
    const given: PrincipalFields = { ...fields, roles: [], scopes: ['*'] }
    const principal = createPrincipal(given)
    expect(isPrincipal(principal)).toBe(true)
    for (const alike of [
      given,
      { ...principal },
      Object.create(principal),
      new Proxy(principal, {}),
      null,
      undefined,
      'u',
      {},
    ]) {
      expect(isPrincipal(alike)).toBe(false)
    }
  })
})
