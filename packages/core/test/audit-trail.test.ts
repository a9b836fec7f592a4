import { memoryStores } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { login, password, refresh, register, type TestApp, testApp } from './support/test-app.js'

describe('the audit trail', () => {
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

describe('GET /audit', () => {
  async function reader(app: TestApp): Promise<(query?: string) => ReturnType<TestApp['call']>> {
    await app.auth.accounts.create({ email: 'root@example.com', password, roles: ['admin'] })
    const { accessToken } = await login(app, 'root@example.com')
    return (query = '') => app.call('GET', `/auth/audit${query}`, { bearer: accessToken })
  }
  const eventsOf = (body: Record<string, unknown>) => body.events as Record<string, unknown>[]

  it('lists events newest first, with all that the trail has of them', async () => {
    const app = testApp()
    const read = await reader(app)
    await app.clock.advance(1000)
    const ada = await register(app)
    const { status, body, headers } = await read()
    expect([status, headers.get('cache-control'), body.next]).toEqual([200, 'no-store', null])
    expect(eventsOf(body)[0]).toEqual({
      id: expect.any(String),
      type: 'registration',
      at: '2026-01-01T00:00:01.000Z',
      outcome: 'success',
      actor: ada.userId,
      subject: ada.userId,
      ip: '203.0.113.7',
      route: 'POST /auth/register',
    })
    expect(eventsOf(body).map(({ type }) => type)).toEqual(['registration', 'signing_key.created', 'login', 'registration'])
  })

  it('lists by type and by subject, in pages of a hundred that miss nothing and repeat nothing', async () => {
    const app = testApp()
    const read = await reader(app)
    const { userId } = await register(app)
    for (let i = 0; i < 230; i++) await app.auth.accounts.setRoles(userId, i % 2 ? ['user'] : ['support'])
    const ids: unknown[] = []
    for (let after = '', pages = 0; pages < 4; pages++) {
      const { body } = await read(`?type=roles.changed&subject=${userId}${after}`)
      ids.push(...eventsOf(body).map(({ id }) => id))
      if (body.next === null) break
      after = `&after=${body.next}`
    }
    expect([ids.length, new Set(ids).size]).toEqual([230, 230])
    expect(eventsOf((await read(`?subject=${crypto.randomUUID()}`)).body)).toEqual([])
    const { body } = await read('?type=login')
    expect(eventsOf(body).map(({ type }) => type)).toEqual(['login'])
  })

  it('refuses types that there are not, and parameters twice', async () => {
    const read = await reader(testApp())
    for (const query of ['?type=logn', '?type=toString', '?type=login%00', `?subject=${'x'.repeat(257)}`, '?subject=%0a'])
      expect([query, (await read(query)).body.code]).toEqual([query, 'validation_failed'])
    for (const query of [
      '?after=%20',
      `?after=${'x'.repeat(65)}`,
      '?after=a&after=b',
      '?type=login&type=login',
      '?subject=a&subject=b',
    ])
      expect([query, (await read(query)).body.code]).toEqual([query, 'invalid_request'])
    expect((await read('?after=&type=&subject=')).body).toEqual((await read('')).body)
    expect((await read('?after=nowhere')).body).toEqual({ events: [], next: null })
  })

  it('is for whoever has audit:read, and is not there where no events are kept', async () => {
    const app = testApp()
    const { accessToken } = await register(app)
    const { status, body } = await app.call('GET', '/auth/audit', { bearer: accessToken })
    expect([status, body.code, body.requiredScopes]).toEqual([403, 'insufficient_scope', ['audit:read']])
    expect((await app.call('GET', '/auth/audit')).status).toBe(401)
    const { audit: _, ...stores } = memoryStores()
    const without = testApp({ stores: stores as ReturnType<typeof memoryStores> })
    expect((await (await reader(without))()).status).toBe(404)
    await expect(without.auth.audit.list()).rejects.toThrow('stores.audit')
  })
})

describe('auth.audit.list', () => {
  it('refuses types and limits that there are not', async () => {
    const { auth } = testApp()
    for (const query of [
      { type: 'nothing' as 'login' },
      { limit: 0 },
      { limit: 1001 },
      { limit: 1.5 },
      { limit: Number.NaN },
    ])
      await expect(auth.audit.list(query)).rejects.toThrow(/is no type|must be a whole number/)
  })
})

describe('retention', () => {
  it('ST-06 keeps events for as long as it says, 400 days unless it is told otherwise', async () => {
    const day = 86_400_000
    for (const [retention, days] of [
      [undefined, 400],
      ['30d', 30],
    ] as const) {
      const app = testApp({ audit: retention === undefined ? {} : { retention } })
      await register(app)
      await app.clock.advance(days * day)
      expect((await app.auth.maintain()).auditEvents).toBe(0)
      await app.clock.advance(1)
      expect((await app.auth.maintain()).auditEvents).toBe(2)
      expect(await app.auth.audit.list()).toEqual([])
    }
    expect(() => testApp({ audit: { retention: '1h' } })).toThrow('audit.retention')
  })
})
