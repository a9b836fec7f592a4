import { StoreError } from '@auth/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { type OAuthApp, oauthApp, otherResource } from './support/oauth-app.js'
import { issuer, login } from './support/test-app.js'

const inactive = '{"active":false}'

let app: OAuthApp
beforeEach(async () => {
  app = await oauthApp()
})

describe('introspection', () => {
  it('IR-01 A-69 is for confidential clients that prove who they are', async () => {
    const { accessToken } = await app.grant()
    const other = await app.register({ kind: 'public', grants: ['authorization_code'] })
    expect((await app.post('introspect', { form: { token: accessToken } })).status).toBe(401)
    expect((await app.introspect(accessToken, { basic: [app.client.id, 'wrong'] })).json.error).toBe('invalid_client')
    const named = await app.post('introspect', { form: { token: accessToken, client_id: other.id } })
    expect([named.status, named.json.error]).toEqual([401, 'invalid_client'])
    expect((await app.get('/auth/oauth/introspect')).status).toBe(405)
    expect((await app.post('introspect', { basic: app.client, form: {} })).json.error).toBe('invalid_request')
  })

  it('IR-02 tells a client of its own tokens', async () => {
    const { accessToken, refreshToken } = await app.grant()
    const claims = await app.auth.tokens.verify(accessToken)
    const { json } = await app.introspect(accessToken)
    const { iss, sub, aud, client_id, scope, jti, exp, iat, auth_time } = claims
    expect(json).toEqual({ active: true, iss, sub, aud, client_id, scope, jti, exp, iat, auth_time, token_type: 'Bearer' })
    const refresh = (await app.introspect(refreshToken)).json
    expect(refresh).toMatchObject({
      active: true,
      iss: issuer,
      sub: app.userId,
      client_id: app.client.id,
      scope: 'read:orders',
    })
    expect(Number(refresh.exp) - Number(refresh.iat)).toBe(30 * 86_400)
  })

  it('IR-02 A-69 says of everything else that it is not active, and nothing more', async () => {
    const other = await app.register()
    const { accessToken, refreshToken } = await app.grant()
    const own = await login(app)
    const spent = await app.grant()
    await app.refreshGrant(spent.refreshToken)
    const basic = other
    const texts = [
      (await app.introspect(accessToken, { basic })).text,
      (await app.introspect(refreshToken, { basic })).text,
      (await app.introspect(own.accessToken)).text,
      (await app.introspect(own.refreshToken)).text,
      (await app.introspect(app.cookie.split('=')[1]?.split(';')[0] ?? '')).text,
      (await app.introspect(spent.refreshToken)).text,
      (await app.introspect('garbage')).text,
      (await app.introspect(`${accessToken}x`)).text,
      (await app.introspect('x'.repeat(60_000))).text,
    ]
    expect(texts).toEqual(texts.map(() => inactive))
    await app.clock.advance(906_000)
    expect((await app.introspect(accessToken)).text).toBe(inactive)
    expect((await app.introspect('x'.repeat(1_000_000))).status).toBe(413)
  })

  it('IR-02 A-69 gives the same whatever the hint', async () => {
    const { accessToken, refreshToken } = await app.grant()
    for (const hint of ['access_token', 'refresh_token', 'nonsense']) {
      for (const token of [accessToken, refreshToken]) {
        const { json } = await app.post('introspect', { basic: app.client, form: { token, token_type_hint: hint } })
        expect(json.active).toBe(true)
      }
    }
  })

  it('IR-02 OP-01 tells a resource server of the tokens for it, from whatever client', async () => {
    const resource = await app.register({ introspects: [otherResource], grants: ['client_credentials'], redirectUris: [] })
    const form = { grant_type: 'client_credentials', resource: otherResource }
    const { json } = await app.post('token', { basic: app.client, form })
    const token = String(json.access_token)
    expect((await app.introspect(token, { basic: resource })).json).toMatchObject({ active: true, aud: otherResource })
    expect((await app.introspect((await app.grant()).accessToken, { basic: resource })).text).toBe(inactive)
    const application = await app.register({ introspects: [issuer], grants: ['client_credentials'], redirectUris: [] })
    const own = await login(app)
    expect((await app.introspect(own.accessToken, { basic: application })).json.active).toBe(true)
    expect((await app.introspect(own.refreshToken, { basic: application })).text).toBe(inactive)
  })

  it.each(['revoke', 'token', 'logout', 'role', 'disable', 'client'] as const)(
    'IR-02 is current on every node at once: %s',
    async (what) => {
      const { stores, clock, client } = app
      const { accessToken, refreshToken } = await app.grant()
      const node = await secondNode(app)
      expect((await introspectOn(node, app, accessToken)).active).toBe(true)
      if (what === 'revoke') await app.post('revoke', { basic: client, form: { token: refreshToken } })
      if (what === 'token') await app.post('revoke', { basic: client, form: { token: accessToken } })
      if (what === 'logout') await app.auth.sessions.endAll(app.userId)
      if (what === 'role') await app.auth.accounts.setRoles(app.userId, [])
      if (what === 'disable') await app.auth.accounts.disable(app.userId)
      if (what === 'client') await app.auth.oauth.clients.disable(client.id)
      const { active, error } = await introspectOn(node, app, accessToken)
      expect(active ?? error).toBe(what === 'client' ? 'invalid_client' : false)
      expect(stores.clients).toBeDefined()
      expect(clock).toBe(app.clock)
    },
  )
})

