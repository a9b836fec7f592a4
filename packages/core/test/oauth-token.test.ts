import { type IssuedClient, memoryStores, type NewOAuthClient } from '@auth/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { basic, type OAuthApp, oauthApp, redirectUri, verifier } from './support/oauth-app.js'
import { issuer } from './support/test-app.js'

const own = { grant_type: 'client_credentials' }
const publicSettings: Partial<NewOAuthClient> = { kind: 'public', grants: ['authorization_code', 'refresh_token'] }

let app: OAuthApp
let client: IssuedClient
beforeEach(async () => {
  app = await oauthApp()
  client = app.client
})

describe('requests to the token endpoint', () => {
  it('TK-01 A-68 takes POST alone, and a form alone', async () => {
    const got = await app.get('/auth/oauth/token')
    expect([got.status, got.headers.get('allow'), got.json.error]).toEqual([405, 'POST', 'invalid_request'])
    const send = (body: string, type: string) =>
      app.auth.handler(
        new Request(`${issuer}/auth/oauth/token`, {
          method: 'POST',
          headers: { 'content-type': type, authorization: basic(client) },
          body,
        }),
      )
    const form = 'application/x-www-form-urlencoded'
    const answers = [
      [415, JSON.stringify(own), 'application/json'],
      [415, '--x--', 'multipart/form-data; boundary=x'],
      [400, 'grant_type=client_credentials', `${form}; charset=utf-16`],
      [413, `grant_type=client_credentials&x=${'x'.repeat(1_000_000)}`, form],
      [200, 'grant_type=client_credentials', `${form};charset=UTF-8`],
    ] as const
    for (const [status, body, type] of answers) {
      const answer = await send(body, type)
      expect([status, type, answer.status]).toEqual([status, type, status])
      expect(answer.headers.get('content-type')).toBe('application/json')
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })

  it('TK-01 reads nothing from the URL', async () => {
    const query = new URLSearchParams({ ...own, client_id: client.id, client_secret: client.secret ?? '' })
    expect((await app.post(`token?${query}`, { form: {} })).json.error).toBe('invalid_request')
    expect((await app.post(`token?${query}`, { form: own })).status).toBe(401)
  })

  it.each(['grant_type', 'scope', 'code', 'redirect_uri', 'code_verifier', 'refresh_token', 'client_id', 'client_secret'])(
    'TK-01 A-68 refuses %s twice',
    async (name) => {
      const form = [
        ['grant_type', 'client_credentials'],
        [name, 'a'],
        [name, 'a'],
      ] as const
      expect((await app.post('token', { basic: client, form })).json.error).toBe('invalid_request')
    },
  )

  it.each(['password', 'implicit', 'urn:ietf:params:oauth:grant-type:device_code', 'toString', '__proto__'])(
    'TK-05 A-63 does not know the grant %s',
    async (grant) => {
      const { status, json } = await app.post('token', { basic: client, form: { grant_type: grant } })
      expect([status, json.error]).toEqual([400, 'unsupported_grant_type'])
    },
  )

  it('TK-05 TK-07 A-63 gives each client its own grants alone', async () => {
    const web = await app.register({ grants: ['authorization_code'] })
    const other = await app.register({ ...publicSettings, grants: ['authorization_code'] })
    const refused = [
      [{ basic: web }, 'client_credentials'],
      [{ basic: web }, 'refresh_token'],
      [{}, 'client_credentials'],
    ] as const
    for (const [call, grant] of refused) {
      const named = 'basic' in call ? {} : { client_id: other.id }
      const { json } = await app.post('token', { ...call, form: { grant_type: grant, refresh_token: 'x', ...named } })
      expect(json.error).toBe('unauthorized_client')
    }
  })

  it('TK-07 TK-08 answers a client for itself, without a refresh token', async () => {
    const { status, json, headers } = await app.post('token', { basic: client, form: own })
    expect(status).toBe(200)
    expect(Object.keys(json).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type'])
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'read:orders write:orders users:read' })
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache'])
    const seen = await app.auth.tokens.verify(String(json.access_token))
    expect(seen).toMatchObject({ sub: client.id, client_id: client.id, aud: issuer, iss: issuer, roles: [] })
    expect(await app.guard({ bearer: json.access_token }, { scopes: ['read:orders'] })).toBe('ok')
  })

  it.each([
    'admin',
    'read:users',
    'read:orders nothing',
    'read:*',
    '*',
    'x'.repeat(10_000),
    'read:orders\tread:orders',
    '\u0000',
  ])('A-62 AZ-14 refuses the scope %j', async (scope) => {
    const { json } = await app.post('token', { basic: client, form: { ...own, scope } })
    expect(json.error).toBe('invalid_scope')
  })

  it('A-62 takes a scope once, however often it is named', async () => {
    const { json } = await app.post('token', { basic: client, form: { ...own, scope: 'read:orders read:orders' } })
    expect(json.scope).toBe('read:orders')
  })

  it('TK-08 describes errors in printable ASCII and with RFC codes alone', async () => {
    const answers = await Promise.all([
      app.post('token', { form: {} }),
      app.post('token', { form: own }),
      app.post('token', { basic: client, form: { ...own, scope: '<b>é' } }),
      app.exchange('<img onerror=alert(1)>'),
      app.post('nothing', { form: {} }),
    ])
    for (const { json, headers } of answers) {
      expect(Object.keys(json)).toEqual(['error', 'error_description'])
      expect(json.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
      expect(headers.get('content-type')).toBe('application/json')
    }
    expect(answers.map(({ status }) => status)).toEqual([400, 401, 400, 400, 404])
  })
})

describe('how clients prove who they are', () => {
  it('TK-02 takes exactly one method', async () => {
    const posted = { ...own, client_id: client.id, client_secret: client.secret ?? '' }
    expect((await app.post('token', { form: posted })).status).toBe(200)
    expect((await app.post('token', { basic: client, form: posted })).json.error).toBe('invalid_request')
    expect((await app.post('token', { basic: client, form: { ...own, client_id: client.id } })).status).toBe(200)
    expect((await app.post('token', { basic: client, form: { ...own, client_id: 'another' } })).json.error).toBe(
      'invalid_request',
    )
  })

  it('TK-02 takes the method that is registered', async () => {
    const byHeader = await app.register({ authMethods: ['client_secret_basic'] })
    const byForm = await app.register({ authMethods: ['client_secret_post'] })
    const posted = ({ id, secret }: IssuedClient) => ({ ...own, client_id: id, client_secret: secret ?? '' })
    expect((await app.post('token', { basic: byHeader, form: own })).status).toBe(200)
    expect((await app.post('token', { form: posted(byForm) })).status).toBe(200)
    expect((await app.post('token', { form: posted(byHeader) })).json.error).toBe('invalid_client')
    expect((await app.post('token', { basic: byForm, form: own })).json.error).toBe('invalid_client')
  })

  it.each(['Basic', 'Basic !', 'Basic Og==', 'Bearer x', 'Basic JTpi', 'Basic YWJj'])(
    'TK-03 refuses %j with a challenge',
    async (line) => {
      const { status, json, headers } = await app.post('token', { form: own, headers: { authorization: line } })
      expect([status, json.error]).toEqual([401, 'invalid_client'])
      expect(headers.get('www-authenticate')).toContain('Basic')
    },
  )

  it('TK-03 RT-07 challenges nobody who did not use the header, and lets nobody leave their secret out', async () => {
    for (const form of [own, { ...own, client_id: client.id }, { ...own, client_id: client.id, client_secret: 'wrong' }]) {
      const { status, json, headers } = await app.post('token', { form })
      expect([status, json.error, headers.get('www-authenticate')]).toEqual([401, 'invalid_client', null])
    }
    const { refreshToken } = await app.grant()
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: client.id }
    expect((await app.post('token', { form })).json.error).toBe('invalid_client')
    expect((await app.refreshGrant(refreshToken)).status).toBe(200)
  })
})

