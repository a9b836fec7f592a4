import { type AuthStores, memoryStores } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { cookieLogin, ownPage, password, register, testApp } from './support/test-app.js'

type StoreName = keyof AuthStores

/** Stores of which one fails in one method. */
function failing(stores: Required<AuthStores>, name: StoreName, method: string): Required<AuthStores> {
  const broken = { ...stores[name], [method]: () => Promise.reject(new Error('SQLSTATE 57P01 select * from secrets')) }
  return { ...stores, [name]: broken }
}

const operations = {
  register: (app) => app.call('POST', '/auth/register', { body: { email: 'new@example.com', password } }),
  login: (app) => app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } }),
  'wrong login': (app) =>
    app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password: 'wrong password' } }),
  refresh: (app, { refreshToken }) => app.call('POST', '/auth/refresh', { body: { refreshToken } }),
  logout: (app, { accessToken }) => app.call('POST', '/auth/logout', { bearer: accessToken }),
  'cookie logout': (app, { cookie }) => app.call('POST', '/auth/logout', { cookie, headers: ownPage }),
  'logout-all': (app, { accessToken }) => app.call('POST', '/auth/logout-all', { bearer: accessToken }),
  me: (app, { accessToken }) => app.call('GET', '/auth/me', { bearer: accessToken }),
  'me by cookie': (app, { cookie }) => app.call('GET', '/auth/me', { cookie }),
  sessions: (app, { accessToken }) => app.call('GET', '/auth/sessions', { bearer: accessToken }),
  change: (app, { accessToken }) =>
    app.call('POST', '/auth/password/change', {
      bearer: accessToken,
      body: { currentPassword: password, newPassword: 'another fine passphrase' },
    }),
  delete: (app, { accessToken }) => app.call('POST', '/auth/me/delete', { bearer: accessToken, body: { password } }),
  'make key': (app, { accessToken }) =>
    app.call('POST', '/auth/api-keys', { bearer: accessToken, body: { name: 'bot', scopes: ['read:orders'] } }),
  'rotate key': (app, { accessToken, keyId }) =>
    app.call('POST', `/auth/api-keys/${keyId}/rotate`, { bearer: accessToken, body: {} }),
  'revoke key': (app, { accessToken, keyId }) => app.call('DELETE', `/auth/api-keys/${keyId}`, { bearer: accessToken }),
  'list keys': (app, { accessToken }) => app.call('GET', '/auth/api-keys', { bearer: accessToken }),
  'me by key': (app, { key }) => app.call('GET', '/auth/me', { headers: { 'x-api-key': key } }),
} satisfies Record<
  string,
  (
    app: ReturnType<typeof testApp>,
    held: { accessToken: string; refreshToken: string; cookie: string; key: string; keyId: string },
  ) => Promise<{ status: number }>
>

const methods: readonly (readonly [StoreName, string])[] = [
  ['users', 'find'],
  ['users', 'findByEmailKey'],
  ['users', 'insert'],
  ['users', 'revoke'],
  ['users', 'delete'],
  ['sessions', 'insert'],
  ['sessions', 'find'],
  ['sessions', 'listLive'],
  ['sessions', 'rotate'],
  ['sessions', 'revoke'],
  ['sessions', 'revokeAll'],
  ['sessions', 'swapEpoch'],
  ['sessions', 'touch'],
  ['revocations', 'append'],
  ['revocations', 'read'],
  ['attempts', 'find'],
  ['attempts', 'take'],
  ['attempts', 'giveBack'],
  ['attempts', 'settle'],
  ['signingKeys', 'list'],
  ['audit', 'insert'],
  ['apiKeys', 'insert'],
  ['apiKeys', 'find'],
  ['apiKeys', 'list'],
  ['apiKeys', 'rotate'],
  ['apiKeys', 'revoke'],
  ['apiKeys', 'revokeAll'],
]