/** A node that no store wakes: what it knows, it has read. */
async function secondNode({ stores: all, clock }: OAuthApp) {
  const revocations = new Proxy(all.revocations, {
    get: (target, key) => (key === 'subscribe' ? () => () => undefined : Reflect.get(target, key)),
  })
  const stores = { ...all, revocations }
  const { testApp } = await import('./support/test-app.js')
  return testApp({ stores, clock, oauth: {} })
}

async function introspectOn(node: Awaited<ReturnType<typeof secondNode>>, app: OAuthApp, token: string) {
  const { basic } = await import('./support/oauth-app.js')
  const body = new URLSearchParams({ token })
  const headers = { authorization: basic(app.client) }
  const request = new Request(`${issuer}/auth/oauth/introspect`, { method: 'POST', headers, body })
  return (await (await node.auth.handler(request)).json()) as { active?: boolean; error?: string }
}

describe('revocation', () => {
  const revoke = (token: string, form: Record<string, string> = {}, call: object = { basic: app.client }) =>
    app.post('revoke', { ...call, form: { token, ...form } })

  it.each([{}, { token_type_hint: 'access_token' }, { token_type_hint: 'refresh_token' }, { token_type_hint: 'x' }])(
    'IR-03 A-70 ends a grant by its refresh token, whatever the hint: %j',
    async (hint) => {
      const { accessToken, refreshToken } = await app.grant()
      const other = await app.grant()
      const answer = await revoke(refreshToken, hint)
      expect([answer.status, answer.text]).toEqual([200, ''])
      expect((await app.introspect(accessToken)).text).toBe(inactive)
      expect(await app.guard({ bearer: accessToken })).toBe('401 token_revoked')
      expect((await app.refreshGrant(refreshToken)).json.error).toBe('invalid_grant')
      expect((await app.introspect(other.accessToken)).json.active).toBe(true)
      expect((await revoke(refreshToken, hint)).status).toBe(200)
    },
  )

  it.each([{}, { token_type_hint: 'refresh_token' }])('IR-03 A-70 ends an access token alone: %j', async (hint) => {
    const { accessToken, refreshToken } = await app.grant()
    expect((await revoke(accessToken, hint)).status).toBe(200)
    expect(await app.guard({ bearer: accessToken })).toBe('401 token_revoked')
    expect((await app.refreshGrant(refreshToken)).status).toBe(200)
    const form = { grant_type: 'client_credentials', resource: otherResource }
    const { json } = await app.post('token', { basic: app.client, form })
    await revoke(String(json.access_token))
    expect((await app.introspect(String(json.access_token))).text).toBe(inactive)
  })

  it('IR-03 ends a grant by a refresh token that was spent', async () => {
    const { refreshToken } = await app.grant()
    const { json } = await app.refreshGrant(refreshToken)
    await revoke(refreshToken)
    expect(await app.guard({ bearer: json.access_token })).toBe('401 token_revoked')
  })

  it('IR-03 A-70 leaves tokens of others as they are, and knows of nothing', async () => {
    const other = await app.register()
    const { accessToken, refreshToken } = await app.grant()
    const own = await login(app)
    for (const token of [accessToken, refreshToken, own.accessToken, own.refreshToken, 'garbage', 'x'.repeat(9000)])
      expect((await revoke(token, {}, { basic: other })).status).toBe(200)
    for (const bearer of [accessToken, own.accessToken]) expect(await app.guard({ bearer })).toBe('ok')
    expect((await app.refreshGrant(refreshToken)).status).toBe(200)
    expect((await app.get('/auth/oauth/revoke')).status).toBe(405)
    expect((await revoke('')).json.error).toBe('invalid_request')
    expect((await app.post('revoke', { form: { token: accessToken } })).json.error).toBe('invalid_client')
  })

  it('IR-03 lets a public client take back what is its own', async () => {
    const native = await app.register({ kind: 'public', grants: ['authorization_code', 'refresh_token'] })
    const code = await app.code({ client_id: native.id })
    const { json } = await app.exchange(code, { client_id: native.id }, {})
    expect((await revoke(String(json.refresh_token), { client_id: native.id }, {})).status).toBe(200)
    expect(await app.guard({ bearer: json.access_token })).toBe('401 token_revoked')
  })

  it('IR-04 answers 503 where the store does not, and does it when asked again', async () => {
    let isDown = false
    const failing = <Store extends object>(store: Store, names: readonly string[]): Store =>
      new Proxy(store, {
        get(target, name) {
          if (isDown && names.includes(String(name))) return () => Promise.reject(new StoreError('down'))
          return Reflect.get(target, name)
        },
      })
    const { memoryStores } = await import('@auth/core')
    const plain = memoryStores()
    const stores = {
      ...plain,
      sessions: failing(plain.sessions, ['revoke']),
      revocations: failing(plain.revocations, ['append']),
    }
    const down = await oauthApp({ stores })
    const { accessToken, refreshToken } = await down.grant()
    for (const token of [refreshToken, accessToken]) {
      isDown = true
      const answer = await down.post('revoke', { basic: down.client, form: { token } })
      expect([answer.status, answer.json.error]).toEqual([503, 'temporarily_unavailable'])
      expect(answer.headers.get('retry-after')).toBe('1')
      isDown = false
      expect((await down.post('revoke', { basic: down.client, form: { token } })).status).toBe(200)
      expect((await down.introspect(token)).text).toBe(inactive)
    }
  })
})

