import { describe, expect, it } from 'vitest'
import {
  cookieLogin,
  login,
  otherAdmin,
  ownPage,
  password,
  refresh,
  register,
  sentBack,
  testApp,
} from './support/test-app.js'

const day = 86_400_000

describe('a cookie session', () => {
  it('SE-04 RT-12 answers the user and the session, and no token in the body', async () => {
    const app = testApp()
    await register(app)
    const answer = await app.call('POST', '/auth/login', {
      body: { email: 'ada@example.com', password, transport: 'cookie' },
    })
    expect(Object.keys(answer.body).sort()).toEqual(['session', 'user'])
    expect(answer.body.session).toMatchObject({ current: true, carrier: 'cookie', ip: '203.0.113.7' })
    expect(answer.cookies).toEqual([
      expect.stringMatching(/^__Host-session=[A-Za-z0-9_-]{119}; Path=\/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax$/),
      expect.stringMatching(/^__Host-device=[A-Za-z0-9_-]+; Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=Lax$/),
    ])
    for (const cookie of answer.cookies) expect(cookie.length).toBeLessThan(4096)
  })

  it('SE-05 ends when idle for seven days, and after thirty however much it is used', async () => {
    const idle = testApp()
    await register(idle)
    const unused = await cookieLogin(idle)
    await idle.clock.advance(7 * day - 1)
    expect(await idle.guard({ cookie: unused })).toBe('ok')
    await idle.clock.advance(7 * day)
    expect(await idle.guard({ cookie: unused })).toBe('401 session_expired')

    const app = testApp()
    await register(app)
    const cookie = await cookieLogin(app)
    for (let i = 0; i < 29; i++) {
      await app.clock.advance(day)
      expect(await app.guard({ cookie })).toBe('ok')
    }
    await app.clock.advance(day)
    expect(await app.guard({ cookie })).toBe('401 session_expired')
  })

  it('SE-07 A-48 ends at logout, which is idempotent and removes the cookie with the same attributes', async () => {
    const app = testApp()
    await register(app)
    const cookie = await cookieLogin(app)
    for (let i = 0; i < 2; i++) {
      const out = await app.call('POST', '/auth/logout', { cookie, headers: ownPage })
      expect(out.status).toBe(204)
      expect(out.cookies).toEqual(['__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax'])
      expect(await app.guard({ cookie })).toBe('401 session_invalid')
    }
    expect((await app.call('POST', '/auth/logout')).status).toBe(204)
    for (const headers of [{ authorization: 'Bearer ' }, { authorization: 'Bearer x' }, { 'x-api-key': 'x' }])
      expect((await app.call('POST', '/auth/logout', { headers })).status, JSON.stringify(headers)).toBe(204)
    expect((await app.call('POST', '/auth/logout', { body: { refreshToken: 'nonsense' } })).status).toBe(204)
    // Which of two sessions is meant cannot be told, and none may be said to have ended.
    const two = { ...ownPage, cookie: '__Host-session=a; __Host-session=b' }
    expect((await app.call('POST', '/auth/logout', { headers: two })).status).toBe(401)
  })

  it('WB-01 WB-02 A-50 is not acted with by a foreign page', async () => {
    const app = testApp()
    await register(app)
    const cookie = await cookieLogin(app)
    const foreign = [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'null' },
      {},
    ]
    for (const headers of foreign) {
      for (const path of ['/auth/logout', '/auth/logout-all', '/auth/password/change']) {
        const body = path.endsWith('change') ? { currentPassword: password, newPassword: 'another fine passphrase' } : {}
        const refused = await app.call('POST', path, { cookie, headers, body })
        expect([path, refused.status, refused.body.code]).toEqual([path, 403, 'csrf_rejected'])
        expect(refused.cookies).toEqual([])
      }
      expect(await app.guard({ method: 'POST', cookie, headers })).toBe('403 csrf_rejected')
      expect(await app.guard({ method: 'GET', cookie, headers })).toBe('ok')
    }
  })

  it('WB-01 a token or key acts from anywhere, a logout too', async () => {
    const app = testApp()
    const { accessToken } = await register(app)
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await app.call('POST', '/auth/logout', { headers })).body.code).toBe('csrf_rejected')
    expect((await app.call('POST', '/auth/logout', { bearer: accessToken, headers })).status).toBe(204)
    expect(await app.guard({ bearer: accessToken })).toBe('401 token_revoked')
  })

  it('WB-02 A-51 is not begun by a foreign page', async () => {
    const app = testApp()
    await register(app)
    for (const path of ['/auth/login', '/auth/register']) {
      const body = { email: path === '/auth/login' ? 'ada@example.com' : 'eve@example.com', password, transport: 'cookie' }
      const refused = await app.call('POST', path, { body, headers: { origin: 'https://evil.example' } })
      expect([refused.status, refused.body.code, refused.cookies]).toEqual([403, 'csrf_rejected', []])
    }
    const { refreshToken } = await login(app)
    const refused = await app.call('POST', '/auth/refresh', {
      body: { refreshToken },
      headers: { 'sec-fetch-site': 'cross-site' },
    })
    expect(refused.status).toBe(403)
    expect((await refresh(app, refreshToken)).status).toBe(200)
  })

  it('WB-04 never decides beside an explicit credential', async () => {
    const app = testApp()
    await register(app)
    await register(app, 'eve@example.com')
    const cookie = await cookieLogin(app)
    const eve = await login(app, 'eve@example.com')
    const me = await app.call('GET', '/auth/me', { cookie, bearer: eve.accessToken })
    expect(me.body.user).toMatchObject({ email: 'eve@example.com' })
    expect(await app.guard({ cookie, bearer: 'bad' })).toBe('401 token_malformed')
    expect(await app.guard({ cookie, headers: { 'x-api-key': 'bad' } })).toBe('401 api_key_invalid')
    expect(await app.guard({ cookie, bearer: eve.accessToken, headers: { 'x-api-key': 'bad' } })).toBe(
      '400 ambiguous_credentials',
    )
    expect(
      await app.guard({ method: 'POST', cookie, bearer: eve.accessToken, headers: { origin: 'https://evil.example' } }),
    ).toBe('ok')
  })

  it('SE-06 is not brought back by a request that was under way when it ended', async () => {
    const app = testApp()
    const { userId } = await register(app)
    const { stores, clock } = app
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let touching = (): void => undefined
    const reached = new Promise<void>((resolve) => {
      touching = resolve
    })
    const slow = testApp({
      clock,
      stores: {
        ...stores,
        sessions: {
          ...stores.sessions,
          touch: async (...given) => {
            touching()
            await held
            return stores.sessions.touch(...given)
          },
        },
      },
    })
    const cookie = await cookieLogin(app)
    await clock.advance(120_000)
    const underWay = slow.guard({ cookie })
    await reached
    await app.call('POST', '/auth/logout', { cookie, headers: ownPage })
    release()
    expect(await underWay).toBe('401 session_invalid')
    expect(await app.guard({ cookie })).toBe('401 session_invalid')
    expect(await slow.guard({ cookie })).toBe('401 session_invalid')
    expect(await stores.sessions.listLive(userId, clock.now())).toHaveLength(1)
  })

  it('RB-05 takes new roles at once', async () => {
    const app = testApp()
    const { userId } = await register(app)
    const cookie = await cookieLogin(app)
    expect(await app.guard({ cookie }, { roles: ['admin'] })).toBe('403 insufficient_role')
    await otherAdmin(app)
    await app.auth.accounts.setRoles(userId, ['admin'])
    expect(await app.guard({ cookie }, { roles: ['admin'] })).toBe('ok')
    await app.auth.accounts.setRoles(userId, ['user'])
    expect(await app.guard({ cookie }, { roles: ['admin'] })).toBe('403 insufficient_role')
  })

  it('SE-09 costs the stores one read within maxStaleness, and none that ended passes on another node', async () => {
    const app = testApp()
    await register(app)
    const cookie = await cookieLogin(app)
    let reads = 0
    const counted = testApp({
      clock: app.clock,
      stores: {
        ...app.stores,
        sessions: {
          ...app.stores.sessions,
          findWithUser: (...asked) => {
            reads++
            return app.stores.sessions.findWithUser(...asked)
          },
        },
      },
    })
    for (let i = 0; i < 50; i++) expect(await counted.guard({ cookie })).toBe('ok')
    expect(reads).toBe(1)
    await app.call('POST', '/auth/logout', { cookie, headers: ownPage })
    await app.clock.advance(5001)
    expect(await counted.guard({ cookie })).toBe('401 session_invalid')
  })
})

