import { memoryStores } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { cookieLogin, ownPage, password, refresh, register, type TestApp, testApp } from './support/test-app.js'

/** A step that waits to be let through, and tells when it is reached. */
function gate(): { pass(): Promise<void>; reached: Promise<void>; open(): void } {
  let open = (): void => undefined
  let arrive = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const reached = new Promise<void>((resolve) => {
    arrive = resolve
  })
  return {
    reached,
    open: () => open(),
    pass: () => {
      arrive()
      return opened
    },
  }
}

const newPassword = 'another fine passphrase'
const change = (app: TestApp, bearer: string) =>
  app.call('POST', '/auth/password/change', { bearer, body: { currentPassword: password, newPassword } })

describe('a refresh that races the password change of its own session', () => {
  it('RT-05 gets its successor, or is refused unspent: it never raises an alarm', async () => {
    const stores = memoryStores()
    const app = testApp({ stores })
    const { accessToken, refreshToken } = await register(app)
    const carrying = gate()
    const rotating = gate()
    const changing = testApp({
      clock: app.clock,
      stores: {
        ...stores,
        sessions: {
          ...stores.sessions,
          swapEpoch: (swap) => carrying.pass().then(() => stores.sessions.swapEpoch(swap)),
        },
      },
    })
    const refreshing = testApp({
      clock: app.clock,
      stores: {
        ...stores,
        sessions: {
          ...stores.sessions,
          rotate: (rotation) => rotating.pass().then(() => stores.sessions.rotate(rotation)),
        },
      },
    })
    const changed = change(changing, accessToken)
    await carrying.reached
    const refreshed = refresh(refreshing, refreshToken)
    await rotating.reached
    carrying.open()
    expect((await changed).status).toBe(204)
    rotating.open()
    const { status, body } = await refreshed
    expect(status).toBe(200)
    expect(await app.guard({ bearer: body.accessToken })).toBe('ok')
    expect(await app.auth.audit.list({ type: 'refresh.reused', limit: 5 })).toEqual([])
  })
})

describe('a password change that races the end of the account', () => {
  it.each(['disable', 'endAllSessions'] as const)('LG-14 does not bring back what %s has ended', async (way) => {
    const stores = memoryStores()
    const hashing = gate()
    const hasher = {
      hash: async (text: string) => {
        if (text === newPassword) await hashing.pass()
        return `$plain$${text}`
      },
      verify: async (hash: string, text: string) => hash === `$plain$${text}`,
      needsRehash: () => false,
    }
    const app = testApp({ stores, passwords: { hasher } })
    const { accessToken, refreshToken, userId } = await register(app)
    const changed = change(app, accessToken)
    await hashing.reached
    await (way === 'disable' ? app.auth.accounts.disable(userId) : app.auth.sessions.endAll(userId))
    hashing.open()
    expect((await changed).status).toBe(401)
    expect((await refresh(app, refreshToken)).body.code).toBe('refresh_revoked')
  })

  it('LG-14 refuses the refresh token of an account that was disabled by other means', async () => {
    const stores = memoryStores()
    const app = testApp({ stores })
    const { refreshToken } = await register(app)
    const disabled = {
      ...stores.users,
      find: async (id: string) => {
        const user = await stores.users.find(id)
        return user && { ...user, disabledAt: new Date(0) }
      },
    }
    const node = testApp({ clock: app.clock, stores: { ...stores, users: disabled } })
    expect((await refresh(node, refreshToken)).body.code).toBe('refresh_revoked')
  })
})

describe('a deletion that died on the way', () => {
  it('LG-14 is completed by its repetition', async () => {
    const stores = memoryStores()
    let down = true
    const revocations: typeof stores.revocations = {
      ...stores.revocations,
      append: (entry) => (down ? Promise.reject(new Error('the process died here')) : stores.revocations.append(entry)),
    }
    const app = testApp({ stores: { ...stores, revocations } })
    const other = testApp({ clock: app.clock, stores })
    const { accessToken, userId } = await register(app)
    await expect(app.auth.accounts.delete(userId)).rejects.toThrow()
    down = false
    await expect(app.auth.accounts.delete(userId)).rejects.toMatchObject({ code: 'not_found' })
    await app.clock.advance(5001)
    expect(await other.guard({ bearer: accessToken })).toBe('401 token_revoked')
  })
})

