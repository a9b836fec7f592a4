import { createVerifier, protectedResource, type Verifier, type VerifierOptions } from '@auth/core/verify'
import { decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { startExpressService } from '../../express/test/second-service.js'
import { startFastifyService } from '../../fastify/test/second-service.js'
import { startKoaService } from '../../koa/test/second-service.js'
import { virtualClock } from '../src/testing/virtual-clock.js'
import { type IssuerApp, ordersAudience, startIssuer } from './support/issuer-app.js'
import { compact, type TestJwk, testJwk } from './support/keys.js'
import { type ServiceRoles, type StartService, serviceRoles, serviceRoutes } from './support/second-service-app.js'

const adapters: Readonly<Record<string, StartService>> = {
  express: startExpressService,
  fastify: startFastifyService,
  koa: startKoaService,
}
const resource = protectedResource({ resource: ordersAudience, issuer: 'https://app.example.com' })

function verifierOf(issuer: IssuerApp, options: Partial<VerifierOptions<ServiceRoles>> = {}): Verifier<ServiceRoles> {
  return createVerifier({
    issuer: issuer.issuer,
    jwksUri: issuer.jwksUri,
    audience: ordersAudience,
    roles: serviceRoles,
    resourceMetadata: resource.url,
    logger: { warn: () => undefined, error: () => undefined },
    ...options,
  })
}

/** Claims as the issuer writes them, for a client that acts for a user or for none. */
function delegated(issuer: string, change: object = {}): object {
  const iat = Math.floor(Date.now() / 1000)
  const who = { sub: 'user-1', client_id: 'app-1', jti: 'j', iat, exp: iat + 900 }
  return { iss: issuer, aud: ordersAudience, ...who, roles: [], scopes: ['read:orders'], scope: 'read:orders', ...change }
}

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly challenge: string | null
  readonly caller: unknown
}

async function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(url, { headers })
  const { code, caller } = (await response.json()) as { code?: string; caller?: unknown }
  return { status: response.status, code, challenge: response.headers.get('www-authenticate'), caller }
}

