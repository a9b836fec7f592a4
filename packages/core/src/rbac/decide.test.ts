import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.js'
import {
  checkRequirement,
  createPrincipal,
  type Decision,
  decide,
  defineRoles,
  narrowScopes,
  type Principal,
  type PrincipalFields,
  type Requirement,
} from './index.js'

const now = new Date('2026-01-01T12:00:00Z')
const roles = defineRoles({
  user: { scopes: ['read:orders', 'write:orders'] },
  admin: { inherits: ['user'], scopes: ['*'] },
})

function user(fields: Partial<PrincipalFields> = {}): Principal {
  return createPrincipal({ kind: 'user', subject: 'u', userId: 'u', ...roles.resolve(['user']), via: 'bearer', ...fields })
}

/** A decision in a word. */
async function outcome(principal: Principal, requirement: Requirement): Promise<string> {
  const decision = await decide(principal, requirement, now)
  return decision.allowed ? 'allowed' : decision.code
}

const secondsAgo = (seconds: number): Date => new Date(now.getTime() - seconds * 1000)
const denied: Decision = { allowed: false, code: 'insufficient_scope', requiredScopes: [], missingScopes: [] }

describe('decide', () => {
  it('allows who meets every part', async () => {
    const requirement = checkRequirement(
      { roles: ['admin', 'user'], scopes: ['read:orders'], allow: ['bearer'], recent: 60, check: async () => true },
      roles,
    )
    expect(await decide(user({ authenticatedAt: secondsAgo(60) }), requirement, now)).toEqual({ allowed: true })
    expect(await decide(user(), {}, now)).toEqual({ allowed: true })
  })

  it('says why not, by the first part that does not hold', async () => {
    let asked = 0
    const check = (): boolean => {
      asked++
      return false
    }
    const all: Requirement = {
      allow: ['cookie'],
      roles: ['admin'],
      scopes: ['read:users', 'read:orders'],
      recent: 60,
      check,
    }
    const { allow: _, ...fromRoles } = all
    const { roles: __, ...fromScopes } = fromRoles
    const { scopes: ___, ...fromRecent } = fromScopes
    expect(await decide(user(), all, now)).toEqual({ allowed: false, code: 'credential_not_allowed' })
    expect(await decide(user(), fromRoles, now)).toEqual({
      allowed: false,
      code: 'insufficient_role',
      requiredRoles: ['admin'],
    })
    expect(await decide(user(), fromScopes, now)).toEqual({
      allowed: false,
      code: 'insufficient_scope',
      requiredScopes: ['read:users', 'read:orders'],
      missingScopes: ['read:users'],
    })
    expect(await decide(user(), fromRecent, now)).toEqual({ allowed: false, code: 'recent_login_required' })
    expect(asked).toBe(0)
    expect(await decide(user(), { check }, now)).toEqual(denied)
    expect(asked).toBe(1)
  })

  it('takes any one of the roles, inherited ones too, and all of the scopes', async () => {
    const admin = user(roles.resolve(['admin']))
    expect(await outcome(admin, { roles: ['user'] })).toBe('allowed')
    expect(await outcome(admin, { scopes: ['users:manage', 'audit:read'] })).toBe('allowed')
    expect(await outcome(user(), { roles: ['admin'] })).toBe('insufficient_role')
    expect(await outcome(user(), { scopes: ['read:orders', 'write:orders'] })).toBe('allowed')
    expect(await outcome(user(), { scopes: ['read:orders', 'write:users'] })).toBe('insufficient_scope')
  })

  it('RB-02 refuses a user whose stored role has the name of what every object has', async () => {
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      const odd = user(roles.resolve([name]))
      expect(await outcome(odd, { scopes: ['read:orders'] })).toBe('insufficient_scope')
      expect(await outcome(odd, { scopes: [name] })).toBe('insufficient_scope')
      expect(await outcome(odd, { roles: [name] })).toBe('insufficient_role')
    }
  })

  it.each([
    [true, true, 'allowed'],
    [true, false, 'insufficient_scope'],
    [false, true, 'insufficient_scope'],
    [false, false, 'insufficient_scope'],
  ])('RB-04 user may: %s, token may: %s → %s', async (userMay, tokenMay, expected) => {
    const owner = userMay ? ['read:orders', 'write:*'] : ['read:orders']
    const token = tokenMay ? ['write:orders'] : ['read:orders']
    const delegated = user({ kind: 'api-key', subject: 'k', keyId: 'k', roles: [], scopes: narrowScopes(owner, token) })
    expect(await outcome(delegated, { scopes: ['write:orders'] })).toBe(expected)
    expect(await outcome(delegated, { roles: ['user'] })).toBe('insufficient_role')
  })

  it.each<[string, Date | undefined, string]>([
    ['absent', undefined, 'recent_login_required'],
    ['300 s old', secondsAgo(300), 'allowed'],
    ['300.001 s old', secondsAgo(300.001), 'recent_login_required'],
    ['60 s ahead', secondsAgo(-60), 'allowed'],
    ['60.001 s ahead', secondsAgo(-60.001), 'recent_login_required'],
    ['no date', new Date(Number.NaN), 'recent_login_required'],
  ])('reads recency from the proof of a person alone: %s', async (_, authenticatedAt, expected) => {
    expect(await outcome(user(authenticatedAt ? { authenticatedAt } : {}), { recent: 300 })).toBe(expected)
  })

  it.each<[string, () => unknown]>([
    ['false', () => false],
    ['nothing', () => undefined],
    ['a truthy text', () => 'yes'],
    ['1', () => 1],
    ['a truthy error', () => new Error('x')],
    ['an object', () => ({ allowed: true })],
    ['a Boolean', () => Object(true)],
    ['a promise of false', async () => false],
    ['a promise of a text', async () => 'yes'],
    ['a throw', broken],
    ['a rejection', () => Promise.reject(new Error('x'))],
    ['a rejection with nothing', () => Promise.reject()],
    ['a thenable that throws', () => Object.defineProperty({}, 'then', { get: broken })],
  ])('RB-01 a check that answers with %s denies', async (_, check) => {
    expect(await decide(user(), { check: check as () => boolean }, now)).toEqual(denied)
  })

  it('RB-01 a check that hangs denies after 5 seconds, and its late failure troubles nobody', async () => {
    const clock = virtualClock(now)
    const heard: unknown[] = []
    let fail = (_: Error): void => undefined
    const check = (): Promise<boolean> =>
      new Promise((_, reject) => {
        fail = reject
      })
    let decision: Decision | undefined
    const options = { clock, onCheckError: (error: unknown) => void heard.push(error) }
    const done = decide(user(), { check }, now, options).then((made) => {
      decision = made
    })
    await clock.advance(4999)
    await nextTurn()
    expect(decision).toBe(undefined)
    await clock.advance(1)
    await done
    expect(decision).toEqual(denied)
    fail(new Error('late'))
    await nextTurn()
    expect(heard).toEqual([expect.objectContaining({ message: expect.stringContaining('5000 ms') })])
  })

  it('ER-03 tells of checks that fail, and a listener that throws or rejects changes nothing', async () => {
    const heard: unknown[] = []
    const failure = new Error('x')
    const checks = [() => Promise.reject(failure), () => 'yes' as unknown as boolean, () => false, async () => true]
    const listeners = [(error: unknown) => void heard.push(error), broken, () => Promise.reject(new Error('y'))]
    for (const onCheckError of listeners) {
      const decisions = await Promise.all(checks.map((check) => decide(user(), { check }, now, { onCheckError })))
      expect(decisions.map(({ allowed }) => allowed)).toEqual([false, false, false, true])
    }
    await nextTurn()
    expect(heard).toEqual([failure, expect.any(TypeError)])
  })

  it.each([
    { scopes: [] },
    { roles: [] },
    { allow: [] },
    { scopes: [undefined] },
    { scopes: undefined },
    { scopes: ['*'] },
    { recent: Number.NaN },
    { scope: ['read:orders'] },
    { check: true },
    null,
    undefined,
    'admin',
    [],
    new Error('not a requirement'),
    Promise.resolve({ roles: ['user'] }),
    new Proxy({}, { has: broken }),
  ])('RB-01 denies on what is no sound requirement (%#)', async (requirement) => {
    const admin = user(roles.resolve(['admin']))
    expect(await decide(admin, requirement as Requirement, now)).toEqual(denied)
  })

  it('RB-01 denies a look-alike of a principal', async () => {
    const real = user(roles.resolve(['admin']))
    for (const alike of [{ ...real }, Object.create(real), new Proxy(real, {}), null, undefined, new Error('x')]) {
      expect(await decide(alike as Principal, {}, now)).toEqual(denied)
    }
  })

  it('RB-01 allows only where every part holds, whatever the parts', async () => {
    const some = <Part>(part: fc.Arbitrary<Part>) => fc.option(part, { nil: undefined })
    const asked = fc.record({
      roles: some(fc.uniqueArray(fc.constantFrom('user', 'admin', 'other'), { minLength: 1 })),
      scopes: some(fc.uniqueArray(fc.constantFrom('read:orders', 'write:orders', 'read:users'), { minLength: 1 })),
      allow: some(fc.uniqueArray(fc.constantFrom('bearer' as const, 'cookie' as const), { minLength: 1 })),
      recent: some(fc.nat(100)),
      answer: some(fc.boolean()),
    })
    const held = fc.record({
      roles: fc.subarray(['user', 'admin']),
      scopes: fc.subarray(['read:orders', 'write:*', '*:users']),
      age: some(fc.integer({ min: -100, max: 150 })),
    })
    await fc.assert(
      fc.asyncProperty(asked, held, async ({ answer, ...parts }, { age, ...granted }) => {
        const given = Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as Requirement
        const requirement: Requirement = { ...given, ...(answer === undefined ? {} : { check: () => answer }) }
        const principal = user({ ...granted, ...(age === undefined ? {} : { authenticatedAt: secondsAgo(age) }) })
        const holds = [
          !parts.roles || parts.roles.some((role) => granted.roles.includes(role)),
          !parts.scopes || parts.scopes.every((scope) => scopeHeld(granted.scopes, scope)),
          !parts.allow || parts.allow.includes('bearer'),
          parts.recent === undefined || (age !== undefined && age >= -60 && age <= parts.recent),
          answer !== false,
        ]
        expect((await decide(principal, requirement, now)).allowed).toBe(holds.every(Boolean))
      }),
      { numRuns: 500 },
    )
  })
})

function scopeHeld(granted: readonly string[], scope: string): boolean {
  if (granted.includes(scope)) return true
  return scope.startsWith('write:') ? granted.includes('write:*') : scope.endsWith(':users') && granted.includes('*:users')
}

function broken(): never {
  throw new TypeError('broken')
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
