import { AuthError, memoryStores, type RequestSource } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { roleFlows } from './support/role-flows.js'
import { otherAdmin, register, testApp } from './support/test-app.js'

describe('roles over memory stores', () => roleFlows(async () => memoryStores()))

describe('PUT /users/:id/roles', () => {
  it('refuses what is no list of declared roles, and whoever is not there', async () => {
    const app = testApp()
    const { accessToken, userId } = await register(app)
    await app.auth.rbac.assign(userId, 'admin')
    await app.clock.advance(1000)
    const { body } = await app.call('POST', '/auth/login', {
      body: { email: 'ada@example.com', password: 'a long enough passphrase' },
    })
    const put = async (id: string, sent: unknown): Promise<unknown[]> => {
      const answer = await app.call('PUT', `/auth/users/${id}/roles`, { bearer: body.accessToken, body: sent })
      const [issue] = (answer.body.issues ?? []) as { path: string; code: string }[]
      return [answer.status, answer.body.code, issue?.path, issue?.code]
    }
    const nobody = crypto.randomUUID()
    expect(await put(nobody, { roles: ['user'] })).toEqual([404, 'not_found', undefined, undefined])
    expect(await put(userId, { roles: ['user', 'amdin'] })).toEqual([422, 'validation_failed', 'roles.1', 'unknown_role'])
    expect(await put(userId, { roles: ['__proto__'] })).toEqual([422, 'validation_failed', 'roles.0', 'unknown_role'])
    expect(await put(userId, {})).toEqual([422, 'validation_failed', 'roles', 'required'])
    expect(await put(userId, { roles: 'admin' })).toEqual([422, 'validation_failed', 'roles', 'invalid_type'])
    expect((await app.call('PUT', `/auth/users/:id/roles`, { body: { roles: [] } })).status).toBe(404)
    expect((await app.call('GET', `/auth/users/${nobody}/roles`)).headers.get('allow')).toBe('PUT')
    // What somebody without the right would learn of the roles that there are: nothing.
    const stranger = await app.call('PUT', `/auth/users/${userId}/roles`, { bearer: accessToken, body: { roles: ['x'] } })
    expect(stranger.body.code).toBe('token_revoked')
  })
})

it('gives a role to somebody whose stored roles repeat one', async () => {
  const { auth } = testApp()
  const { id } = await auth.accounts.create({
    email: 'grace@example.com',
    password: 'a long enough passphrase',
    roles: ['user', 'user'],
  })
  expect(await auth.rbac.assign(id, 'admin')).toBe(true)
  expect((await auth.rbac.list(id)).roles).toContain('admin')
})

it('RB-06 A-88 an API key disables its owner only where they have no more than it', async () => {
  const app = testApp()
  await otherAdmin(app)
  const disabledBy = async (scope: 'users:manage' | '*', role: 'admin' | 'manager'): Promise<unknown> => {
    const email = `${crypto.randomUUID()}@example.com`
    const { id } = await app.auth.accounts.create({ email, password: 'a long enough passphrase', roles: [role] })
    const { key } = await app.auth.apiKeys.create({ userId: id, name: 'operations', scopes: [scope] })
    const { status, body } = await app.call('POST', `/auth/users/${id}/disable`, { headers: { 'x-api-key': key } })
    const isDisabled = (await app.stores.users.find(id))?.disabledAt !== null
    return [status, body.code, isDisabled]
  }
  expect(await disabledBy('users:manage', 'admin')).toEqual([403, 'insufficient_scope', false])
  // As nobody else either who has more scopes than the key.
  expect(await disabledBy('users:manage', 'manager')).toEqual([403, 'insufficient_scope', false])
  expect(await disabledBy('*', 'admin')).toEqual([204, undefined, true])
})

describe('a refusal', () => {
  it('RS-02 names what is required and missing, and who was refused where', async () => {
    const app = testApp()
    const { accessToken, userId } = await register(app)
    const answer = await app.call('GET', '/auth/users', { bearer: accessToken })
    expect(answer.status).toBe(403)
    expect(answer.body).toMatchObject({ requiredScopes: ['users:read'], missingScopes: ['users:read'] })
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="insufficient_scope", .*scope="users:read"$/)
    await app.call('POST', `/auth/users/${await otherAdmin(app)}/disable`, { bearer: accessToken })
    await app.guard({ bearer: accessToken, path: '/reset/S3cretTicket0/x?t=s3cret' }, { scopes: ['read:users'] })
    const events = await app.auth.audit.list({ type: 'access.refused', limit: 10 })
    expect(new Set(events.map(({ route }) => route))).toEqual(
      new Set(['GET /auth/users', 'POST /auth/users/:id/disable', 'GET /reset/*/x']),
    )
    for (const event of events) expect(event).toMatchObject({ actor: userId, code: 'insufficient_scope' })
  })
})