describe('a store that fails', () => {
  it.each(methods)('ER-02 F-01 F-03 in %s.%s costs availability and nothing else', async (name, method) => {
    for (const [operation, run] of Object.entries(operations)) {
      const stores = memoryStores()
      const app = testApp({ stores })
      const registered = await register(app)
      const made = await app.auth.apiKeys.create({ userId: registered.userId, name: 'bot', scopes: ['read:orders'] })
      const held = { ...registered, cookie: await cookieLogin(app), key: made.key, keyId: made.id }
      const node = testApp({ clock: app.clock, stores: failing(stores, name, method) })
      const answer = await run(node, held)
      const healthy = {
        register: 201,
        'wrong login': 401,
        logout: 204,
        'cookie logout': 204,
        'logout-all': 204,
        change: 204,
        delete: 204,
        'make key': 201,
        'rotate key': 201,
        'revoke key': 204,
      } as Record<string, number>
      const expected = healthy[operation] ?? 200
      expect([expected, 503], `${operation} with ${name}.${method} failing`).toContain(answer.status)
      if (answer.status === 503) {
        expect(answer.headers.get('retry-after')).toBe('1')
        expect(answer.body).toMatchObject({ code: 'store_unavailable' })
        expect(JSON.stringify(answer.body)).not.toMatch(/SQLSTATE|select/)
      }
    }
  })

  it('F-03 in the revocation feed refuses tokens once they are older than maxStaleness, and recovers by itself', async () => {
    const stores = memoryStores()
    let down = false
    const revocations: typeof stores.revocations = {
      ...stores.revocations,
      read: (...given) => (down ? Promise.reject(new Error('down')) : stores.revocations.read(...given)),
    }
    const app = testApp({ stores: { ...stores, revocations } })
    const { accessToken } = await register(app)
    expect(await app.guard({ bearer: accessToken })).toBe('ok')
    down = true
    await app.clock.advance(4000)
    expect(await app.guard({ bearer: accessToken })).toBe('ok')
    await app.clock.advance(1001)
    expect(await app.guard({ bearer: accessToken })).toBe('503 store_unavailable')
    down = false
    expect(await app.guard({ bearer: accessToken })).toBe('ok')
  })

  it('F-05 ST-05 by not answering is given up after the deadline', async () => {
    const stores = memoryStores()
    const users: typeof stores.users = { ...stores.users, findByEmailKey: () => new Promise(() => undefined) }
    const app = testApp({ stores: { ...stores, users } })
    const login = app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } })
    let answered = false
    const done = login.finally(() => {
      answered = true
    })
    while (!answered) {
      await app.clock.advance(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await done).status).toBe(503)
  })
})

describe('what is not a refusal', () => {
  it('ER-01 is one 500 with a correlation id, reported under it', async () => {
    const reported: { details: object; message: string }[] = []
    const logger = {
      warn: () => undefined,
      error: (details: object, message: string) => void reported.push({ details, message }),
    }
    const hasher = {
      hash: async () => 'x',
      verify: async () => {
        throw new TypeError('secret detail')
      },
      needsRehash: () => false,
    }
    const app = testApp({ logger, passwords: { hasher } })
    const answer = await app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } })
    expect(answer.status).toBe(500)
    expect(answer.body).toMatchObject({ code: 'internal_error', correlationId: expect.any(String) })
    expect(JSON.stringify(answer.body)).not.toContain('secret detail')
    expect(reported).toEqual([
      { details: expect.objectContaining({ correlationId: answer.body.correlationId }), message: expect.any(String) },
    ])
  })

  it('ER-02 never lets a guard pass: an application check that throws denies', async () => {
    const app = testApp()
    const { accessToken } = await register(app)
    const checks = [() => false, () => Promise.reject(new Error('x')), () => 'yes', () => 1]
    for (const check of checks) {
      expect(await app.guard({ bearer: accessToken }, { check: check as () => boolean })).toBe('403 insufficient_scope')
    }
    expect(await app.guard({ bearer: accessToken }, { check: async () => true })).toBe('ok')
  })

  it('ER-03 F-36 hooks that throw or hang change no answer', async () => {
    const hooks = [
      () => Promise.reject(new Error('x')),
      () => new Promise<void>(() => undefined),
      () => {
        throw new Error('x')
      },
    ]
    for (const onSecurityAlert of hooks) {
      const app = testApp({
        onSecurityAlert,
        audit: {
          sinks: [{ write: () => Promise.reject(new Error('x')) }, { write: () => new Promise<void>(() => undefined) }],
        },
      })
      const { refreshToken } = await register(app)
      await app.call('POST', '/auth/refresh', { body: { refreshToken } })
      const reused = await app.call('POST', '/auth/refresh', { body: { refreshToken } })
      expect(reused.body.code).toBe('refresh_reused')
    }
  })
})
