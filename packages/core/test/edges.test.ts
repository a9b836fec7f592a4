import { describe, expect, it } from 'vitest'
import { password, register, testApp } from './support/test-app.js'

const app = testApp({ tokens: { algorithm: 'RS256' } })
const ask = async (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<unknown[]> => {
  const answer = await app.call(method, path, { ...(body === undefined ? {} : { body }), ...(headers ? { headers } : {}) })
  expect(answer.status).toBeLessThan(500)
  expect(JSON.stringify(answer.body)).not.toMatch(/\bat \S+:\d+|node_modules|Error:/)
  return [answer.status, answer.body.code]
}

describe('the order of refusal', () => {
  it('AD-04 BF-10 A-43 knows each path in one spelling', async () => {
    for (const path of [
      '/auth',
      '/auth/',
      '/auth/Login',
      '/auth/login/',
      '/auth//login',
      '/auth/%6Cogin',
      '/auth/login;x=1',
      '/auth/nothing',
      '/login',
      '/auth/sessions/',
      '/auth/sessions/a/b',
      '/auth/sessions/%2e%2e',
      '/authx/login',
      '/.well-known/other',
    ]) {
      expect([path, ...(await ask('POST', path, { email: 'a@b.co', password }))]).toEqual([path, 404, 'not_found'])
    }
  })

  it('WB-05 answers 405 with the methods there are, before it looks at the body', async () => {
    for (const [method, path, allow] of [
      ['GET', '/auth/login', 'POST'],
      ['PUT', '/auth/login', 'POST'],
      ['HEAD', '/auth/logout', 'POST'],
      ['OPTIONS', '/auth/login', 'POST'],
      ['POST', '/auth/me', 'GET, HEAD'],
      ['PATCH', '/auth/sessions', 'GET, HEAD'],
      ['GET', '/auth/sessions/x', 'DELETE'],
      ['POST', '/auth/jwks.json', 'GET, HEAD'],
      ['DELETE', '/.well-known/jwks.json', 'GET, HEAD'],
    ] as const) {
      const answer = await app.call(method, path)
      expect([method, path, answer.status, answer.headers.get('allow')]).toEqual([method, path, 405, allow])
    }
  })

  it('WB-05 ignores method overrides', async () => {
    expect(await ask('GET', '/auth/login', undefined, { 'x-http-method-override': 'POST' })).toEqual([
      405,
      'method_not_allowed',
    ])
  })

  it('AD-02 goes on with media type, size and shape', async () => {
    const large = 'x'.repeat(70_000)
    expect(await ask('POST', '/auth/login', large, { 'content-type': 'text/plain' })).toEqual([
      415,
      'unsupported_media_type',
    ])
    expect(await ask('POST', '/auth/login', large)).toEqual([413, 'body_too_large'])
    expect(await ask('POST', '/auth/login', '{')).toEqual([400, 'invalid_request'])
    expect(await ask('POST', '/auth/login', [])).toEqual([400, 'invalid_request'])
    expect(await ask('POST', '/auth/login', {})).toEqual([422, 'validation_failed'])
    expect(await ask('POST', '/auth/login', { email: 'a@b.co', password: 'x', extra: 1 })).toEqual([
      422,
      'validation_failed',
    ])
    expect(await ask('POST', '/auth/logout-all', { extra: 1 })).toEqual([422, 'validation_failed'])
    expect(await ask('POST', '/auth/logout-all')).toEqual([401, 'credentials_missing'])
  })

  it('counts nothing that is refused before the throttle', async () => {
    const fresh = testApp()
    await register(fresh)
    for (let i = 0; i < 20; i++) {
      await fresh.call('POST', '/auth/login', { body: { email: 'ada@example.com' } })
      await fresh.call('POST', '/auth/login', { body: '{' })
      await fresh.call('POST', '/auth/login', {
        body: { email: 'ada@example.com', password: 'x' },
        headers: { origin: 'https://evil.example' },
      })
    }
    expect((await fresh.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } })).status).toBe(200)
  })
})

