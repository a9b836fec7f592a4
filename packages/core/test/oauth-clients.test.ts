import { createHash } from 'node:crypto'
import { ConfigError, memoryStores } from '@auth/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { basic, type OAuthApp, oauthApp, redirectUri } from './support/oauth-app.js'
import { testApp } from './support/test-app.js'

const issuesOf = (work: Promise<unknown>): Promise<readonly string[]> =>
  work.then(
    () => [],
    (error: { code: string; details: { issues: { path: string }[] } }) => error.details.issues.map(({ path }) => path),
  )
const token = (app: OAuthApp, credentials: readonly [string, string], ip?: string) =>
  app.post('token', { basic: credentials, form: { grant_type: 'client_credentials' }, ...(ip ? { ip } : {}) })

let app: OAuthApp
beforeEach(async () => {
  app = await oauthApp()
})

describe('registered clients', () => {
  it('shows the secret once and stores its digest alone', async () => {
    const { client, stores } = app
    expect(client.secret).toMatch(/^[\w-]{43}$/)
    expect(client.id).toMatch(/^client_[\w-]{22}$/)
    expect(await app.auth.oauth.clients.find(client.id)).not.toHaveProperty('secret')
    const stored = JSON.stringify(await stores.clients.find(client.id))
    expect(stored).not.toContain(client.secret)
    expect(JSON.stringify(await app.auth.oauth.clients.list())).not.toContain('digest')
  })

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'https://*.client.example',
    '//client.example/cb',
    '/cb',
    'https://client.example/cb#f',
    'https://client.example/cb#',
    'https://u@client.example/cb',
    'https://u:p@client.example/cb',
    'http://client.example/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://localhost.evil.example/cb',
    'http://127.0.0.1:99999/cb',
    'myapp:/cb',
    'HTTPS://client.example/cb',
    'https:\\\\client.example\\cb',
    'https://client.example/ cb',
    '',
    7,
  ])('AZ-04 A-54 registers no redirect URI %s', async (uri) => {
    expect(await issuesOf(app.register({ redirectUris: [redirectUri, uri as string] }))).toEqual(['redirectUris.1'])
  })

  it.each([
    'https://client.example/cb',
    'https://client.example:8443/cb?x=1',
    'http://127.0.0.1/cb',
    'http://[::1]:4000/cb',
    'http://localhost:4000/cb',
    'com.example.app:/done',
  ])('AZ-04 registers %s', async (uri) => {
    expect((await app.register({ redirectUris: [uri] })).redirectUris).toEqual([uri])
  })

  it.each([
    [{ name: '' }, 'name'],
    [{ name: 'a\u0000b' }, 'name'],
    [{ scopes: ['*'] }, 'scopes.0'],
    [{ scopes: ['read:nothing'] }, 'scopes.0'],
    [{ scopes: ['read:orders', 'read:orders'] }, 'scopes'],
    [{ grants: ['password'] }, 'grants.0'],
    [{ grants: [] }, 'grants'],
    [{ grants: ['refresh_token'] }, 'grants'],
    [{ redirectUris: [] }, 'redirectUris'],
    [{ resources: ['relative'] }, 'resources.0'],
    [{ resources: ['https://x.example/#f'] }, 'resources.0'],
    [{ authMethods: ['none'] }, 'authMethods.0'],
    [{ authMethods: [] }, 'authMethods'],
    [{ id: 'a b' }, 'id'],
    [{ id: 'first-party' }, 'id'],
    [{ secretSha256: 'abc' }, 'secretSha256'],
    [{ other: true }, 'other'],
  ])('refuses settings with %j', async (settings, path) => {
    expect(await issuesOf(app.register(settings as object))).toContain(path)
  })

  it.each([
    [{ grants: ['client_credentials'] }, 'grants'],
    [{ consent: 'implicit' }, 'consent'],
    [{ authMethods: ['client_secret_post'] }, 'authMethods'],
    [{ introspects: ['https://api.example'] }, 'introspects'],
    [{ secretSha256: 'a'.repeat(64) }, 'secretSha256'],
  ])('AZ-13 TK-07 gives a public client no %j', async (settings, path) => {
    const base = { kind: 'public', grants: ['authorization_code'], authMethods: [] } as const
    expect(await issuesOf(app.register({ ...base, ...(settings as object) }))).toContain(path)
  })

  it("JT-14 refuses ids that a user may have, so that no client's token passes for a user's", async () => {
    for (const id of [app.userId, app.userId.toUpperCase(), crypto.randomUUID()])
      expect(await issuesOf(app.register({ id }))).toEqual(['id'])
    const { json } = await token(app, [app.client.id, app.client.secret ?? ''])
    const claims = await app.auth.tokens.verify(String(json.access_token))
    expect(claims).toMatchObject({ sub: app.client.id, client_id: app.client.id, roles: [] })
    expect(await app.guard({ bearer: json.access_token }, { roles: ['user'] })).toBe('403 insufficient_role')
    expect((await app.call('GET', '/auth/sessions', { bearer: json.access_token })).body.code).toBe('credential_not_allowed')
  })

  it('refuses an id that is taken, and keeps what is there', async () => {
    await expect(app.register({ id: app.client.id })).rejects.toMatchObject({
      details: { issues: [{ path: 'id', code: 'taken' }] },
    })
    expect((await token(app, [app.client.id, app.client.secret ?? ''])).status).toBe(200)
  })

  it('TK-04 takes a secret over by its SHA-256, with whatever characters', async () => {
    const secret = 'a+secret:with%of é its own, long enough'
    const secretSha256 = createHash('sha256').update(secret).digest('hex')
    const id = 'id+with%:é'.replace('é', 'e')
    expect((await app.register({ id, secretSha256 })).secret).toBeNull()
    expect((await token(app, [id, secret])).status).toBe(200)
    const posted = { grant_type: 'client_credentials', client_id: id, client_secret: secret }
    expect((await app.post('token', { form: posted })).status).toBe(200)
    // The same again changes nothing, as when several processes bring it in.
    await app.auth.oauth.clients.rotateSecret(id, { secretSha256, overlap: 0 })
    expect((await app.auth.oauth.clients.find(id))?.secrets).toHaveLength(1)
  })

  it('TK-04 lets two secrets overlap, and no third', async () => {
    const { id, secret: first } = app.client
    const { secret: second } = await app.auth.oauth.clients.rotateSecret(id, { overlap: '1h' })
    const status = async (secret: string | null): Promise<number> => (await token(app, [id, secret ?? ''])).status
    expect([await status(first), await status(second)]).toEqual([200, 200])
    await app.clock.advance(3600_000)
    expect([await status(first), await status(second)]).toEqual([401, 200])
    const { secret: third } = await app.auth.oauth.clients.rotateSecret(id)
    const { secret: fourth } = await app.auth.oauth.clients.rotateSecret(id)
    expect([await status(second), await status(third), await status(fourth)]).toEqual([401, 200, 200])
    await app.auth.oauth.clients.rotateSecret(id, { overlap: 0 })
    expect(await status(fourth)).toBe(401)
  })

  it('changes what a client may do, from the next token on', async () => {
    await app.auth.oauth.clients.update(app.client.id, { scopes: ['read:orders'], name: 'Renamed' })
    const { json } = await token(app, [app.client.id, app.client.secret ?? ''])
    expect(json.scope).toBe('read:orders')
    expect(await issuesOf(app.auth.oauth.clients.update(app.client.id, { kind: 'public' } as object))).toEqual(['kind'])
    await expect(app.auth.oauth.clients.update('nobody', {})).rejects.toMatchObject({ code: 'not_found' })
  })

  it.each(['disable', 'remove'] as const)(
    "%s ends the client's tokens at once, its own and those of grants",
    async (end) => {
      const own = (await token(app, [app.client.id, app.client.secret ?? ''])).json
      const { accessToken, refreshToken } = await app.grant()
      const pending = await app.code()
      await app.auth.oauth.clients[end](app.client.id)
      for (const bearer of [own.access_token, accessToken]) expect(await app.guard({ bearer })).toBe('401 token_revoked')
      expect((await app.refreshGrant(refreshToken)).json.error).toBe('invalid_client')
      expect((await app.exchange(pending)).json.error).toBe('invalid_client')
      expect((await app.authorize()).status).toBe(400)
    },
  )

  it('gives an enabled client tokens once what it had has ended, and nothing that it was granted before', async () => {
    const { refreshToken } = await app.grant()
    await app.auth.oauth.clients.disable(app.client.id)
    await app.auth.oauth.clients.enable(app.client.id)
    expect((await app.refreshGrant(refreshToken)).json.error).toBe('invalid_client')
    await app.clock.advance(65 * 60_000 + 10_000)
    expect((await app.refreshGrant(refreshToken)).json.error).toBe('invalid_grant')
    expect((await app.introspect(refreshToken)).text).toBe('{"active":false}')
    const again = await app.grant()
    const { json } = await app.refreshGrant(again.refreshToken)
    expect(await app.guard({ bearer: json.access_token })).toBe('ok')
  })

  it('RT-07 leaves nothing of a removed client to one that is registered under its id', async () => {
    const { refreshToken } = await app.grant()
    const { id, secret } = app.client
    await app.auth.oauth.clients.remove(id)
    await app.clock.advance(66 * 60_000)
    const secretSha256 = createHash('sha256')
      .update(secret ?? '')
      .digest('hex')
    await app.register({ id, secretSha256 })
    expect((await app.refreshGrant(refreshToken)).json.error).toBe('invalid_grant')
    expect((await app.introspect(refreshToken)).text).toBe('{"active":false}')
  })

  it('TK-03 limits guesses by address, and the right secret of before is none', async () => {
    expect((await token(app, [app.client.id, app.client.secret ?? ''])).status).toBe(200)
    for (let i = 0; i < 30; i++) expect((await token(app, [`nobody-${i}`, 'x'])).status).toBe(401)
    const blocked = await token(app, [app.client.id, 'guess'])
    expect([blocked.status, blocked.json.error]).toEqual([429, 'temporarily_unavailable'])
    expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await token(app, [app.client.id, app.client.secret ?? ''])).status).toBe(200)
    expect((await token(app, [app.client.id, 'guess'], '198.51.100.9')).status).toBe(401)
  })

  it('TK-03 tells nobody whether a client exists', async () => {
    const disabled = await app.register()
    await app.auth.oauth.clients.disable(disabled.id)
    const publicClient = await app.register({ kind: 'public', grants: ['authorization_code'], authMethods: [] })
    const answers = await Promise.all([
      token(app, ['nobody', 'x']),
      token(app, [crypto.randomUUID(), 'x']),
      token(app, [app.client.id, 'x']),
      token(app, [disabled.id, disabled.secret ?? '']),
      token(app, [publicClient.id, 'x']),
    ])
    const [first] = answers
    for (const { status, text, headers } of answers) {
      expect([status, text]).toEqual([401, first?.text])
      expect(headers.get('www-authenticate')).toBe('Basic realm="oauth", charset="UTF-8"')
    }
  })
})