const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` })

describe.each(Object.entries(adapters))('a second service on %s', (_, start) => {
  it('RS-02 lets through whom the issuer let in, and says to everybody else what is missing and where to look', async () => {
    const key: TestJwk = await testJwk('ES256')
    const issuer = await startIssuer({ tokens: { keys: [key] } })
    const { url, matrix } = await start(verifierOf(issuer))
    const own = bearer(await issuer.register())
    expect(await ask(`${url}/me`, own)).toMatchObject({ status: 200, caller: { kind: 'user', roles: ['user'] } })
    for (const path of ['/orders', '/recent', '/own', '/maybe']) expect((await ask(`${url}${path}`, own)).status).toBe(200)
    expect(await ask(`${url}/admin`, own)).toMatchObject({ status: 403, code: 'insufficient_role' })
    const where = `resource_metadata="${resource.url}"`
    expect(await ask(`${url}/me`)).toMatchObject({ status: 401, code: 'credentials_missing', challenge: `Bearer ${where}` })
    const bad = await ask(`${url}/me`, bearer(`${own.authorization.slice(7, -9)}AAAAAAAAA`))
    expect(bad).toMatchObject({ status: 401, code: 'token_signature_invalid' })
    expect(bad.challenge).toMatch(/^Bearer error="invalid_token", .*resource_metadata="/)
    expect(await ask(`${url}/open`, bearer('garbage'))).toMatchObject({ status: 200, caller: null })
    expect(await ask(`${url}/maybe`, bearer('garbage'))).toMatchObject({ status: 200, caller: null })
    expect(matrix.map(([path]) => path)).toEqual(Object.keys(serviceRoutes))
    expect(new Set(matrix.map(([, access]) => access))).toEqual(new Set(['guarded', 'optional', 'public']))
  })

  it('gives what is delegated its scopes and no role, whatever its token says', async () => {
    const key: TestJwk = await testJwk('ES256')
    const issuer = await startIssuer({ tokens: { keys: [key] } })
    const { url } = await start(verifierOf(issuer))
    const client = bearer(compact(key, delegated(issuer.issuer, { sub: 'app-1', roles: ['admin'] })))
    expect(await ask(`${url}/me`, client)).toMatchObject({ status: 200, caller: { kind: 'client', roles: [] } })
    expect((await ask(`${url}/orders`, client)).status).toBe(200)
    expect(await ask(`${url}/admin`, client)).toMatchObject({ status: 403, code: 'insufficient_role' })
    expect(await ask(`${url}/recent`, client)).toMatchObject({ status: 403, code: 'recent_login_required' })
    const forUser = bearer(compact(key, delegated(issuer.issuer, { roles: ['admin'], scopes: ['write:orders'] })))
    expect(await ask(`${url}/orders`, forUser)).toMatchObject({ status: 403, code: 'insufficient_scope' })
    expect(await ask(`${url}/own`, forUser)).toMatchObject({ status: 403, code: 'insufficient_scope' })
  })

  it('RS-01 knows no cookie and no API key, and takes one token and not two', async () => {
    const issuer = await startIssuer()
    const { url } = await start(verifierOf(issuer))
    const { authorization } = bearer(await issuer.register())
    for (const headers of [
      { cookie: '__Host-session=x; session=x' },
      { 'x-api-key': 'auth_x' },
      { authorization: 'Basic eDp5' },
    ])
      expect(await ask(`${url}/me`, headers)).toMatchObject({ status: 401, code: 'credentials_missing' })
    expect((await ask(`${url}/me`, { authorization, cookie: '__Host-session=x', 'x-api-key': 'mine' })).status).toBe(200)
    expect(await ask(`${url}/me`, { authorization: `${authorization}, ${authorization}` })).toMatchObject({
      status: 400,
      code: 'ambiguous_credentials',
    })
    expect((await ask(`${url}/me?access_token=${authorization.slice(7)}`)).status).toBe(401)
  })

  it('KM-04 works while the issuer is down, and answers 503 where it never had its keys', async () => {
    const issuer = await startIssuer()
    const { url } = await start(verifierOf(issuer))
    const own = bearer(await issuer.register())
    expect((await ask(`${url}/me`, own)).status).toBe(200)
    issuer.down = true
    expect((await ask(`${url}/me`, own)).status).toBe(200)
    const fresh = await start(verifierOf(issuer))
    for (const path of ['/me', '/maybe'])
      expect(await ask(`${fresh.url}${path}`, own)).toMatchObject({
        status: 503,
        code: 'store_unavailable',
        challenge: null,
      })
    expect((await ask(`${fresh.url}/open`, own)).status).toBe(200)
  })
})

it('KM-03 F-32 a rotation over HTTP costs no good token a 401: next, active, retired and gone', async () => {
  const clock = virtualClock(new Date())
  const issuer = await startIssuer({ clock, tokens: { algorithm: 'ES256', accessTtl: '1h' } })
  const { url } = await startExpressService(verifierOf(issuer, { clock }))
  let session = await issuer.post('/register', { email: 'ada@example.com', password: 'a long enough passphrase' })
  const outcomes = new Map<number, number>()
  const signers = new Set<unknown>()
  let rotated = ''
  for (let round = 0; round < 60; round++) {
    if (round === 4) rotated = await issuer.auth.signingKeys.rotate()
    session = await issuer.post('/refresh', { refreshToken: session.refreshToken })
    signers.add(decodeProtectedHeader(session.accessToken).kid)
    const { status } = await ask(`${url}/me`, bearer(session.accessToken))
    outcomes.set(status, (outcomes.get(status) ?? 0) + 1)
    await clock.advance(150_000)
  }
  expect([...outcomes]).toEqual([[200, 60]])
  expect([signers.size, signers.has(rotated)]).toEqual([2, true])
  expect(issuer.keyReads()).toBeLessThan(40)
  expect((await issuer.auth.signingKeys.jwks()).keys.map(({ kid }) => kid)).toEqual([rotated])
})