describe('codes', () => {
  it('AZ-08 gives a user’s grant: scopes as allowed, no roles, when they signed in', async () => {
    const { status, json } = await app.exchange(await app.code({ scope: 'read:orders users:read' }))
    expect(status).toBe(200)
    expect(Object.keys(json).sort()).toEqual(['access_token', 'expires_in', 'refresh_token', 'scope', 'token_type'])
    // What the client may ask for and the user does not have is left out.
    expect(json.scope).toBe('read:orders')
    const claims = await app.auth.tokens.verify(String(json.access_token))
    expect(claims).toMatchObject({ sub: app.userId, client_id: client.id, roles: [], scopes: ['read:orders'] })
    expect(claims.auth_time).toBe(Math.floor(app.clock.now().getTime() / 1000))
    expect(await app.guard({ bearer: json.access_token }, { scopes: ['read:orders'] })).toBe('ok')
    expect(await app.guard({ bearer: json.access_token }, { roles: ['user'] })).toBe('403 insufficient_role')
    expect((await app.call('GET', '/auth/sessions', { bearer: json.access_token })).status).toBe(403)
    expect((await app.call('GET', '/auth/me', { bearer: json.access_token })).status).toBe(200)
  })

  it('AZ-09 A-58 works once; a second use ends what the first one gave', async () => {
    const code = await app.code()
    const { json } = await app.exchange(code)
    expect(await app.guard({ bearer: json.access_token })).toBe('ok')
    const again = await app.exchange(code)
    expect([again.status, again.json.error]).toEqual([400, 'invalid_grant'])
    expect(await app.guard({ bearer: json.access_token })).toBe('401 token_revoked')
    expect((await app.refreshGrant(String(json.refresh_token))).json.error).toBe('invalid_grant')
    const types = (await app.auth.audit.list({})).map(({ type }) => type)
    expect(types.filter((type) => type === 'oauth.code_replayed')).toHaveLength(1)
  })

  it('AZ-09 A-58 of many uses at one time gives one grant at most, and none of it lives', async () => {
    const code = await app.code()
    const answers = await Promise.all(Array.from({ length: 25 }, () => app.exchange(code)))
    const won = answers.filter(({ status }) => status === 200)
    expect(won.length).toBeLessThanOrEqual(1)
    for (const { json } of won) expect(await app.guard({ bearer: json.access_token })).toBe('401 token_revoked')
    expect((await app.stores.sessions.listLive(app.userId, app.clock.now())).filter(({ clientId }) => clientId)).toEqual([])
  })

  it.each([
    ['another verifier', { code_verifier: `${verifier}x` }],
    ['no verifier', { code_verifier: '' }],
    ['a short verifier', { code_verifier: 'x'.repeat(42) }],
    ['a long verifier', { code_verifier: 'x'.repeat(129) }],
    ['a verifier with odd characters', { code_verifier: `${'x'.repeat(43)}+` }],
    ['another redirect URI', { redirect_uri: `${redirectUri}x` }],
    ['no redirect URI', { redirect_uri: '' }],
  ])('AZ-08 AZ-10 TK-06 A-57 A-60 refuses %s, and the code stays good', async (_, form) => {
    const code = await app.code()
    expect((await app.exchange(code, form)).json.error).toBe('invalid_grant')
    expect((await app.exchange(code)).status).toBe(200)
    // Also afterwards: who does not know all of it takes nothing back.
    expect((await app.exchange(code, form)).json.error).toBe('invalid_grant')
    expect(
      (await app.stores.sessions.listLive(app.userId, app.clock.now())).filter(({ clientId }) => clientId),
    ).toHaveLength(1)
  })

  it('AZ-08 AZ-10 A-60 refuses the code of another client, and leaves it good', async () => {
    const other = await app.register()
    const code = await app.code()
    expect((await app.exchange(code, {}, { basic: other })).json.error).toBe('invalid_grant')
    expect((await app.exchange(code)).status).toBe(200)
  })

  it('AZ-08 A-60 is over after a minute, or as long as is configured', async () => {
    const code = await app.code()
    await app.clock.advance(60_000)
    expect((await app.exchange(code)).json.error).toBe('invalid_grant')
    const longer = await oauthApp({ oauth: { codeTtl: '2m' } })
    const later = await longer.code()
    await longer.clock.advance(119_000)
    expect((await longer.exchange(later)).status).toBe(200)
  })

  it('AZ-08 knows no code that it did not issue, and asks no store for it', async () => {
    const asked: string[] = []
    const stores = memoryStores()
    const tickets = new Proxy(stores.tickets ?? {}, {
      get(target, name) {
        asked.push(String(name))
        return Reflect.get(target, name)
      },
    }) as NonNullable<typeof stores.tickets>
    const node = await oauthApp({ stores: { ...stores, tickets } })
    asked.length = 0
    const foreign = await (await oauthApp({ secret: 'another secret of more than 32 bytes, for tests' })).code()
    for (const code of ['', 'x', foreign, `${foreign}=`]) {
      const { json } = await node.exchange(code)
      expect(json.error).toMatch(/^invalid_(?:grant|request)$/)
    }
    expect(asked).toEqual([])
  })

  it.each(['disable', 'resetPassword', 'endAll', 'delete'] as const)('ends with the account: %s', async (what) => {
    const code = await app.code()
    const { accessToken, refreshToken } = await app.grant()
    const { accounts, sessions } = app.auth
    if (what === 'disable') await accounts.disable(app.userId)
    if (what === 'delete') await accounts.delete(app.userId)
    if (what === 'resetPassword') await accounts.resetPassword(app.userId, 'another fine passphrase')
    if (what === 'endAll') await sessions.endAll(app.userId)
    expect((await app.exchange(code)).json.error).toBe('invalid_grant')
    expect((await app.refreshGrant(refreshToken)).json.error).toBe('invalid_grant')
    expect(await app.guard({ bearer: accessToken })).toBe('401 token_revoked')
    expect((await app.introspect(accessToken)).text).toBe('{"active":false}')
  })

  it('gives no refresh token to a client without that grant', async () => {
    const web = await app.register({ grants: ['authorization_code'] })
    const { json } = await app.exchange(await app.code({ client_id: web.id }), {}, { basic: web })
    expect(json).not.toHaveProperty('refresh_token')
    const live = await app.stores.sessions.listLive(app.userId, app.clock.now())
    const session = live.find(({ clientId }) => clientId === web.id)
    expect(Number(session?.expiresAt) - app.clock.now().getTime()).toBe(900_000)
  })

  it('TK-07 serves public clients, which prove themselves by PKCE', async () => {
    const native = await app.register({ ...publicSettings, redirectUris: ['http://127.0.0.1/cb'] })
    const uri = 'http://127.0.0.1:49152/cb'
    const code = await app.code({ client_id: native.id, redirect_uri: uri })
    const { status, json } = await app.exchange(code, { client_id: native.id, redirect_uri: uri }, {})
    expect(status).toBe(200)
    const form = { grant_type: 'refresh_token', client_id: native.id, refresh_token: String(json.refresh_token) }
    const next = await app.post('token', { form })
    expect(next.status).toBe(200)
    expect((await app.post('token', { form })).json.error).toBe('invalid_grant')
    expect(await app.guard({ bearer: next.json.access_token })).toBe('401 token_revoked')
  })
})