describe('what a refused client costs', () => {
  it('TK-03 is the same for one that does not exist, with a wrong secret, or disabled: the same calls in the same order', async () => {
    const calls: string[] = []
    const plain = memoryStores()
    const counted = Object.entries(plain).map(([name, store]) => [
      name,
      new Proxy(store as object, {
        get(target, key) {
          const member: unknown = Reflect.get(target, key)
          if (typeof member !== 'function' || key === 'subscribe') return member
          return (...given: unknown[]) => {
            calls.push(`${name}.${String(key)}`)
            return Reflect.apply(member, target, given)
          }
        },
      }),
    ])
    const watched = await oauthApp({ stores: Object.fromEntries(counted) as typeof plain })
    const disabled = await watched.register()
    await watched.auth.oauth.clients.disable(disabled.id)
    const costs: string[][] = []
    const tries = [
      ['nobody', 'x', '198.51.100.1'],
      [watched.client.id, 'x', '198.51.100.2'],
      [disabled.id, disabled.secret ?? '', '198.51.100.3'],
    ] as const
    for (const [id, secret, ip] of tries) {
      await watched.auth.ready()
      calls.length = 0
      expect((await token(watched, [id, secret], ip)).status).toBe(401)
      costs.push([...calls])
    }
    expect(costs[0]).toContain('clients.find')
    expect(costs[1]).toEqual(costs[0])
    expect(costs[2]).toEqual(costs[0])
  })
})

