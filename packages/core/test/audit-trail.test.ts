import type { AuditEvent } from '@auth/core'
import { describe, expect, it } from 'vitest'
import {
  cookieLogin,
  login,
  ownPage,
  password,
  refresh,
  register,
  type TestApp,
  type TokenAnswer,
  testApp,
} from './support/test-app.js'

type Operation = (app: TestApp, ada: TokenAnswer, cookie: string) => Promise<unknown>
const wrong = 'not the password'
const post =
  (path: string, body: object): Operation =>
  (app) =>
    app.call('POST', path, { body })

// Every operation with every outcome, and the one event it leaves.
const matrix: [string, Operation, [type: string, outcome: string, code?: string]][] = [
  ['registration', post('/auth/register', { email: 'new@example.com', password }), ['registration', 'success']],
  [
    'registration of a taken address',
    post('/auth/register', { email: 'ada@example.com', password }),
    ['registration', 'failure', 'email_taken'],
  ],
  ['login', post('/auth/login', { email: 'ada@example.com', password }), ['login', 'success']],
  [
    'login by cookie',
    post('/auth/login', { email: 'ada@example.com', password, transport: 'cookie' }),
    ['login', 'success'],
  ],
  [
    'wrong login',
    post('/auth/login', { email: 'ada@example.com', password: wrong }),
    ['login', 'failure', 'invalid_credentials'],
  ],
  [
    'unknown login',
    post('/auth/login', { email: 'nobody@example.com', password }),
    ['login', 'failure', 'invalid_credentials'],
  ],
  ['refresh', (app, { refreshToken }) => refresh(app, refreshToken), ['refresh', 'success']],
  [
    'refresh of an ended session',
    async (app, { userId, refreshToken }) => {
      await app.stores.sessions.revokeAll(userId, null, 'revoked', app.clock.now())
      return refresh(app, refreshToken)
    },
    ['refresh', 'failure', 'refresh_revoked'],
  ],
  ['logout', (app, { accessToken }) => app.call('POST', '/auth/logout', { bearer: accessToken }), ['logout', 'success']],
  [
    'logout by cookie',
    (app, _, cookie) => app.call('POST', '/auth/logout', { cookie, headers: ownPage }),
    ['logout', 'success'],
  ],
  [
    'logout-all',
    (app, { accessToken }) => app.call('POST', '/auth/logout-all', { bearer: accessToken }),
    ['logout_all', 'success'],
  ],
  [
    'ending a session',
    async (app, { accessToken, userId }) => {
      const sessions = await app.auth.sessions.list(userId)
      const other = sessions.find(({ carrier }) => carrier === 'cookie')
      return app.call('DELETE', `/auth/sessions/${other?.id}`, { bearer: accessToken })
    },
    ['session.revoked', 'success'],
  ],
  [
    'password change',
    (app, { accessToken }) =>
      app.call('POST', '/auth/password/change', {
        bearer: accessToken,
        body: { currentPassword: password, newPassword: 'another fine passphrase' },
      }),
    ['password.changed', 'success'],
  ],
  [
    'password change with a wrong one',
    (app, { accessToken }) =>
      app.call('POST', '/auth/password/change', {
        bearer: accessToken,
        body: { currentPassword: wrong, newPassword: 'another fine passphrase' },
      }),
    ['password.changed', 'failure', 'invalid_credentials'],
  ],
  [
    'reset',
    (app, { userId }) => app.auth.accounts.resetPassword(userId, 'another fine passphrase'),
    ['password.reset', 'success'],
  ],
  ['new roles', (app, { userId }) => app.auth.accounts.setRoles(userId, ['admin']), ['roles.changed', 'success']],
  ['disabling', (app, { userId }) => app.auth.accounts.disable(userId), ['account.disabled', 'success']],
  ['lifting a lock', (app, { userId }) => app.auth.accounts.unlock(userId), ['lockout.lifted', 'success']],
  ['enabling', (app, { userId }) => app.auth.accounts.enable(userId), ['account.enabled', 'success']],
  [
    'deletion',
    (app, { accessToken }) => app.call('POST', '/auth/me/delete', { bearer: accessToken, body: { password } }),
    ['account.deleted', 'success'],
  ],
  [
    'deletion with a wrong password',
    (app, { accessToken }) => app.call('POST', '/auth/me/delete', { bearer: accessToken, body: { password: wrong } }),
    ['account.deleted', 'failure', 'invalid_credentials'],
  ],
  [
    'a guard that refuses',
    (app, { accessToken }) => app.guard({ bearer: accessToken }, { roles: ['admin'] }),
    ['access.refused', 'failure', 'insufficient_role'],
  ],
  [
    'a foreign page',
    (app, _, cookie) => app.guard({ method: 'POST', cookie }),
    ['access.refused', 'failure', 'csrf_rejected'],
  ],
]

describe('the audit trail', () => {
  it.each(matrix)('ER-04 has one event of %s', async (_, operation, [type, outcome, code]) => {
    const app = testApp()
    const ada = await register(app)
    const cookie = await cookieLogin(app)
    const before = await app.auth.audit.list({ limit: 100 })
    await app.clock.advance(1000)
    await operation(app, ada, cookie)
    const after = await app.auth.audit.list({ limit: 100 })
    const known = new Set(before.map(({ id }) => id))
    const fresh = after.filter(({ id }) => !known.has(id))
    expect(fresh.map(({ type, outcome, code }) => [type, outcome, code])).toEqual([[type, outcome, code]])
    const [event] = fresh as [AuditEvent]
    expect(event.at).toEqual(app.clock.now())
    if (outcome === 'success' && type !== 'registration') expect(event.subject).toBe(ada.userId)
  })

  it('ER-04 has one event of a reuse, and the address it came from', async () => {
    const app = testApp()
    const { refreshToken, userId } = await register(app)
    await refresh(app, refreshToken)
    await login(app)
    await refresh(app, refreshToken)
    const [event, ...more] = await app.auth.audit.list({ type: 'refresh.reused', limit: 10 })
    expect(more).toEqual([])
    expect(event).toMatchObject({ subject: userId, ip: '203.0.113.7', outcome: 'failure', code: 'refresh_reused' })
  })

  it('ER-05 A-96 keeps hostile text on its line', async () => {
    const app = testApp()
    const { accessToken } = await register(app)
    const path = '/x/\r\n{"level":"info"}\u001b[2J\u2028'
    await app.guard({ bearer: accessToken, path }, { roles: ['admin'] })
    const [event] = await app.auth.audit.list({ type: 'access.refused', limit: 1 })
    expect(event?.route).toBe('GET /x/*')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(JSON.stringify(event?.route)).not.toMatch(/\\[rn]|\\u001b|[\u0000-\u001f\u2028]/)
  })
})