describe('an end of a session whose row could not be marked', () => {
  it('SE-07 refuses its refresh token by the feed, and a repetition an hour later reaches everybody again', async () => {
    const stores = memoryStores()
    const sessions: typeof stores.sessions = { ...stores.sessions, revoke: () => Promise.reject(new Error('down')) }
    const app = testApp({ stores: { ...stores, sessions } })
    const { accessToken, refreshToken } = await register(app)
    expect((await app.call('POST', '/auth/logout', { bearer: accessToken })).status).toBe(503)
    expect((await refresh(app, refreshToken)).body.code).toBe('refresh_revoked')
    const before = (await stores.revocations.read(null, app.clock.now())).entries.length
    await app.clock.advance(66 * 60_000)
    await app.call('POST', '/auth/logout', { body: { refreshToken } })
    expect(before).toBe(1)
    expect((await stores.revocations.read(null, app.clock.now())).entries).toHaveLength(1)
  })
})

describe('logout', () => {
  it('SE-07 ends the session of an access token that has expired', async () => {
    const app = testApp()
    const { accessToken, refreshToken } = await register(app)
    await app.clock.advance(20 * 60_000)
    expect((await app.call('POST', '/auth/logout', { bearer: accessToken })).status).toBe(204)
    expect((await refresh(app, refreshToken)).body.code).toBe('refresh_revoked')
  })
})

describe('strangers', () => {
  it('write nothing with garbage refresh tokens, and one event a minute with refused attempts', async () => {
    const stores = memoryStores()
    let writes = 0
    const audit: typeof stores.audit = {
      ...stores.audit,
      insert: (event) => {
        writes++
        return stores.audit.insert(event)
      },
    }
    const app = testApp({ stores: { ...stores, audit } })
    for (let i = 0; i < 50; i++) await refresh(app, `garbage ${i}`)
    expect(writes).toBe(0)
    for (let i = 0; i < 30; i++) {
      await app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password: 'wrong password' } })
    }
    expect(writes).toBe(5 + 1)
  })

  it('SE-04 SE-10 cannot pass a cookie for ours by a blank that only programs see', async () => {
    const app = testApp()
    await register(app)
    const cookie = await cookieLogin(app)
    expect(await app.guard({ cookie: `\u00a0${cookie}` })).toBe('401 credentials_missing')
    expect(await app.guard({ cookie: ` \t${cookie} ` })).toBe('ok')
    expect((await app.call('POST', '/auth/logout', { cookie, headers: ownPage })).status).toBe(204)
  })
})

describe('a start that hangs', () => {
  it('ST-05 F-06 is a 503 within the deadline, and is tried again', async () => {
    const stores = memoryStores()
    let hangs = true
    const deployment = {
      claim: (name: string, value: string) =>
        hangs ? new Promise<string>(() => undefined) : stores.users.deployment?.claim(name, value),
    } as NonNullable<typeof stores.users.deployment>
    const app = testApp({ stores: { ...stores, signingKeys: { ...stores.signingKeys, deployment } } })
    let answered = false
    const first = app.guard({ bearer: 'x' }).finally(() => {
      answered = true
    })
    while (!answered) {
      await app.clock.advance(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await first).toBe('503 store_unavailable')
    hangs = false
    expect(await app.guard({ bearer: 'x' })).not.toMatch(/^503/)
  })

  it('CF-01 takes a secret that is no text for a mistake, and one that does not come for an outage', async () => {
    const wrong = testApp({ secret: (async () => undefined) as never })
    expect(await wrong.guard({ bearer: 'x' })).toBe('500 internal_error')
    await expect(wrong.auth.ready()).rejects.toMatchObject({ name: 'ConfigError' })
    const failing = testApp({
      secret: () => {
        throw new Error('vault is sealed')
      },
    })
    expect(await failing.guard({ bearer: 'x' })).toBe('503 store_unavailable')
  })
})

it('F-50 a store that is frozen works', async () => {
  const stores = memoryStores()
  const frozen = Object.fromEntries(
    Object.entries(stores).map(([name, store]) => [name, Object.freeze({ ...store })]),
  ) as typeof stores
  expect((await register(testApp({ stores: frozen }))).accessToken).toBeTypeOf('string')
})