describe('the OAuth server in a configuration', () => {
  const problems = (config: object): readonly string[] => {
    try {
      testApp(config)
      return []
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return error.problems.map(({ path }) => path)
    }
  }
  const { clients: _, tickets: __, ...bare } = memoryStores()

  it.each([
    [{ oauth: {}, stores: bare }, ['stores.clients', 'stores.tickets']],
    [{ oauth: true }, ['oauth']],
    [{ oauth: { other: 1 } }, ['oauth.other']],
    [{ oauth: { codeTtl: '11m' } }, ['oauth.codeTtl']],
    [{ oauth: { scopeDescriptions: { 'read:orders': 1 } } }, ['oauth.scopeDescriptions']],
    [{ oauth: false, stores: bare }, []],
    [{ oauth: {} }, []],
    [{ oauth: {}, links: { signIn: 'https://app.example.com/' } }, []],
  ])('judges %j', (config, paths) => {
    expect(problems(config)).toEqual(paths)
  })

  it('is off unless it is asked for: no routes, no documents, and what is called says so', async () => {
    const off = testApp()
    expect((await off.call('POST', '/auth/oauth/token')).body.code).toBe('not_found')
    expect((await off.call('GET', '/.well-known/oauth-authorization-server')).body.code).toBe('not_found')
    await expect(off.auth.oauth.clients.list()).rejects.toThrow(ConfigError)
    const refused = await off.call('GET', '/auth/me')
    expect(refused.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('encodes credentials as the RFC has it', () => {
    expect(Buffer.from(basic(['a b', 'c:d']).slice(6), 'base64').toString()).toBe('a+b:c%3Ad')
  })
})
