import { describe, expect, it, vi } from 'vitest'
import { email, guess, logIn, owner, setUp, stranger, wrong } from './support/guessing.js'
import { type Answer, cookieLogin, password, quickHasher, register, type TestApp } from './support/test-app.js'

describe('a device that the account has signed in on', () => {
  it('BF-05 A-44 lets its owner in while a stranger fails for an hour, by cookie or by token', async () => {
    const { app } = setUp()
    await register(app)
    const cookie = await cookieLogin(app)
    const { deviceToken } = (await logIn(app, { ip: owner })).body
    for (let minute = 0; minute <= 60; minute += 5) {
      await guess(app, 12)
      expect((await logIn(app, { ip: owner, cookie, deviceToken: undefined })).status).toBe(200)
      expect((await logIn(app, { ip: owner, deviceToken })).status).toBe(200)
      await app.clock.advance(300_000)
    }
    expect((await logIn(app, { ip: owner })).status).toBe(429)
  })

  it('BF-05 A-44 lets its owner in within a minute where the stranger has locked their common address', async () => {
    const { app } = setUp()
    await register(app)
    const { deviceToken } = (await logIn(app, { ip: owner })).body
    for (let i = 0; i < 3; i++) {
      await guess(app, 5, { email: `nobody${i}@example.com`, ip: owner })
      await app.clock.advance(60_000)
    }
    expect((await logIn(app, { ip: owner })).status).toBe(429)
    expect((await logIn(app, { ip: owner, deviceToken })).status).toBe(200)
  })

  it('BF-05 A-44 is not held back by a neighbour who fails at an account of their own, on a known device of theirs', async () => {
    const { app } = setUp()
    await register(app)
    await register(app, 'eve@example.com')
    const { deviceToken } = (await logIn(app, { ip: owner })).body
    for (let round = 0; round < 3; round++) {
      const eves = (await logIn(app, { email: 'eve@example.com' })).body.deviceToken
      const failing = { email: 'eve@example.com', deviceToken: eves, ip: owner }
      expect(await guess(app, 6, failing)).toEqual([401, 401, 401, 401, 401, 429])
    }
    expect((await logIn(app, { ip: owner })).status).toBe(429)
    expect((await logIn(app, { ip: owner, deviceToken })).status).toBe(200)
  })

  it('BF-04 LG-02 costs the same work where the account is unknown, also behind a block', async () => {
    const { app } = setUp()
    await register(app)
    await register(app, 'eve@example.com')
    const { deviceToken } = (await logIn(app, { email: 'eve@example.com' })).body
    expect(await guess(app, 6, { ip: owner })).toEqual([401, 401, 401, 401, 401, 429])
    const verify = vi.spyOn(crypto.subtle, 'verify')
    const workOf = async (account: string): Promise<number> => {
      verify.mockClear()
      expect((await logIn(app, { email: account, ip: owner, deviceToken })).status).toBe(429)
      return verify.mock.calls.length
    }
    try {
      expect([await workOf(email), await workOf('nobody@example.com')]).toEqual([1, 1])
    } finally {
      verify.mockRestore()
    }
  })

  it('is still one of its address: what fails there holds it back for a minute', async () => {
    const { app } = setUp()
    await register(app)
    const { deviceToken } = (await logIn(app, { ip: owner })).body
    expect(await guess(app, 6, { ip: owner, deviceToken: String(deviceToken) })).toEqual([401, 401, 401, 401, 401, 429])
    expect((await logIn(app, { ip: owner })).status).toBe(429)
  })

  it('has ten failures of its own; then its mark is void, and a success before that begins them anew', async () => {
    const { app } = setUp()
    await register(app)
    const { deviceToken } = (await logIn(app, { ip: owner })).body
    expect(await guess(app, 9, { deviceToken })).toEqual(Array(9).fill(401))
    expect((await logIn(app, { deviceToken })).status).toBe(200)
    await guess(app, 10)
    expect(await guess(app, 9, { deviceToken })).toEqual(Array(9).fill(401))
    expect((await logIn(app)).status).toBe(429)
    expect((await logIn(app, { password: wrong, deviceToken })).status).toBe(401)
    expect((await logIn(app, { deviceToken })).status).toBe(429)
    await app.clock.advance(900_000)
    expect((await logIn(app, { deviceToken })).status).toBe(200)
    await guess(app, 10)
    expect((await logIn(app, { deviceToken })).status).toBe(429)
  })

  it('A-40 BF-02 tests ten, however many come at once, and ten more as a stranger', async () => {
    let verified = 0
    const verify = async (): Promise<boolean> => {
      verified++
      return false
    }
    const { app } = setUp({ passwords: { hasher: { ...quickHasher, verify } } })
    const { body } = await app.call('POST', '/auth/register', { body: { email, password } })
    const guesses = Array.from({ length: 100 }, () => logIn(app, { password: wrong, deviceToken: body.deviceToken }))
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(verified).toBe(20)
    expect(statuses.filter((status) => status === 429)).toHaveLength(80)
  })

  it('is known to its own account alone, and to none after all sessions have ended', async () => {
    const { app } = setUp()
    const { userId } = await register(app)
    await register(app, 'eve@example.com')
    const eves = (await logIn(app, { email: 'eve@example.com' })).body.deviceToken
    const { deviceToken } = (await logIn(app)).body
    await guess(app, 10)
    for (const mark of [eves, 'nonsense', '', 'x'.repeat(512)])
      expect((await logIn(app, { deviceToken: mark })).status).toBe(429)
    expect((await logIn(app, { cookie: '__Host-device=nonsense; __Host-device=other' })).status).toBe(429)
    expect((await logIn(app, { deviceToken })).status).toBe(200)
    await app.auth.sessions.endAll(userId)
    expect((await logIn(app, { deviceToken })).status).toBe(429)
  })

  it('leaves the run of strangers as it is when its owner signs in', async () => {
    const { app } = setUp()
    await register(app)
    const { deviceToken } = (await logIn(app)).body
    await guess(app, 9)
    expect((await logIn(app, { deviceToken })).status).toBe(200)
    expect(await guess(app, 2)).toEqual([401, 429])
  })

  it('takes a mark from the application too, where it tests passwords itself', async () => {
    const { app } = setUp()
    await register(app)
    const { deviceToken } = (await logIn(app)).body
    await guess(app, 10)
    const credentials = { email, password, ip: stranger() }
    await expect(app.auth.accounts.verifyPassword(credentials)).rejects.toMatchObject({ code: 'too_many_attempts' })
    const known = { ...credentials, deviceToken: String(deviceToken) }
    expect((await app.auth.accounts.verifyPassword(known)).email).toBe(email)
  })
})