describe('metadata', () => {
  const read = async (of: OAuthApp, path: string, headers: Record<string, string> = {}) => of.get(path, { headers })

  it('IR-05 A-76 comes from the configuration, whatever the first request says', async () => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }
    const { json, headers: answered, text } = await read(app, '/.well-known/oauth-authorization-server', headers)
    expect(text).not.toContain('evil')
    expect(json.issuer).toBe(issuer)
    expect(json.jwks_uri).toBe(`${issuer}/auth/jwks.json`)
    expect(answered.get('content-type')).toBe('application/json')
    expect(answered.get('cache-control')).toBe('public, max-age=300')
    expect((await read(app, '/.well-known/oauth-authorization-server/')).status).toBe(404)
    const posted = await app.auth.handler(
      new Request(`${issuer}/.well-known/oauth-authorization-server`, { method: 'POST' }),
    )
    expect(posted.status).toBe(405)
  })

  it('IR-05 names what is there and no more', async () => {
    const { json } = await read(app, '/.well-known/oauth-authorization-server')
    for (const [name, method] of [
      ['authorization_endpoint', 'GET'],
      ['token_endpoint', 'POST'],
      ['introspection_endpoint', 'POST'],
      ['revocation_endpoint', 'POST'],
      ['jwks_uri', 'GET'],
    ] as const) {
      const answer = await app.auth.handler(new Request(String(json[name]), { method }))
      expect([name, [404, 405].includes(answer.status)]).toEqual([name, false])
    }
    // Each value has its tests by name: S256 alone, the code alone, these grants and methods.
    expect(json).toMatchObject({
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      authorization_response_iss_parameter_supported: true,
    })
    expect(Object.keys(json)).toHaveLength(14)
  })

  it('IR-05 stands before the path of an issuer that has one (RFC 8414, section 3.1)', async () => {
    const { testApp } = await import('./support/test-app.js')
    const tenant = testApp({ issuer: `${issuer}/tenant/one`, oauth: {}, basePath: '/login' })
    const { body } = await tenant.call('GET', '/.well-known/oauth-authorization-server/tenant/one')
    expect([body.issuer, body.token_endpoint]).toEqual([`${issuer}/tenant/one`, `${issuer}/login/oauth/token`])
    expect((await tenant.call('GET', '/.well-known/oauth-authorization-server')).status).toBe(404)
    const resource = await tenant.call('GET', '/.well-known/oauth-protected-resource/tenant/one')
    expect(resource.body.resource).toBe(`${issuer}/tenant/one`)
  })

  it('tells clients of the resource where tokens for it come from (RFC 9728)', async () => {
    const { json } = await read(app, '/.well-known/oauth-protected-resource')
    expect(json).toEqual({ resource: issuer, authorization_servers: [issuer], bearer_methods_supported: ['header'] })
    const metadata = `resource_metadata="${issuer}/.well-known/oauth-protected-resource"`
    const unknown = await app.call('GET', '/auth/me')
    expect(unknown.headers.get('www-authenticate')).toBe(`Bearer ${metadata}`)
    const wrong = await app.call('GET', '/auth/me', { bearer: 'x' })
    expect(wrong.headers.get('www-authenticate')).toMatch(
      /^Bearer error="invalid_token", error_description="[^"]+", resource_metadata=/,
    )
    const source = { method: 'GET', url: '/', header: () => undefined, ip: undefined }
    const seen = await app.auth.authenticate(source)
    expect(seen.ok ? [] : seen.refusal.headers).toContainEqual(['www-authenticate', `Bearer ${metadata}`])
    const elsewhere = await oauthApp({ audience: 'https://api.example.com' })
    expect((await elsewhere.get('/.well-known/oauth-protected-resource')).status).toBe(404)
    expect((await elsewhere.call('GET', '/auth/me')).headers.get('www-authenticate')).toBe('Bearer')
  })
})
