import { memoryStores, type SecurityAlert } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { type Answer, cookieLogin, login, refresh, register, testApp } from './support/test-app.js'

const codeOf = ({ status, body }: Answer): string => (status === 200 ? '200' : `${status} ${String(body.code)}`)
const count = (codes: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(codes)].sort().map((code) => [code, codes.filter((other) => other === code).length]))

describe('reuse of a refresh token', () => {
  it('RT-03 A-65 ends every session of the user, tells the application once, and later uses touch nothing', async () => {
    const alerts: SecurityAlert[] = []
    const app = testApp({ onSecurityAlert: (alert) => void alerts.push(alert) })
    const first = await register(app)
    const elsewhere = await login(app)
    const cookie = await cookieLogin(app)
    const second = await refresh(app, first.refreshToken)
    expect(codeOf(await refresh(app, first.refreshToken))).toBe('401 refresh_reused')

    expect(codeOf(await refresh(app, String(second.body.refreshToken)))).toBe('401 refresh_revoked')
    expect(codeOf(await refresh(app, elsewhere.refreshToken))).toBe('401 refresh_revoked')
    for (const bearer of [first.accessToken, second.body.accessToken, elsewhere.accessToken]) {
      expect(await app.guard({ bearer })).toBe('401 token_revoked')
    }
    expect(await app.guard({ cookie })).toBe('401 session_invalid')

    const later = await login(app)
    for (let i = 0; i < 3; i++) expect(codeOf(await refresh(app, first.refreshToken))).toBe('401 refresh_revoked')
    await app.clock.advance(60_000)
    expect(codeOf(await refresh(app, first.refreshToken))).toBe('401 refresh_revoked')
    expect(await app.guard({ bearer: later.accessToken })).toBe('ok')
    expect(codeOf(await refresh(app, later.refreshToken))).toBe('200')

    const events = await app.auth.audit.list({ type: 'refresh.reused', limit: 10 })
    expect(events).toHaveLength(1)
    expect(alerts.filter(({ kind }) => kind !== 'new_device')).toEqual([
      expect.objectContaining({ kind: 'refresh_reused', userId: first.userId }),
    ])
  })

  it("ends that session alone with onReuse 'session'", async () => {
    const app = testApp({ tokens: { onReuse: 'session' } })
    const first = await register(app)
    const elsewhere = await login(app)
    const second = await refresh(app, first.refreshToken)
    expect(codeOf(await refresh(app, first.refreshToken))).toBe('401 refresh_reused')
    expect(await app.guard({ bearer: second.body.accessToken })).toBe('401 token_revoked')
    expect(await app.guard({ bearer: elsewhere.accessToken })).toBe('ok')
    expect(codeOf(await refresh(app, elsewhere.refreshToken))).toBe('200')
  })

  it('is completed by a later caller where the first one died on the way, and by one of them only', async () => {
    const stores = memoryStores()
    let down = true
    const users: typeof stores.users = {
      ...stores.users,
      revoke: (change) => (down ? Promise.reject(new Error('the process died here')) : stores.users.revoke(change)),
    }
    const app = testApp({ stores: { ...stores, users } })
    const first = await register(app)
    const elsewhere = await login(app)
    await refresh(app, first.refreshToken)
    expect((await refresh(app, first.refreshToken)).status).toBe(503)
    expect(await app.guard({ bearer: elsewhere.accessToken })).toBe('ok')
    down = false
    await app.clock.advance(6000)
    const codes = await Promise.all(Array.from({ length: 10 }, () => refresh(app, first.refreshToken)))
    expect(count(codes.map(codeOf))).toEqual({ '401 refresh_revoked': 10 })
    expect(await app.guard({ bearer: elsewhere.accessToken })).toBe('401 token_revoked')
    expect((await stores.users.find(first.userId))?.sessionEpoch).toBe(2)
    expect(await app.auth.audit.list({ type: 'refresh.reused', limit: 10 })).toHaveLength(1)
  })
})

