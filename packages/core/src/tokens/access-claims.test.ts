import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuthError } from '../errors.js'
import { type ClaimsPolicy, readAccessClaims } from './access-claims.js'
import { parseJsonObject } from './json-object.js'

const now = new Date('2026-01-01T00:00:00Z')
const seconds = now.getTime() / 1000
const policy: ClaimsPolicy = { issuer: 'https://issuer.example', audience: 'https://api.example', clockToleranceSeconds: 5 }
const good = {
  iss: policy.issuer,
  sub: 'user-1',
  aud: policy.audience,
  iat: seconds,
  exp: seconds + 900,
  jti: 'token-1',
  client_id: 'first-party',
  roles: ['user'],
  scopes: ['read:orders'],
  scope: 'read:orders',
}

/** Through JSON, as a token brings them: `undefined` is a missing claim. */
const outcome = (claims: object | string, change: Partial<ClaimsPolicy> = {}): string => {
  const text = typeof claims === 'string' ? claims : JSON.stringify(claims)
  try {
    readAccessClaims(parseJsonObject(new Uint8Array(Buffer.from(text))) ?? {}, { ...policy, ...change }, now)
    return 'ok'
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return error.code
  }
}
const raw = (name: string, value: string): string => JSON.stringify({ ...good, [name]: '@' }).replace('"@"', value)

