import { type AttemptStore, memoryStores, type SecurityAlert, StoreError } from '@auth/core'
import { describe, expect, it } from 'vitest'
import {
  type Answer,
  cookieLogin,
  ownPage,
  password,
  quickHasher,
  register,
  type TestApp,
  type TestConfig,
  testApp,
} from './support/test-app.js'

const email = 'ada@example.com'
const wrong = 'not the password'
const owner = '203.0.113.7'

let addresses = 0
/** An address that nobody has had before. */
function stranger(): string {
  addresses++
  return `198.51.${addresses >> 8}.${addresses & 255}`
}

interface Login {
  readonly email?: string
  readonly password?: string
  readonly ip?: string
  readonly cookie?: string
  readonly deviceToken?: unknown
}

function logIn(app: TestApp, { ip = stranger(), cookie, ...given }: Login = {}): Promise<Answer> {
  return app.call('POST', '/auth/login', {
    ip,
    body: { email, password, ...given },
    ...(cookie === undefined ? {} : { cookie, headers: ownPage }),
  })
}

/** Guesses from a new address each time; answers the statuses. */
async function guess(app: TestApp, times: number, given: Login = {}): Promise<readonly number[]> {
  const statuses: number[] = []
  for (let i = 0; i < times; i++) statuses.push((await logIn(app, { password: wrong, ...given })).status)
  return statuses
}

const told = ({ status, body, headers }: Answer): string => JSON.stringify([status, body, [...headers]])

function setUp(config: TestConfig = {}) {
  const alerts: SecurityAlert[] = []
  const app = testApp({ onSecurityAlert: (alert) => void alerts.push(alert), ...config })
  return { app, alerts }
}

/** Stores whose ledgers can be looked into, and whose calls are counted. */
function watchedStores() {
  const stores = memoryStores()
  const keys = new Set<string>()
  const calls: string[] = []
  const attempts = new Proxy(stores.attempts, {
    get(store, name) {
      const member: unknown = Reflect.get(store, name)
      if (typeof member !== 'function') return member
      return (first: string | { key: string }, ...more: unknown[]) => {
        keys.add(typeof first === 'string' ? first : first.key)
        calls.push(String(name))
        return Reflect.apply(member, store, [first, ...more])
      }
    },
  })
  const slots = async (now: Date): Promise<readonly { failed: boolean }[]> =>
    (await Promise.all([...keys].map((key) => stores.attempts.find(key, now)))).flat()
  return { stores: { ...stores, attempts }, calls, slots }
}

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

describe('what right passwords leave behind', () => {
  it('BF-02 twenty slow ones leave no credit and no debt on any counter', async () => {
    const { stores, slots } = watchedStores()
    let isSlow = false
    let letGo = (): void => undefined
    const hasher = {
      ...quickHasher,
      verify: async (hash: string, text: string) => {
        if (isSlow) await new Promise<void>((resolve) => (letGo = resolve))
        return quickHasher.verify(hash, text)
      },
    }
    const { app } = setUp({ stores, passwords: { hasher } })
    await register(app, 'eve@example.com')
    const before = (await slots(app.clock.now())).length
    isSlow = true
    for (let i = 0; i < 20; i++) {
      const pending = logIn(app, { email: 'eve@example.com', ip: owner })
      await app.clock.advance(1500)
      await expect
        .poll(() => (letGo === undefined ? 0 : slots(app.clock.now()).then(({ length }) => length)))
        .toBe(before + 2)
      letGo()
      expect((await pending).status).toBe(200)
    }
    isSlow = false
    expect(await slots(app.clock.now())).toHaveLength(before)
    expect(await guess(app, 6, { ip: owner })).toEqual([401, 401, 401, 401, 401, 429])
  })

  it('costs a login six calls of the ledgers, of which two at a time need the answer of others', async () => {
    const { stores, calls } = watchedStores()
    const { app } = setUp({ stores })
    await register(app)
    const { deviceToken } = (await logIn(app)).body
    calls.length = 0
    await logIn(app, { deviceToken })
    expect(calls).toEqual(['find', 'find', 'take', 'take', 'giveBack', 'giveBack'])
    calls.length = 0
    await logIn(app, { password: wrong })
    expect(calls).toEqual(['find', 'find', 'take', 'take', 'settle', 'settle'])
  })

  it('thirty at once behind one address, each for an account of its own, all pass', async () => {
    const { app } = setUp()
    for (let i = 0; i < 30; i++) await register(app, `user${i}@example.com`)
    const logins = Array.from({ length: 30 }, (_, i) => logIn(app, { email: `user${i}@example.com`, ip: owner }))
    expect((await Promise.all(logins)).map(({ status }) => status)).toEqual(Array(30).fill(200))
  })
})

describe('a ledger that does not answer', () => {
  it.each(['find', 'take'] as const)(
    'F-04 refuses with 503 where %s fails on the account, and leaves no slot on the address',
    async (method) => {
      const { stores, slots } = watchedStores()
      const { app } = setUp({ stores })
      await register(app)
      const before = (await slots(app.clock.now())).length
      let asked = 0
      const failing = (act: () => Promise<unknown>) => (++asked === 2 ? Promise.reject(new StoreError('down')) : act())
      const attempts = {
        ...stores.attempts,
        [method]: (...given: unknown[]) => failing(() => Reflect.apply(stores.attempts[method], undefined, given)),
      }
      const node = testApp({ clock: app.clock, stores: { ...stores, attempts } })
      const answer = await logIn(node)
      expect([answer.status, answer.body.code]).toEqual([503, 'store_unavailable'])
      expect(await slots(app.clock.now())).toHaveLength(before)
      expect((await logIn(node)).status).toBe(200)
    },
  )

  it('leaves no slot on the address where the account is locked', async () => {
    const { stores, slots } = watchedStores()
    const { app } = setUp({ stores })
    await register(app)
    await guess(app, 10)
    const before = (await slots(app.clock.now())).length
    // A node that knows nothing of the lock, and one that does.
    for (const node of [testApp({ clock: app.clock, stores }), app]) expect((await logIn(node)).status).toBe(429)
    expect(await slots(app.clock.now())).toHaveLength(before)
  })
})
