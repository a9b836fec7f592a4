import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createPrincipal,
  decide,
  defineRoles,
  explain,
  type Principal,
  type PrincipalFields,
  type Requirement,
} from './index.js'

const now = new Date('2026-01-01T12:00:00Z')
const roles = defineRoles({
  reader: { scopes: ['read:*'] },
  user: { inherits: ['reader'], scopes: ['write:orders'] },
  support: { inherits: ['user'], scopes: ['users:read'] },
  admin: { scopes: ['*'] },
})

function person(names: readonly string[], fields: Partial<PrincipalFields> = {}): Principal {
  const held = roles.resolve(names)
  return createPrincipal({ kind: 'user', subject: 'u', userId: 'u', ...held, via: 'bearer', ...fields })
}

const key = createPrincipal({
  kind: 'api-key',
  subject: 'k',
  userId: 'u',
  roles: [],
  scopes: ['read:orders'],
  via: 'api-key',
})

async function text(principal: Principal, requirement: Requirement): Promise<string[]> {
  return String(await explain(principal, requirement, now, { roles })).split('\n')
}

describe('explain', () => {
  it('names the role, the inheritance and the pattern that grant each scope', async () => {
    const explained = await explain(person(['support']), { scopes: ['read:orders', 'users:read'] }, now, { roles })
    expect(explained.allowed).toBe(true)
    expect(explained.parts).toEqual([
      {
        part: 'scope',
        met: true,
        scope: 'read:orders',
        grant: { pattern: 'read:*', through: ['support', 'user', 'reader'] },
        wouldDo: ['admin', 'reader', 'support', 'user'],
      },
      {
        part: 'scope',
        met: true,
        scope: 'users:read',
        grant: { pattern: 'users:read', through: ['support'] },
        wouldDo: ['admin', 'support'],
      },
    ])
  })

  it('reads as text, part by part', async () => {
    const asked: Requirement = { allow: ['bearer'], roles: ['user'], scopes: ['read:orders'], recent: 60, check: () => true }
    const authenticatedAt = new Date(now.getTime() - 30_000)
    expect(await text(person(['support'], { authenticatedAt }), asked)).toEqual([
      'allowed',
      '  + credential bearer: will do',
      '  + role user: held by support → user',
      '  + scope read:orders: granted as read:* by support → user → reader',
      '  + sign-in within 60 s: was 30 s ago',
      "  + the application's check: allows",
    ])
    expect(await text(key, { ...asked, scopes: ['read:orders', 'users:read', 'no:such'] })).toEqual([
      'denied: credential_not_allowed',
      '  - credential api-key: must come as bearer',
      '  - role user: missing; would do: support, user',
      '  + scope read:orders: granted as read:orders by the credential',
      '  - scope users:read: missing; would do: admin, support',
      '  - scope no:such: missing; would do: admin',
      '  - sign-in within 60 s: no person signed in',
      "  ? the application's check: was not asked",
    ])
    expect(await text(person(['admin']), { check: () => Promise.reject(new Error('down')) })).toEqual([
      'denied: insufficient_scope',
      "  - the application's check: denies",
    ])
    expect(await text(person([]), {})).toEqual(['allowed'])
  })

  it('RB-01 says nothing of a look-alike or a malformed requirement but that it is denied', async () => {
    expect(await text({ ...person(['admin']) }, { roles: ['admin'] })).toEqual(['denied: insufficient_scope'])
    expect(await text(person(['admin']), { scopes: [] })).toEqual(['denied: insufficient_scope'])
  })

  it('decides as decide does, and every part is met exactly where it is allowed', async () => {
    const scope = fc.constantFrom('read:orders', 'write:orders', 'users:read', 'other:thing')
    const role = fc.constantFrom('reader', 'user', 'support', 'admin')
    const requirement = fc.record(
      {
        roles: fc.array(role, { minLength: 1, maxLength: 2 }),
        scopes: fc.array(scope, { minLength: 1, maxLength: 3 }),
        allow: fc.constantFrom<('bearer' | 'cookie')[]>(['bearer'], ['cookie']),
        recent: fc.constantFrom(10, 100),
        check: fc.constantFrom(
          () => true,
          () => false,
        ),
      },
      { requiredKeys: [] },
    )
    const authenticatedAt = new Date(now.getTime() - 50_000)
    await fc.assert(
      fc.asyncProperty(fc.array(role, { maxLength: 2 }), requirement, async (names, asked) => {
        const principal = person(names, { authenticatedAt })
        const explained = await explain(principal, asked, now, { roles })
        expect(explained.decision).toEqual(await decide(principal, asked, now))
        expect(explained.parts.every(({ met }) => met === true)).toBe(explained.allowed)
      }),
    )
  })
})