describe('readAccessClaims', () => {
  it('answers the claims it knows, and no others', () => {
    const all = { ...good, sid: 's', ver: 3, auth_time: seconds - 60 }
    expect(readAccessClaims({ ...all, email: 'ada@example.com', nbf: seconds }, policy, now)).toEqual(all)
    expect(Object.keys(readAccessClaims(good, policy, now))).not.toContain('sid')
  })

  it('JT-16 answers claims that nobody can change', () => {
    const claims = readAccessClaims({ ...good, aud: [policy.audience, 'b'] }, policy, now)
    for (const part of [claims, claims.roles, claims.scopes, claims.aud]) expect(Object.isFrozen(part)).toBe(true)
  })

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['with a slash', 'https://issuer.example/'],
    ['in capitals', 'HTTPS://ISSUER.EXAMPLE'],
    ['a prefix', 'https://issuer.exampl'],
    ['longer', 'https://issuer.example.evil'],
    ['of another', 'https://evil.example'],
    ['a list with ours', ['https://issuer.example', 'https://evil.example']],
    ['a list with ours alone', ['https://issuer.example']],
    ['an object', { toString: 'https://issuer.example' }],
  ])('JT-10 A-09 A-27 CVE-2025-30144 refuses an issuer that is %s', (_, iss) => {
    expect(outcome({ ...good, iss })).toBe('token_claims_invalid')
  })

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['an empty list', []],
    ['a suffix more', 'https://api.example.evil'],
    ['a character less', 'https://api.exampl'],
    ['of another', 'https://other.example'],
    ['a list without ours', ['https://a.example', 'https://api.example.evil']],
    ['a list with ours and a number', ['https://api.example', 7]],
    ['a list in a list', [['https://api.example']]],
    ['true', true],
  ])('JT-11 A-10 refuses an audience that is %s', (_, aud) => {
    expect(outcome({ ...good, aud })).toBe('token_claims_invalid')
  })

  it('JT-11 A-10 GHSA-3j8v-cgw4-2g6q accepts ours alone or among others, however often it is asked', () => {
    for (let i = 0; i < 100; i++) {
      expect(outcome(good)).toBe('ok')
      expect(outcome({ ...good, aud: ['https://other.example', policy.audience] })).toBe('ok')
    }
  })

  it.each([
    ['missing', JSON.stringify({ ...good, exp: undefined })],
    ['a string', raw('exp', '"9999999999"')],
    ['infinite', raw('exp', '1e309')],
    ['true', raw('exp', 'true')],
    ['null', raw('exp', 'null')],
    ['an object', raw('exp', '{}')],
    ['a list', raw('exp', `[${seconds + 900}]`)],
  ])('JT-09 A-11 refuses an end that is %s', (_, text) => {
    expect(outcome(text)).toBe('token_claims_invalid')
  })

  it.each([0, 5, 60])('JT-09 A-11 A-12 judges times to the second with a tolerance of %i s', (clockToleranceSeconds) => {
    const tolerance = { clockToleranceSeconds }
    const early = { ...good, iat: seconds - 900 }
    expect(outcome({ ...early, exp: seconds - clockToleranceSeconds + 1 }, tolerance)).toBe('ok')
    expect(outcome({ ...early, exp: seconds - clockToleranceSeconds + 0.001 }, tolerance)).toBe('ok')
    expect(outcome({ ...early, exp: seconds - clockToleranceSeconds }, tolerance)).toBe('token_expired')
    expect(outcome({ ...early, exp: seconds - clockToleranceSeconds - 1 }, tolerance)).toBe('token_expired')
    expect(outcome({ ...early, exp: -1 }, tolerance)).toBe('token_expired')
    for (const claim of ['iat', 'nbf']) {
      expect(outcome({ ...good, [claim]: seconds + clockToleranceSeconds }, tolerance)).toBe('ok')
      expect(outcome({ ...good, [claim]: seconds + clockToleranceSeconds + 1 }, tolerance)).toBe('token_claims_invalid')
      expect(outcome({ ...good, [claim]: seconds + 3600 }, tolerance)).toBe('token_claims_invalid')
    }
  })

  it.each(['"1767225600"', 'true', '{}', '[1]', '1e309'])('JT-09 A-12 refuses iat and nbf of %s', (value) => {
    expect(outcome(raw('iat', value))).toBe('token_claims_invalid')
    expect(outcome(raw('nbf', value))).toBe('token_claims_invalid')
  })

  it('JT-13 refuses a token that lives longer than revocations are remembered', () => {
    expect(outcome({ ...good, exp: seconds + 3600 })).toBe('ok')
    expect(outcome({ ...good, exp: seconds + 3601 })).toBe('token_claims_invalid')
    expect(outcome({ ...good, iat: 0 })).toBe('token_claims_invalid')
  })

  it.each([
    ['sub', [undefined, null, '', 7, ['user-1'], {}]],
    ['jti', [undefined, null, '', 7, ['a']]],
    ['client_id', [undefined, null, '', 7, ['first-party']]],
    ['iat', [undefined, null]],
    ['sid', [null, '', 7, ['s']]],
    ['ver', [null, '3', -1, 1.5, 2 ** 53, true]],
    ['auth_time', [null, '1', true, {}]],
    ['nbf', [null]],
    ['roles', [undefined, null, 'admin', { 0: 'admin' }, [1], [['admin']], [null]]],
    ['scopes', [undefined, null, '*', {}, [1], [null]]],
    ['scope', [undefined, null, 7, ['read']]],
  ])('refuses %s of a wrong kind', (name, values) => {
    for (const value of values as unknown[]) {
      expect([name, value, outcome({ ...good, [name]: value })]).toEqual([name, value, 'token_claims_invalid'])
    }
  })

  it('tells an expiry only of a token with which nothing else is wrong', () => {
    const expired = { ...good, iat: seconds - 900, exp: seconds - 60 }
    expect(outcome(expired)).toBe('token_expired')
    expect(outcome({ ...expired, aud: 'other' })).toBe('token_claims_invalid')
    expect(outcome({ ...expired, roles: 'admin' })).toBe('token_claims_invalid')
  })

  it('throws nothing but a refusal, whatever the claims', () => {
    const claims = fc.dictionary(
      fc.oneof(fc.constantFrom(...Object.keys(good), 'sid', 'ver', 'nbf', 'auth_time', '__proto__'), fc.string()),
      fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(good))),
    )
    fc.assert(
      fc.property(claims, (drawn) => {
        expect(['token_claims_invalid', 'token_expired', 'ok']).toContain(outcome({ ...good, ...drawn }))
        expect(['token_claims_invalid', 'token_expired', 'ok']).toContain(outcome(drawn))
      }),
      { numRuns: 2000 },
    )
  })
})