describe('parallel refreshes of one token', () => {
  it('RT-02 A-66 give one 200, one refresh_reused and refresh_revoked for the rest', async () => {
    for (let round = 0; round < 10; round++) {
      const app = testApp()
      const { refreshToken } = await register(app)
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(app, refreshToken)))
      expect(count(answers.map(codeOf))).toEqual({ '200': 1, '401 refresh_reused': 1, '401 refresh_revoked': 18 })
    }
  })

  it('RT-04 all give the same successor within the retry window, and the stored row opens to nothing', async () => {
    const app = testApp({ tokens: { retryWindow: '10s' } })
    const { refreshToken, userId } = await register(app)
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(app, refreshToken)))
    expect(count(answers.map(codeOf))).toEqual({ '200': 20 })
    const successors = new Set(answers.map(({ body }) => body.refreshToken))
    expect(successors.size).toBe(1)

    const [row] = await app.stores.sessions.listLive(userId, app.clock.now())
    expect(row?.sealedSuccessor).toBeTypeOf('string')
    const [successor] = successors
    const stored = JSON.stringify(row)
    for (const form of [
      String(successor),
      Buffer.from(String(successor)).toString('base64'),
      Buffer.from(String(successor)).toString('hex'),
    ]) {
      expect(stored).not.toContain(form)
    }

    expect(codeOf(await refresh(app, String(successor)))).toBe('200')
    expect(codeOf(await refresh(app, refreshToken))).toBe('401 refresh_reused')
  })

  it('RT-04 A-65 is reuse once the window is over, and the sealed successor is gone by then', async () => {
    const app = testApp({ tokens: { retryWindow: '10s' } })
    const { refreshToken, userId } = await register(app)
    await refresh(app, refreshToken)
    await app.clock.advance(11_500)
    await app.auth.maintain()
    const [row] = await app.stores.sessions.listLive(userId, app.clock.now())
    expect(row?.sealedSuccessor).toBeNull()
    expect(codeOf(await refresh(app, refreshToken))).toBe('401 refresh_reused')
  })
})