describe('the list of sessions', () => {
  it('SE-08 shows handles, not secrets, and ends one of them', async () => {
    const app = testApp()
    const { accessToken } = await register(app)
    const cookie = await cookieLogin(app)
    const listed = await app.call('GET', '/auth/sessions', { bearer: accessToken })
    const sessions = listed.body.sessions as { id: string; current: boolean; carrier: string }[]
    expect(sessions.map(({ carrier, current }) => [carrier, current]).sort()).toEqual([
      ['cookie', false],
      ['refresh', true],
    ])
    expect(Object.keys(sessions[0] ?? {}).sort()).toEqual(
      ['carrier', 'createdAt', 'current', 'expiresAt', 'id', 'ip', 'lastSeenAt', 'userAgent'].sort(),
    )
    const other = sessions.find(({ current }) => !current)
    expect(await app.guard({ cookie: `__Host-session=${other?.id}` })).toBe('401 session_invalid')
    expect((await app.call('DELETE', `/auth/sessions/${other?.id}`, { bearer: accessToken })).status).toBe(204)
    expect(await app.guard({ cookie })).toBe('401 session_invalid')
    expect((await app.call('GET', '/auth/sessions', { bearer: accessToken })).body.sessions).toHaveLength(1)
  })

  it("SE-08 answers 404 for somebody else's session, which goes on", async () => {
    const app = testApp()
    const ada = await register(app)
    const eve = await register(app, 'eve@example.com')
    const [session] = await app.stores.sessions.listLive(ada.userId, app.clock.now())
    const refused = await app.call('DELETE', `/auth/sessions/${session?.id}`, { bearer: eve.accessToken })
    expect([refused.status, refused.body.code]).toEqual([404, 'not_found'])
    expect((await app.call('DELETE', `/auth/sessions/${crypto.randomUUID()}`, { bearer: eve.accessToken })).status).toBe(404)
    expect(await app.guard({ bearer: ada.accessToken })).toBe('ok')
  })
})

