import { type Auth, type AuthStores, createAuth, StoreError } from '@auth/core'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { databases, type TestDatabase } from './support/databases.js'
import { digestNamed, session } from './support/samples.js'

const nodes = 4
const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000)

describe.each(databases)('maintain on %s', (_, create) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await create()
    await migrateAuth(database.connect())
  })
  afterEach(() => database.remove())

  function node(replace: (stores: Required<AuthStores>) => Partial<AuthStores> = () => ({})): Auth {
    const stores = kyselyStores(database.connect())
    const secret = 'c7d1f0a4-a-secret-for-tests-alone-5be2937a'
    return createAuth({ issuer: 'https://app.example.com', secret, stores: { ...stores, ...replace(stores) } })
  }

  /** Makes sessions that ended so many days ago, faster than one by one. */
  async function addSessions(count: number, name: string, days: number): Promise<void> {
    const end = daysAgo(days)
    const time = database.dialect === 'postgres' ? sql`cast(${end} as timestamptz)` : sql.lit(end.getTime())
    await sql`
      insert into auth_session (id, user_id, carrier, epoch, generation, current_digest, created_at, authenticated_at, last_seen_at, idle_expires_at, expires_at)
      with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${sql.lit(count)})
      select ${sql.lit(name)} || n, 'user', 'refresh', 0, 0, '', time, time, time, time, time
      from numbers, (select ${time} as time) as times`.execute(database.connect())
  }

  /** One record of each kind that ended long ago, and one that did not. */
  async function addOneOfEach({ tickets, attempts, revocations, apiKeys, audit, sessions }: Required<AuthStores>) {
    for (const [name, at] of [
      ['old', daysAgo(500)],
      ['live', daysAgo(-1)],
    ] as const) {
      const none = { allowedIps: null, lastUsedAt: null, revokedAt: null, replacedBy: null, scopes: [] }
      const ends = { createdAt: at, expiresAt: at }
      await sessions.insert(session({ id: name, ...ends, idleExpiresAt: at }))
      await revocations.append({ id: name, target: { session: name }, expiresAt: at })
      await attempts.take({ key: name, slot: name, now: at, expiresAt: at })
      const digest = digestNamed(name)
      const ticket = { digest, purpose: 'test', binding: digest, userId: null, grantId: null, payload: '' }
      await tickets.insert({ ...ticket, ...ends, rememberUntil: at })
      await apiKeys.insert({ id: name, userId: 'user', prefix: 'p', name, digest, uses: 0, ...none, ...ends })
      await audit.insert({ id: name, type: 'login', at, outcome: 'success' })
    }
  }

  it('ST-06 several nodes at once remove each record once, and nothing that lives', async () => {
    await addSessions(2500, 'old', 3)
    await addSessions(100, 'recent', 0.5)
    await addOneOfEach(kyselyStores(database.connect()))
    const reports = await Promise.all(Array.from({ length: nodes }, () => node().maintain()))
    reports.push(await node().maintain()) // What one was at when another passed by is its own, or left to the next.
    const sum = (part: keyof (typeof reports)[number]): number => reports.reduce((total, each) => total + each[part], 0)
    expect(sum('sessions')).toBe(2501)
    const others = ['revocations', 'attempts', 'tickets', 'apiKeys', 'auditEvents'] as const
    expect(others.map(sum)).toEqual([1, 1, 1, 1, 1])

    const { sessions, tickets, attempts, apiKeys, revocations, audit } = kyselyStores(database.connect())
    const { rows } = await sql<{ id: string }>`select id from auth_session where id not like 'recent%'`.execute(
      database.connect(),
    )
    expect(rows).toEqual([{ id: 'live' }])
    expect(await sessions.find('recent100')).not.toBeNull()
    const now = daysAgo(0)
    expect(await tickets.find(digestNamed('live'), 'test', now)).not.toBeNull()
    expect((await attempts.find('live', now)).map(({ id }) => id)).toEqual(['live'])
    expect((await apiKeys.find('live'))?.id).toBe('live')
    expect((await revocations.read(null, now)).entries.map(({ id }) => id)).toEqual(['live'])
    expect((await audit.list({ type: 'login', limit: 9 })).map(({ id }) => id)).toEqual(['live'])
  })

  it('ST-06 leaves nothing wrong where it is interrupted, and the next run goes on from there', async () => {
    await addSessions(2500, 'old', 3)
    await addOneOfEach(kyselyStores(database.connect()))
    let batches = 0
    const dying = node(({ sessions }) => ({
      sessions: {
        ...sessions,
        deleteExpired: async (before, limit) => {
          if (++batches === 2) throw new Error('killed')
          return sessions.deleteExpired(before, limit)
        },
      },
    }))
    await expect(dying.maintain()).rejects.toThrow(StoreError)
    const stores = kyselyStores(database.connect())
    expect(await stores.sessions.find('live')).not.toBeNull()
    const report = await node().maintain()
    expect(report).toMatchObject({ sessions: 1501, revocations: 1, attempts: 1, tickets: 1, apiKeys: 1, auditEvents: 1 })
    expect(await node().maintain()).toMatchObject({ sessions: 0, revocations: 0, tickets: 0 })
    expect(await stores.sessions.find('live')).not.toBeNull()
  })
})
