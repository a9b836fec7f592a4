import { describe, expect, it } from 'vitest'
import { cookieLogin, issuer, login, ownPage, password, refresh, register, sentBack, testApp } from './support/test-app.js'

describe('the main road', () => {
  it('signs up, shows who it is, refreshes, signs out', async () => {
    const app = testApp({ passwords: {}, tokens: { algorithm: 'RS256' } })
    const registered = await app.call('POST', '/auth/register', {
      body: { email: 'Ada@Example.com', password, name: 'Ada' },
    })
    expect(registered.status).toBe(201)
    expect(Object.keys(registered.body).sort()).toEqual(
      ['accessToken', 'deviceToken', 'expiresIn', 'refreshExpiresIn', 'refreshToken', 'tokenType', 'user'].sort(),
    )
    expect(registered.body).toMatchObject({ tokenType: 'Bearer', expiresIn: 900, refreshExpiresIn: 2_592_000 })
    expect(registered.body.user).toMatchObject({
      email: 'Ada@Example.com',
      emailVerified: false,
      name: 'Ada',
      roles: ['user'],
    })
    expect((registered.body.user as { id: string }).id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )

    const bearer = registered.body.accessToken
    const me = await app.call('GET', '/auth/me', { bearer })
    expect(me.status).toBe(200)
    expect(me.body.principal).toMatchObject({
      kind: 'user',
      roles: ['user'],
      scopes: ['read:orders', 'write:orders'],
      via: 'bearer',
    })
    expect(me.body.user).toEqual(registered.body.user)

    const refreshed = await refresh(app, String(registered.body.refreshToken))
    expect(refreshed.status).toBe(200)
    expect(refreshed.body).not.toHaveProperty('user')
    expect(refreshed.body.refreshToken).not.toBe(registered.body.refreshToken)

    const out = await app.call('POST', '/auth/logout', { bearer: refreshed.body.accessToken })
    expect(out.status).toBe(204)
    expect(await app.guard({ bearer: refreshed.body.accessToken })).toBe('401 token_revoked')
    expect(await app.guard({ bearer })).toBe('401 token_revoked')
    expect((await refresh(app, String(refreshed.body.refreshToken))).body.code).toBe('refresh_revoked')
  })

  it('JT-13 issues exactly the documented claims, for 15 minutes', async () => {
    const app = testApp()
    const { accessToken, userId } = await register(app)
    const claims = await app.auth.tokens.verify(accessToken)
    expect(Object.keys(claims).sort()).toEqual(
      ['aud', 'auth_time', 'client_id', 'exp', 'iat', 'iss', 'jti', 'roles', 'scope', 'scopes', 'sid', 'sub', 'ver'].sort(),
    )
    expect(claims).toMatchObject({
      iss: issuer,
      aud: issuer,
      sub: userId,
      client_id: 'first-party',
      scope: 'read:orders write:orders',
      ver: 1,
    })
    expect(claims.exp - claims.iat).toBe(900)
  })

  it('SE-11 answers credentials with no-store', async () => {
    const app = testApp()
    const registered = await app.call('POST', '/auth/register', { body: { email: 'a@b.co', password } })
    const cookie = await app.call('POST', '/auth/login', { body: { email: 'a@b.co', password, transport: 'cookie' } })
    const refreshed = await refresh(app, String(registered.body.refreshToken))
    const refused = await refresh(app, 'nonsense')
    for (const { headers } of [registered, cookie, refreshed, refused]) expect(headers.get('cache-control')).toBe('no-store')
  })
})