describe('other operations that test a password', () => {
  const change = (app: TestApp, bearer: string, currentPassword: string): Promise<Answer> =>
    app.call('POST', '/auth/password/change', {
      bearer,
      ip: stranger(),
      body: { currentPassword, newPassword: 'another fine passphrase' },
    })

  it('BF-06 BF-05 go on in a session of the owner while strangers have locked the account', async () => {
    const { app } = setUp()
    const { accessToken } = await register(app)
    await guess(app, 10)
    expect((await change(app, accessToken, password)).status).toBe(204)
  })

  it.each(['/auth/password/change', '/auth/me/delete'])(
    'BF-06 count at %s: ten in a session, then with those of strangers',
    async (path) => {
      const { app } = setUp()
      const { accessToken } = await register(app)
      const body = path.endsWith('delete')
        ? { password: wrong }
        : { currentPassword: wrong, newPassword: 'another fine passphrase' }
      const statuses: number[] = []
      for (let i = 0; i < 22; i++)
        statuses.push((await app.call('POST', path, { bearer: accessToken, ip: stranger(), body })).status)
      expect(statuses).toEqual([...Array(20).fill(401), 429, 429])
      expect((await logIn(app)).status).toBe(429)
    },
  )

  it('BF-06 share the limit of an address', async () => {
    const { app } = setUp()
    const { accessToken } = await register(app)
    await guess(app, 5, { ip: owner })
    const body = { currentPassword: password, newPassword: 'another fine passphrase' }
    const refused = await app.call('POST', '/auth/password/change', { bearer: accessToken, body, ip: owner })
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_attempts'])
    const removed = await app.call('POST', '/auth/me/delete', { bearer: accessToken, body: { password }, ip: owner })
    expect(removed.status).toBe(429)
  })
})
