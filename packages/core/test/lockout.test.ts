import { type AttemptStore, memoryStores, StoreError } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { email, guess, logIn, setUp, stranger, told, watchedStores, wrong } from './support/guessing.js'
import { type Answer, password, quickHasher, register } from './support/test-app.js'

describe('an account that is guessed at from many addresses', () => {
  it('BF-01 BF-05 locks after ten failures in a row for 15 minutes, then for an hour; a right password changes nothing', async () => {
    const { app } = setUp()
    await register(app)
    for (const seconds of [900, 3600, 3600]) {
      expect(await guess(app, 10)).toEqual(Array(10).fill(401))
      const refused = await logIn(app, { password: wrong })
      expect([refused.status, refused.body.code]).toEqual([429, 'too_many_attempts'])
      expect(refused.headers.get('retry-after')).toBe(`${seconds}`)
      expect(refused.headers.get('ratelimit')).toBe(`"password-account";r=0;t=${seconds}`)
      expect(refused.headers.get('ratelimit-policy')).toBe('"password-account";q=10;w=86400')
      expect(told(await logIn(app))).toBe(told(refused))
      await app.clock.advance(seconds * 1000 - 1)
      expect((await logIn(app)).status).toBe(429)
      await app.clock.advance(1)
    }
    expect((await logIn(app)).status).toBe(200)
  })

  it('BF-04 LG-01 answers for an unknown account byte for byte as for a known one, failures and locks alike', async () => {
    const answers = await Promise.all(
      [email, 'nobody@example.com'].map(async (tried) => {
        const { app } = setUp()
        await register(app)
        const seen: string[] = []
        for (let i = 0; i < 36; i++) {
          seen.push(told(await logIn(app, { email: tried, password: wrong, ip: `198.51.100.${i}` })))
          await app.clock.advance(i % 12 === 11 ? 900_000 : 1000)
        }
        return seen
      }),
    )
    expect(answers[0]).toEqual(answers[1])
    expect(new Set(answers[0]?.map((answer) => answer.slice(1, 4)))).toEqual(new Set(['401', '429']))
  })

  it('BF-03 keeps who fails from one address to five, and one who has a /48 to fifty a minute', async () => {
    const { app } = setUp()
    const spray = (i: number, ip: string): Promise<Answer> =>
      logIn(app, { email: `user${i}@example.com`, password: wrong, ip })
    const fromOne = []
    for (let i = 0; i < 8; i++) fromOne.push((await spray(i, '192.0.2.1')).status)
    expect(fromOne).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
    const fromNetwork = []
    for (let i = 0; i < 52; i++) fromNetwork.push((await spray(i, `2001:db8:5:${i.toString(16)}::1`)).status)
    expect(fromNetwork.filter((status) => status === 401)).toHaveLength(50)
    expect((await spray(60, '2001:db8:6::1')).status).toBe(401)
    await app.clock.advance(60_000)
    expect((await spray(61, '2001:db8:5:ffff::1')).status).toBe(401)
  })

  it('BF-01 ends the run with a success, and the locks that were make the next one long all the same', async () => {
    const { app } = setUp()
    await register(app)
    expect(await guess(app, 9)).toEqual(Array(9).fill(401))
    expect((await logIn(app)).status).toBe(200)
    expect(await guess(app, 10)).toEqual(Array(10).fill(401))
    expect((await logIn(app)).headers.get('retry-after')).toBe('900')
    await app.clock.advance(900_000)
    await logIn(app)
    expect(await guess(app, 10)).toEqual(Array(10).fill(401))
    expect((await logIn(app)).headers.get('retry-after')).toBe('3600')
  })

  it('BF-01 forgets after a day', async () => {
    const { app } = setUp()
    await register(app)
    await guess(app, 9)
    await app.clock.advance(86_400_000)
    expect(await guess(app, 10)).toEqual(Array(10).fill(401))
    expect((await logIn(app)).headers.get('retry-after')).toBe('900')
  })

  it('takes its limits from the configuration', async () => {
    const { app } = setUp({ throttle: { account: { limit: 3, lock: '2m', longLock: '1d' }, address: { limit: 2 } } })
    await register(app)
    expect(await guess(app, 4)).toEqual([401, 401, 401, 429])
    expect((await logIn(app)).headers.get('retry-after')).toBe('120')
    await app.clock.advance(120_000)
    await guess(app, 3)
    expect((await logIn(app)).headers.get('retry-after')).toBe('86400')
    const other = { email: 'other@example.com', password: wrong, ip: '192.0.2.77' }
    expect(await guess(app, 3, other)).toEqual([401, 401, 429])
  })

  it('BF-05 opens again by a reset, and by the application', async () => {
    const { app } = setUp()
    const { userId } = await register(app)
    await guess(app, 10)
    expect(await app.auth.accounts.lockedUntil(userId)).toEqual(new Date(app.clock.now().getTime() + 900_000))
    await app.auth.accounts.resetPassword(userId, 'another fine passphrase')
    expect(await app.auth.accounts.lockedUntil(userId)).toBeNull()
    expect((await logIn(app, { password: 'another fine passphrase' })).status).toBe(200)
    await guess(app, 10)
    await app.auth.accounts.unlock(userId)
    expect((await logIn(app, { password: 'another fine passphrase' })).status).toBe(200)
    for (const ask of ['unlock', 'lockedUntil'] as const)
      await expect(app.auth.accounts[ask]('nobody')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('LG-02 verifies one hash for each guess that is admitted and none for one that is not, known or not', async () => {
    for (const tried of [email, 'nobody@example.com']) {
      let verified = 0
      const verify: typeof quickHasher.verify = (hash, text) => {
        verified++
        return quickHasher.verify(hash, text)
      }
      const { app } = setUp({ passwords: { hasher: { ...quickHasher, verify } } })
      await register(app)
      await guess(app, 15, { email: tried })
      expect(verified).toBe(10)
    }
  })

  it('BF-02 A-40 F-18 tests no more than ten passwords of 300 at once from as many addresses', async () => {
    let verified = 0
    const verify = async (): Promise<boolean> => {
      verified++
      await new Promise(setImmediate)
      return false
    }
    const { stores, slots } = watchedStores()
    const { app, alerts } = setUp({ stores, passwords: { hasher: { ...quickHasher, verify } } })
    await register(app)
    const guesses = Array.from({ length: 300 }, (_, i) => logIn(app, { password: wrong, ip: `198.18.${i >> 8}.${i & 255}` }))
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(verified).toBe(10)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(290)
    // On the account, and each on its address. The other one is who signed up.
    expect((await slots(app.clock.now())).filter(({ failed }) => failed)).toHaveLength(20)
    expect((await slots(app.clock.now())).filter(({ failed }) => !failed)).toHaveLength(1)
    expect(alerts.filter(({ kind }) => kind === 'lockout')).toHaveLength(1)
  })
})

describe('what a lock and a new device leave behind', () => {
  it('ER-04 tells of a lock once, of a known account to its owner too', async () => {
    const { app, alerts } = setUp()
    const { userId } = await register(app)
    for (const tried of [email, 'nobody@example.com']) await guess(app, 14, { email: tried })
    const events = await app.auth.audit.list({ type: 'lockout', limit: 10 })
    expect(events.map(({ subject }) => subject)).toEqual([undefined, userId])
    expect(alerts).toEqual([
      {
        kind: 'lockout',
        userId,
        lockedUntil: new Date(app.clock.now().getTime() + 900_000),
        at: app.clock.now(),
        ip: expect.stringMatching(/^198\.51\./),
      },
    ])
  })

  it('alerts to a new device, but not to the first sign-in, nor to a known device', async () => {
    const { app, alerts } = setUp()
    const { id } = await app.auth.accounts.create({ email, password })
    const first = await logIn(app)
    await app.clock.advance(1)
    expect(alerts).toEqual([])
    await logIn(app, { deviceToken: first.body.deviceToken })
    await app.clock.advance(1)
    expect(alerts).toEqual([])
    const ip = stranger()
    await app.call('POST', '/auth/login', { ip, body: { email, password }, headers: { 'user-agent': 'Browser' } })
    await expect.poll(() => alerts).toHaveLength(1)
    const [session] = await app.auth.sessions.list(id)
    expect(alerts[0]).toEqual({
      kind: 'new_device',
      userId: id,
      sessionId: session?.id,
      at: app.clock.now(),
      ip,
      userAgent: 'Browser',
    })
  })

  it('alerts to a device whose mark is void', async () => {
    const { app, alerts } = setUp()
    await register(app)
    const { deviceToken } = (await logIn(app)).body
    await expect.poll(() => alerts).toHaveLength(1)
    await guess(app, 10, { deviceToken: String(deviceToken) })
    expect((await logIn(app, { deviceToken })).status).toBe(200)
    await expect.poll(() => alerts).toHaveLength(2)
  })

  it('fails no sign-in by what it cannot find out about devices', async () => {
    const stores = memoryStores()
    const warnings: string[] = []
    const logger = { warn: (_: object, message: string) => void warnings.push(message), error: () => undefined }
    const attempts: AttemptStore = {
      ...stores.attempts,
      find: (key, now) => (isDown && seen++ > 1 ? Promise.reject(new StoreError('down')) : stores.attempts.find(key, now)),
    }
    let isDown = false
    let seen = 0
    const { app } = setUp({ stores: { ...stores, attempts }, logger })
    await register(app)
    isDown = true
    expect((await logIn(app)).status).toBe(200)
    await expect.poll(() => warnings).toEqual(['a sign-in could not be compared with earlier ones'])
  })
})
