import { createAuth, type IssuedClient } from '@auth/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { type OAuthApp, oauthApp, otherResource } from './support/oauth-app.js'
import { issuer, testRoles } from './support/test-app.js'

const own = { grant_type: 'client_credentials' }

let app: OAuthApp
let client: IssuedClient
beforeEach(async () => {
  app = await oauthApp()
  client = app.client
})

describe('refresh tokens of clients', () => {
  it('A-65 ends the grant of a token that was used twice, and nothing else of the user', async () => {
    const first = await app.grant()
    const other = await app.grant()
    const second = (await app.refreshGrant(first.refreshToken)).json
    const third = (await app.refreshGrant(String(second.refresh_token))).json
    expect((await app.refreshGrant(first.refreshToken)).json.error).toBe('invalid_grant')
    expect((await app.refreshGrant(String(third.refresh_token))).json.error).toBe('invalid_grant')
    expect(await app.guard({ bearer: third.access_token })).toBe('401 token_revoked')
    expect(await app.guard({ bearer: other.accessToken })).toBe('ok')
    expect(await app.guard({ cookie: app.cookie })).toBe('ok')
    const types = (await app.auth.audit.list({})).map(({ type }) => type)
    expect(types.filter((type) => type === 'refresh.reused')).toHaveLength(1)
    // Long after, it is the same: no one else's session ends by it.
    await app.clock.advance(10_000)
    expect((await app.refreshGrant(first.refreshToken)).json.error).toBe('invalid_grant')
    expect(await app.guard({ cookie: app.cookie })).toBe('ok')
  })

  it('A-66 of many uses at one time gives one successor', async () => {
    const { refreshToken } = await app.grant()
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.refreshGrant(refreshToken)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ json }) => json.error))).toEqual(
      new Set(['invalid_grant']),
    )
  })

  it('RT-07 work for their client alone, and for no route of the application', async () => {
    const other = await app.register()
    const { refreshToken } = await app.grant()
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
    expect((await app.post('token', { basic: other, form })).json.error).toBe('invalid_grant')
    expect((await app.call('POST', '/auth/refresh', { body: { refreshToken } })).body.code).toBe('refresh_invalid')
    const mine = (
      await app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password: 'a long enough passphrase' } })
    ).body
    expect((await app.refreshGrant(String(mine.refreshToken))).json.error).toBe('invalid_grant')
    expect((await app.refreshGrant(refreshToken)).status).toBe(200)
  })

  it('RT-08 A-62 narrow one token and not the grant, and never widen', async () => {
    const { refreshToken } = await app.grant({ scope: 'read:orders write:orders' })
    const narrow = (await app.refreshGrant(refreshToken, { scope: 'read:orders' })).json
    expect(narrow.scope).toBe('read:orders')
    const wide = await app.refreshGrant(String(narrow.refresh_token), { scope: 'read:orders users:read' })
    expect(wide.json.error).toBe('invalid_scope')
    const full = (await app.refreshGrant(String(narrow.refresh_token))).json
    expect(full.scope).toBe('read:orders write:orders')
    const foreign = await app.refreshGrant(String(full.refresh_token), { resource: otherResource })
    expect(foreign.json.error).toBe('invalid_target')
    expect((await app.refreshGrant(String(full.refresh_token), { resource: issuer })).status).toBe(200)
  })

  it('RT-08 give what the user and the client have now', async () => {
    const { refreshToken } = await app.grant({ scope: 'read:orders write:orders' })
    await app.auth.oauth.clients.update(client.id, { scopes: ['read:orders', 'users:read'] })
    const next = (await app.refreshGrant(refreshToken)).json
    expect(next.scope).toBe('read:orders')
    await app.auth.accounts.setRoles(app.userId, ['auditor'])
    expect((await app.refreshGrant(String(next.refresh_token))).json.scope).toBe('')
  })
})

describe('resources (RFC 8707)', () => {
  it('OP-01 gives a token for the resource alone: no guard of ours takes it', async () => {
    const { json } = await app.post('token', { basic: client, form: { ...own, resource: otherResource } })
    const claims = JSON.parse(Buffer.from(String(json.access_token).split('.')[1] ?? '', 'base64url').toString())
    expect(claims.aud).toBe(otherResource)
    expect(await app.guard({ bearer: json.access_token })).toBe('401 token_claims_invalid')
    // The resource itself takes it, which is another deployment's audience here.
    const stores = { ...app.stores }
    const resource = createAuth({
      issuer,
      tokens: { algorithm: 'ES256' },
      secret: 'c7d1f0a4-a-secret-for-tests-alone-5be2937a',
      roles: testRoles,
      stores,
      clock: app.clock,
      audience: otherResource,
    })
    expect(await resource.tokens.verify(String(json.access_token))).toMatchObject({ sub: client.id })
  })

  it('OP-01 RT-08 keeps the resource of a grant', async () => {
    const code = await app.code({ resource: otherResource })
    const { json } = await app.exchange(code, { resource: otherResource })
    const next = (await app.refreshGrant(String(json.refresh_token))).json
    for (const token of [json, next])
      expect(await app.guard({ bearer: token.access_token })).toBe('401 token_claims_invalid')
    expect((await app.refreshGrant(String(next.refresh_token), { resource: issuer })).json.error).toBe('invalid_target')
  })

  it.each([
    'https://unknown.example/',
    'relative',
    `${otherResource}#f`,
    `${otherResource}/`,
    'https://STOCK.example.com/api',
  ])('OP-01 refuses the resource %s', async (resource) => {
    expect((await app.post('token', { basic: client, form: { ...own, resource } })).json.error).toBe('invalid_target')
    expect((await app.authorize({ resource })).query.get('error')).toBe('invalid_target')
  })

  it('OP-01 gives no token for two resources, and each client its own', async () => {
    const form = [
      ['grant_type', 'client_credentials'],
      ['resource', otherResource],
      ['resource', issuer],
    ] as const
    expect((await app.post('token', { basic: client, form })).json.error).toBe('invalid_target')
    const other = await app.register({ resources: [] })
    expect((await app.post('token', { basic: other, form: { ...own, resource: otherResource } })).json.error).toBe(
      'invalid_target',
    )
  })
})