describe('a refresh', () => {
  it('RT-05 that fails inside consumes nothing: the token still works', async () => {
    const stores = memoryStores()
    const failing = new Set<string>()
    const unless =
      <Given extends unknown[], Result>(name: string, ask: (...given: Given) => Promise<Result>) =>
      (...given: Given): Promise<Result> =>
        failing.has(name) ? Promise.reject(new Error(`${name} is down`)) : ask(...given)
    const app = testApp({
      stores: {
        ...stores,
        users: { ...stores.users, find: unless('users.find', stores.users.find) },
        sessions: {
          ...stores.sessions,
          findWithUser: unless('sessions.findWithUser', stores.sessions.findWithUser),
          rotate: unless('sessions.rotate', stores.sessions.rotate),
        },
      },
    })
    const { refreshToken } = await register(app)
    for (const name of ['sessions.findWithUser', 'users.find', 'sessions.rotate']) {
      failing.add(name)
      const refused = await refresh(app, refreshToken)
      expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
        503,
        'store_unavailable',
        '1',
      ])
      failing.clear()
    }
    expect(codeOf(await refresh(app, refreshToken))).toBe('200')
  })

  it('RT-05 whose signature fails consumes nothing either', async () => {
    const app = testApp()
    const { refreshToken } = await register(app)
    const list = app.stores.signingKeys.list
    const broken = testApp({
      clock: app.clock,
      stores: {
        ...app.stores,
        signingKeys: { ...app.stores.signingKeys, list: () => Promise.reject(new Error('vault down')) },
      },
    })
    expect((await refresh(broken, refreshToken)).status).toBe(503)
    expect(list).toBeTypeOf('function')
    expect(codeOf(await refresh(app, refreshToken))).toBe('200')
  })

  it('RT-09 ends at the idle end and, however often it is used, at the absolute end', async () => {
    const idle = testApp({ tokens: { refreshTtl: '1d' } })
    const unused = await register(idle)
    await idle.clock.advance(86_400_000)
    expect(codeOf(await refresh(idle, unused.refreshToken))).toBe('401 refresh_expired')

    const app = testApp()
    let { refreshToken } = await register(app)
    for (let day = 0; day < 89; day++) {
      await app.clock.advance(86_400_000)
      const answer = await refresh(app, refreshToken)
      expect(codeOf(answer)).toBe('200')
      refreshToken = String(answer.body.refreshToken)
      if (day === 88) expect(answer.body.refreshExpiresIn).toBe(86_400)
    }
    await app.clock.advance(86_400_000)
    expect(codeOf(await refresh(app, refreshToken))).toBe('401 refresh_expired')
  })

  it('answers refresh_expired for a genuine token whose row is gone, and refresh_invalid for any other string', async () => {
    const app = testApp()
    const { refreshToken } = await register(app)
    await app.clock.advance(200 * 86_400_000)
    expect((await app.auth.maintain()).sessions).toBe(1)
    expect(codeOf(await refresh(app, refreshToken))).toBe('401 refresh_expired')
    expect(codeOf(await refresh(app, `${refreshToken}A`))).toBe('401 refresh_invalid')
    expect(codeOf(await refresh(app, 'A'.repeat(119)))).toBe('401 refresh_invalid')
  })

  it('RT-10 stops after logout, logout-all, reset, disabling and deletion', async () => {
    const ways: Record<string, (app: ReturnType<typeof testApp>, userId: string, accessToken: string) => Promise<unknown>> =
      {
        logout: (app, _, bearer) => app.call('POST', '/auth/logout', { bearer }),
        'logout-all': (app, _, bearer) => app.call('POST', '/auth/logout-all', { bearer }),
        reset: (app, userId) => app.auth.accounts.resetPassword(userId, 'another fine passphrase'),
        disable: (app, userId) => app.auth.accounts.disable(userId),
        delete: (app, userId) => app.auth.accounts.delete(userId),
      }
    for (const [way, end] of Object.entries(ways)) {
      const app = testApp()
      const { refreshToken, accessToken, userId } = await register(app)
      await end(app, userId, accessToken)
      expect([way, codeOf(await refresh(app, refreshToken))]).toEqual([way, '401 refresh_revoked'])
      expect([way, await app.guard({ bearer: accessToken })]).toEqual([way, '401 token_revoked'])
    }
  })

  it('RT-11 reads the roles anew', async () => {
    const app = testApp()
    const { refreshToken, accessToken, userId } = await register(app)
    await app.auth.accounts.setRoles(userId, ['support'])
    expect(await app.guard({ bearer: accessToken })).toBe('401 token_revoked')
    const { body } = await refresh(app, refreshToken)
    expect(await app.guard({ bearer: body.accessToken }, { roles: ['support'] })).toBe('ok')
    await app.auth.accounts.setRoles(userId, [])
    const again = await refresh(app, String(body.refreshToken))
    expect(await app.guard({ bearer: again.body.accessToken }, { roles: ['support'] })).toBe('403 insufficient_role')
  })

  it('does not make a login recent', async () => {
    const app = testApp()
    const { refreshToken, accessToken } = await register(app)
    expect(await app.guard({ bearer: accessToken }, { recent: 300 })).toBe('ok')
    await app.clock.advance(301_000)
    const { body } = await refresh(app, refreshToken)
    expect(await app.guard({ bearer: body.accessToken }, { recent: 300 })).toBe('403 recent_login_required')
  })

  it('JT-12 SE-03 takes no cookie value, and a guard takes no refresh token', async () => {
    const app = testApp()
    const { refreshToken } = await register(app)
    const cookie = await cookieLogin(app)
    const value = /session=([^;]+)/.exec(cookie)?.[1] ?? ''
    expect(codeOf(await refresh(app, value))).toBe('401 refresh_invalid')
    expect(await app.guard({ bearer: refreshToken })).toBe('401 token_malformed')
    expect(await app.guard({ cookie: `__Host-session=${refreshToken}` })).toBe('401 session_invalid')
    expect(await app.guard({ cookie })).toBe('ok')
    expect(codeOf(await refresh(app, refreshToken))).toBe('200')
  })

  it('RT-06 remembers what was used and revoked beyond the process', async () => {
    const app = testApp()
    const first = await register(app)
    const second = await refresh(app, first.refreshToken)
    const restarted = testApp({ clock: app.clock, stores: app.stores })
    expect(codeOf(await refresh(restarted, first.refreshToken))).toBe('401 refresh_reused')
    expect(codeOf(await refresh(restarted, String(second.body.refreshToken)))).toBe('401 refresh_revoked')
  })

  it('ends a session whose store went back in time', async () => {
    const app = testApp()
    const { refreshToken, userId } = await register(app)
    const [before] = await app.stores.sessions.listLive(userId, app.clock.now())
    const { body } = await refresh(app, refreshToken)
    if (!before) throw new Error('no session')
    const restored = memoryStores()
    const user = await app.stores.users.find(userId)
    if (user) await restored.users.insert(user)
    await restored.sessions.insert(before)
    const node = testApp({ clock: app.clock, stores: restored })
    expect(codeOf(await refresh(node, String(body.refreshToken)))).toBe('401 refresh_revoked')
    expect(await node.auth.audit.list({ type: 'refresh.store_rollback', limit: 5 })).toHaveLength(1)
    expect(codeOf(await refresh(node, refreshToken))).toBe('401 refresh_revoked')
  })
})