describe('a password change', () => {
  it('LG-07 ends every other session; this one goes on with a fresh cookie', async () => {
    const app = testApp()
    const { accessToken, refreshToken } = await register(app)
    const other = await cookieLogin(app)
    const mine = await cookieLogin(app)
    const body = { currentPassword: password, newPassword: 'another fine passphrase' }
    const changed = await app.call('POST', '/auth/password/change', { cookie: mine, headers: ownPage, body })
    expect(changed.status).toBe(204)
    const fresh = sentBack(changed.cookies)
    expect(fresh).not.toBe(mine)
    expect(await app.guard({ cookie: fresh })).toBe('ok')
    for (const cookie of [mine, other]) expect(await app.guard({ cookie })).toBe('401 session_invalid')
    expect(await app.guard({ bearer: accessToken })).toBe('401 token_revoked')
    expect((await refresh(app, refreshToken)).body.code).toBe('refresh_revoked')
    expect((await app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } })).status).toBe(401)
  })

  it('lets a token session go on: its access token ends, its refresh token gives another', async () => {
    const app = testApp()
    const { accessToken, refreshToken } = await register(app)
    const body = { currentPassword: password, newPassword: 'another fine passphrase' }
    expect((await app.call('POST', '/auth/password/change', { bearer: accessToken, body })).status).toBe(204)
    expect(await app.guard({ bearer: accessToken })).toBe('401 token_revoked')
    const refreshed = await refresh(app, refreshToken)
    expect(refreshed.status).toBe(200)
    expect(await app.guard({ bearer: refreshed.body.accessToken })).toBe('ok')
  })

  it('asks for the current password, counts wrong ones, and checks the new one', async () => {
    const app = testApp()
    const { accessToken } = await register(app)
    const change = async (currentPassword: string, newPassword: string): Promise<unknown[]> => {
      const { status, body } = await app.call('POST', '/auth/password/change', {
        bearer: accessToken,
        body: { currentPassword, newPassword },
      })
      return [status, body.code]
    }
    expect(await change(password, 'short')).toEqual([422, 'validation_failed'])
    for (let i = 0; i < 5; i++)
      expect(await change('wrong password', 'another fine passphrase')).toEqual([401, 'invalid_credentials'])
    expect(await change(password, 'another fine passphrase')).toEqual([429, 'too_many_attempts'])
    expect(await app.guard({ bearer: accessToken })).toBe('ok')
  })

  it('of two at once with the same current password one wins', async () => {
    const app = testApp()
    const { accessToken } = await register(app)
    const statuses = await Promise.all(
      ['first new passphrase', 'second new passphrase'].map(async (newPassword) => {
        const body = { currentPassword: password, newPassword }
        return (await app.call('POST', '/auth/password/change', { bearer: accessToken, body })).status
      }),
    )
    expect(statuses.sort()).toEqual([204, 401])
  })
})

describe('deleting the own account', () => {
  it('LG-14 asks for the password and ends everything', async () => {
    const app = testApp()
    const { accessToken, refreshToken } = await register(app)
    const cookie = await cookieLogin(app)
    const remove = (body: object) => app.call('POST', '/auth/me/delete', { bearer: accessToken, body })
    expect((await remove({})).body.issues).toEqual([{ path: 'password', code: 'required', message: 'is required' }])
    expect((await remove({ password: 'wrong password' })).body.code).toBe('invalid_credentials')
    expect((await remove({ password })).status).toBe(204)
    expect(await app.guard({ bearer: accessToken })).toBe('401 token_revoked')
    expect(await app.guard({ cookie })).toBe('401 session_invalid')
    expect((await refresh(app, refreshToken)).body.code).toBe('refresh_revoked')
    expect((await app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } })).status).toBe(401)
    expect((await register(app)).userId).toBeTypeOf('string')
    expect(await app.guard({ bearer: accessToken })).toBe('401 token_revoked')
  })
})