describe('registration', () => {
  it('answers 409 for an address that has an account, in any spelling, which spends an attempt', async () => {
    const app = testApp()
    await register(app, 'ada@example.com')
    for (const email of ['ADA@example.com', 'ada＠example.com', 'ada@EXAMPLE.com']) {
      const again = await app.call('POST', '/auth/register', { body: { email, password } })
      expect([again.status, again.body.code]).toEqual([409, 'email_taken'])
    }
    await app.call('POST', '/auth/register', { body: { email: 'ada@example.com', password } })
    await app.call('POST', '/auth/register', { body: { email: 'ada@example.com', password } })
    const sixth = await app.call('POST', '/auth/register', { body: { email: 'new@example.com', password } })
    expect([sixth.status, sixth.body.code]).toEqual([429, 'too_many_attempts'])
  })

  it('F-10 makes one account of N racing sign-ups with one address', async () => {
    const app = testApp()
    const spellings = ['race@example.com', 'RACE@example.com', 'race@EXAMPLE.COM', 'race＠example.com', 'Race@Example.com']
    const answers = await Promise.all(
      spellings.map((email, index) =>
        app.call('POST', '/auth/register', { body: { email, password }, ip: `203.0.113.${index}` }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409])
  })

  it('can be closed', async () => {
    const app = testApp({ registration: 'closed' })
    const refused = await app.call('POST', '/auth/register', { body: { email: 'a@b.co', password } })
    expect([refused.status, refused.body.code]).toEqual([403, 'registration_closed'])
  })

  it('PW-01 PW-06 refuses weak passwords with their codes, before any attempt counts', async () => {
    const app = testApp()
    const codes = []
    for (const weak of ['1234567', 'password', 'x'.repeat(1025), 'ada@example.com', '12345678']) {
      const { status, body } = await app.call('POST', '/auth/register', {
        body: { email: 'ada@example.com', password: weak },
      })
      expect(status).toBe(422)
      codes.push((body.issues as { path: string; code: string }[]).map(({ path, code }) => `${path}:${code}`).join())
    }
    expect(codes).toEqual([
      'password:password_too_short',
      'password:password_blocked',
      'password:password_too_long',
      'password:password_blocked',
      'password:password_blocked',
    ])
    for (let i = 0; i < 6; i++)
      await app.call('POST', '/auth/register', { body: { email: 'ada@example.com', password: 'short' } })
    expect((await app.call('POST', '/auth/register', { body: { email: 'ada@example.com', password } })).status).toBe(201)
  })
})

describe('login', () => {
  it('LG-01 answers byte for byte alike for unknown, wrong, disabled and passwordless', async () => {
    const app = testApp()
    const disabled = await register(app, 'disabled@example.com')
    await register(app, 'known@example.com')
    const record = await app.stores.users.find(disabled.userId)
    if (!record) throw new Error('no record')
    await app.stores.users.insert({ ...record, id: crypto.randomUUID(), emailKey: 'none@example.com', passwordHash: null })
    await app.auth.accounts.disable(disabled.userId)
    const attempts = [
      ['unknown@example.com', password],
      ['known@example.com', 'not the password'],
      ['disabled@example.com', password],
      ['none@example.com', password],
    ] as const
    const seen = new Set<string>()
    for (const [index, [email, tried]] of attempts.entries()) {
      const { status, body, headers } = await app.call('POST', '/auth/login', {
        body: { email, password: tried },
        ip: `198.51.100.${index}`,
      })
      expect(status).toBe(401)
      seen.add(JSON.stringify([body, [...headers]]))
    }
    expect(seen.size).toBe(1)
  })

  it('LG-02 does one hash verification in each of those cases', async () => {
    const verified: string[] = []
    const hasher = {
      hash: async (text: string) => `$plain$${text}`,
      verify: async (hash: string, text: string) => {
        verified.push(hash)
        return hash === `$plain$${text}`
      },
      needsRehash: () => false,
    }
    const app = testApp({ passwords: { hasher } })
    const { userId } = await register(app, 'disabled@example.com')
    await app.auth.accounts.disable(userId)
    for (const [email, tried] of [
      ['unknown@example.com', password],
      ['disabled@example.com', password],
    ]) {
      verified.length = 0
      await app.call('POST', '/auth/login', { body: { email, password: tried } })
      expect(verified).toHaveLength(1)
    }
  })

  it('BF-03 BF-04 locks an address after five failures until the oldest is a minute old, known or unknown account alike', async () => {
    for (const email of ['ada@example.com', 'nobody@example.com']) {
      const app = testApp()
      await register(app, 'ada@example.com')
      const statuses = []
      for (let i = 0; i < 7; i++) {
        statuses.push((await app.call('POST', '/auth/login', { body: { email, password: 'wrong password' } })).status)
        await app.clock.advance(1000)
      }
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
      const refused = await app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } })
      expect(refused.status).toBe(429)
      expect(refused.headers.get('retry-after')).toBe('53')
      expect(refused.headers.get('ratelimit-policy')).toMatch(/^"[a-z-]+";q=5;w=60$/)
      expect(refused.headers.get('ratelimit')).toMatch(/^"[a-z-]+";r=0;t=53$/)
      await app.clock.advance(53_000)
      expect((await app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } })).status).toBe(200)
    }
  })

  it('thirty right passwords at once behind one address all pass', async () => {
    const app = testApp({ passwords: {} })
    await register(app)
    // The clock stands still: it takes no time to wait, for each that was right lets the next one in.
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200))
  })

  it('PW-09 renews a hash of older parameters, and a password changed meanwhile wins', async () => {
    let current = 1
    const hasher = {
      hash: async (text: string) => `$v${current}$${text}`,
      verify: async (hash: string, text: string) => hash.endsWith(`$${text}`),
      needsRehash: (hash: string) => !hash.startsWith(`$v${current}$`),
    }
    const app = testApp({ passwords: { hasher } })
    const { userId } = await register(app)
    current = 2
    await login(app)
    expect((await app.stores.users.find(userId))?.passwordHash).toBe(`$v2$${password}`)
    expect(await app.stores.users.swapPasswordHash(userId, `$v1$${password}`, 'lost')).toBe(false)
  })

  it('SE-02 SE-03 gives a new cookie, ends the one before, and never adopts one it did not issue', async () => {
    const app = testApp()
    await register(app)
    const first = await cookieLogin(app)
    const body = { email: 'ada@example.com', password, transport: 'cookie' }
    const second = await app.call('POST', '/auth/login', { body, cookie: first, headers: ownPage })
    expect(sentBack(second.cookies)).not.toBe(first)
    expect(await app.guard({ cookie: first })).toBe('401 session_invalid')
    expect(await app.guard({ cookie: sentBack(second.cookies) })).toBe('ok')
    const planted = `__Host-session=${'A'.repeat(119)}`
    const third = await app.call('POST', '/auth/login', { body, cookie: planted })
    expect(sentBack(third.cookies)).not.toContain(planted)
    expect(await app.guard({ cookie: planted })).toBe('401 session_invalid')
  })
})