describe('answers', () => {
  it('ER-01 are problem+json whose status is the HTTP status', async () => {
    const answer = await app.call('POST', '/auth/login', { body: {} })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.body).toEqual({
      type: 'urn:auth:problem:validation_failed',
      title: 'Some fields are not valid',
      status: 422,
      code: 'validation_failed',
      issues: [
        { path: 'email', code: 'required', message: 'is required' },
        { path: 'password', code: 'required', message: 'is required' },
      ],
    })
  })

  it('RS-02 challenge as RFC 6750 says', async () => {
    const { accessToken } = await register(app, 'rs02@example.com')
    const challengeOf = async (bearer: unknown, requirement?: Parameters<typeof app.guard>[1]): Promise<unknown> => {
      const headers: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${String(bearer)}` }
      const seen = await app.auth.authenticate(
        { method: 'GET', url: '/', header: (name) => headers[name], ip: undefined },
        requirement,
      )
      return seen.ok ? 'ok' : seen.refusal.headers.filter(([name]) => name === 'www-authenticate').map(([, value]) => value)
    }
    expect(await challengeOf(undefined)).toEqual(['Bearer'])
    expect(await challengeOf('x')).toEqual([
      'Bearer error="invalid_token", error_description="The access token is not a token"',
    ])
    expect(await challengeOf(accessToken, { scopes: ['read:users', 'read:orders'] })).toEqual([
      'Bearer error="insufficient_scope", error_description="The credential does not allow this", scope="read:users read:orders"',
    ])
  })

  it('RB-04 a 403 says what is missing', async () => {
    const { accessToken } = await register(app, 'rb04@example.com')
    const headers: Record<string, string> = { authorization: `Bearer ${accessToken}` }
    const source = { method: 'GET', url: '/', header: (name: string) => headers[name], ip: undefined }
    const scopes = await app.auth.authenticate(source, { scopes: ['read:users', 'read:orders'] })
    expect(!scopes.ok && JSON.parse(scopes.refusal.body)).toMatchObject({
      code: 'insufficient_scope',
      requiredScopes: ['read:users', 'read:orders'],
      missingScopes: ['read:users'],
    })
    const roles = await app.auth.authenticate(source, { roles: ['admin', 'support'] })
    expect(!roles.ok && JSON.parse(roles.refusal.body)).toMatchObject({
      code: 'insufficient_role',
      requiredRoles: ['admin', 'support'],
    })
  })

  it('KM-01 IR-05 A-76 serve the public keys at both places, cacheable, whatever the Host says', async () => {
    for (const path of ['/auth/jwks.json', '/.well-known/jwks.json']) {
      const answer = await app.call('GET', path, {
        headers: { 'x-forwarded-host': 'evil.com', 'x-forwarded-proto': 'http' },
      })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
      for (const key of answer.body.keys as object[]) {
        expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
      }
      expect((await app.call('HEAD', path)).status).toBe(200)
    }
    const hmac = testApp({ tokens: { algorithm: 'HS256' } })
    expect((await hmac.call('GET', '/auth/jwks.json')).body).toEqual({ keys: [] })
  })

  it('WB-06 A-100 never allow another origin by CORS headers', async () => {
    for (const origin of ['https://evil.com', 'null', 'https://app.example.com.evil.com', 'http://app.example.com']) {
      const answer = await app.call('GET', '/auth/jwks.json', { headers: { origin } })
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
  })

  it('SE-10 take hostile cookies for no session', async () => {
    for (const cookie of [
      '__Host-session',
      '__Host-session=',
      '__Host-session=%FF%FE',
      `__Host-session=${'A'.repeat(60_000)}`,
      ';;;=;=;',
      '__Host-session=a; __Host-session=b',
      `${'a=b;'.repeat(2000)}__Host-session=x`,
    ]) {
      const answer = await app.call('GET', '/auth/me', { cookie })
      expect(answer.status).toBe(401)
    }
  })

  it('RS-03 take hostile Authorization headers for 400 or 401', async () => {
    for (const authorization of [
      'Bearer',
      'Bearer ',
      'Bearer %',
      'Basic',
      'Basic !!',
      'Bearer ..',
      'Bearer a.b',
      `Bearer ${'.'.repeat(12_000)}`,
      'bEaReR x',
      ',',
      'Bearer ,',
    ]) {
      const { status } = await app.call('GET', '/auth/me', { headers: { authorization } })
      expect([400, 401]).toContain(status)
    }
  })
})