describe("a requirement's check", () => {
  const source = (bearer: string, url: string): RequestSource => ({
    method: 'GET',
    url,
    header: (name) => (name === 'authorization' ? `Bearer ${bearer}` : undefined),
    ip: undefined,
  })

  it("RB-07 is told of the request, and answers somebody else's object like a missing one", async () => {
    const app = testApp()
    const { accessToken, userId } = await register(app)
    const owners = new Map([
      ['/documents/1', userId],
      ['/documents/2', 'somebody else'],
    ])
    const ask = async (url: string): Promise<unknown> => {
      const seen = await app.auth.authenticate(source(accessToken, url), {
        check: (principal, { url: asked }) => {
          if (owners.get(asked) !== principal.subject) throw new AuthError('not_found')
          return true
        },
      })
      return seen.ok ? 'ok' : JSON.parse(seen.refusal.body)
    }
    expect(await ask('/documents/1')).toBe('ok')
    const missing = await ask('/documents/3')
    expect(missing).toMatchObject({ status: 404, code: 'not_found' })
    expect(await ask('/documents/2')).toEqual(missing)
  })

  it('RB-01 is given what the adapter gives, denies by any other error, and is reported', async () => {
    const faults: unknown[] = []
    const app = testApp({ logger: { warn: () => undefined, error: (details) => void faults.push(details) } })
    const { accessToken } = await register(app)
    const given: unknown[] = []
    const request = { params: { id: '7' } }
    const check = (_: unknown, context: typeof request): boolean => given.push(context) > 0
    expect((await app.auth.authenticate(source(accessToken, '/'), { check }, request)).ok).toBe(true)
    expect(given).toEqual([request])
    const seen = await app.auth.authenticate(source(accessToken, '/'), {
      check: () => {
        throw new AuthError('email_taken')
      },
    })
    expect(!seen.ok && [seen.refusal.status, seen.refusal.code]).toEqual([403, 'insufficient_scope'])
    expect(faults).toHaveLength(1)
  })
})

describe('the list of the own routes', () => {
  it('says of each whom it answers', async () => {
    const app = testApp()
    const { routes } = app.auth.matrix([{ method: 'ALL', path: '*', marks: [{ kind: 'routes' }] }])
    expect(routes.length).toBeGreaterThan(10)
    for (const { method, path, access, requirements } of routes) {
      const email = `${crypto.randomUUID()}@example.com`
      const { accessToken } = await register(app, email)
      // What each takes, so that nothing but the caller is judged.
      const known: Record<string, object> = {
        '/auth/register': { email: `x${email}`, password: 'a long enough passphrase' },
        '/auth/login': { email, password: 'a long enough passphrase' },
        '/auth/refresh': { refreshToken: 'x' },
        '/auth/password/change': { currentPassword: 'x', newPassword: 'another fine passphrase' },
        '/auth/users/:id/roles': { roles: [] },
        '/auth/api-keys': { name: 'bot', scopes: ['read:orders'] },
      }
      const at = path.replace(':id', crypto.randomUUID())
      const body = method === 'GET' ? {} : { body: known[path] ?? {} }
      const anonymous = await app.call(method, at, body)
      expect([path, anonymous.body.code === 'credentials_missing']).toEqual([path, access === 'guarded'])
      const scopes = requirements.flatMap((asked) => asked.scopes ?? [])
      const signedIn = await app.call(method, at, { ...body, bearer: accessToken })
      expect([path, signedIn.body.missingScopes ?? []]).toEqual([path, scopes])
    }
  })
})

describe('auth.rbac.explainUser', () => {
  it('says what the roles of somebody who is not calling come to, as they are now', async () => {
    const app = testApp()
    const { userId } = await register(app)
    const may = (scope: string) => app.auth.rbac.explainUser(userId, { scopes: [scope] })
    expect(String(await may('users:read'))).toMatch(
      /^denied: insufficient_scope\n {2}- scope users:read: missing; would do: /,
    )
    await app.auth.rbac.assign(userId, 'admin')
    expect(String(await may('users:read'))).toBe('allowed\n  + scope users:read: granted as * by admin')
    expect((await app.auth.rbac.explainUser(userId, { roles: ['user'], scopes: ['users:read'] })).allowed).toBe(true)
    for (const name of ['amdin', '__proto__', '']) {
      expect((await app.auth.rbac.explainUser(userId, { roles: [name] })).allowed).toBe(false)
    }
  })

  it('RB-01 allows nothing to whoever is disabled or not there, nor anything to a requirement that asks for nothing right', async () => {
    const app = testApp()
    const { userId } = await register(app)
    const code = (id: string): Promise<unknown> =>
      app.auth.rbac.explainUser(id, { roles: ['user'] }).catch((error: AuthError) => error.code)
    expect((await app.auth.rbac.explainUser(userId, { scopes: [] })).allowed).toBe(false)
    await app.auth.accounts.disable(userId)
    expect(await code(userId)).toBe('account_disabled')
    expect(await code(crypto.randomUUID())).toBe('not_found')
  })
})
