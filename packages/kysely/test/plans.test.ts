import { CompiledQuery, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { databases, type TestDatabase } from './support/databases.js'
import { at, digestNamed, later, session as sampleSession, user } from './support/samples.js'

type Stores = ReturnType<typeof kyselyStores>

const id = 'id-1'
const digest = digestNamed('digest')
const longAgo = later(-86_400 * 365)
const [next, binding] = [digestNamed('next'), digestNamed('binding')]

/** Everything that requests and housekeeping ask for. */
const hot: Readonly<Record<string, (stores: Stores, cursor: string) => Promise<unknown>>> = {
  'users.find': ({ users }) => users.find(id),
  'users.findByEmailKey': ({ users }) => users.findByEmailKey(id),
  'users.insert': ({ users }) => users.insert(user()),
  'users.swapPasswordHash': ({ users }) => users.swapPasswordHash(id, 'a', 'b'),
  'users.revoke': ({ users, revocations }) =>
    users.revoke({ userId: id, ends: 'sessions', set: {}, feed: revocations, entryExpiresAt: later(60) }),
  'sessions.find': ({ sessions }) => sessions.find(id),
  'sessions.listLive': ({ sessions }) => sessions.listLive(id, at),
  'sessions.rotate': ({ sessions }) =>
    sessions.rotate({
      id,
      carrier: 'refresh',
      clientId: null,
      generation: 0,
      digest,
      successor: { digest: next, sealed: null },
      userEpoch: 0,
      now: at,
      retryWindowMs: 0,
      idleExpiresAt: later(60),
    }),
  'sessions.touch': ({ sessions }) => sessions.touch(id, at, later(60)),
  'sessions.swapEpoch': ({ sessions }) => sessions.swapEpoch({ id, fromEpoch: 0, toEpoch: 1, now: at }),
  'sessions.revoke': ({ sessions }) => sessions.revoke({ id, reason: 'logout', now: at, rememberUntil: later(60) }),
  'sessions.revokeAll': ({ sessions }) => sessions.revokeAll(id, 1, 'revoked', at),
  'sessions.eraseSuccessors': ({ sessions }) => sessions.eraseSuccessors(longAgo, 10),
  'sessions.deleteExpired': ({ sessions }) => sessions.deleteExpired(longAgo, 10),
  'revocations.append': ({ revocations }) => revocations.append({ id, target: { session: id }, expiresAt: later(60) }),
  'revocations.read': ({ revocations }, cursor) => revocations.read(cursor, at),
  'revocations.deleteExpired': ({ revocations }) => revocations.deleteExpired(longAgo, 10),
  'attempts.find': ({ attempts }) => attempts.find(id, at),
  'attempts.take': ({ attempts }) => attempts.take({ key: id, slot: id, now: at, expiresAt: later(-3600) }),
  'attempts.settle': ({ attempts }) => attempts.settle(id, id),
  'attempts.giveBack': ({ attempts }) => attempts.giveBack(id, 'another'),
  'attempts.deleteExpired': ({ attempts }) => attempts.deleteExpired(at, 10),
  'attempts.clear': ({ attempts }) => attempts.clear(id),
  'tickets.find': ({ tickets }) => tickets.find(digest, 'purpose', at),
  'tickets.consume': ({ tickets }) => tickets.consume({ digest, purpose: 'purpose', binding, now: at }),
  'tickets.revokeAll': ({ tickets }) => tickets.revokeAll('purpose', id),
  'tickets.deleteExpired': ({ tickets }) => tickets.deleteExpired(longAgo, 10),
  'apiKeys.find': ({ apiKeys }) => apiKeys.find(id),
  'apiKeys.list': ({ apiKeys }) => apiKeys.list(id),
  'apiKeys.rotate': ({ apiKeys }) => {
    const none = { allowedIps: null, expiresAt: null, lastUsedAt: null, revokedAt: null, replacedBy: null }
    const successor = { ...none, id: 'next', userId: id, prefix: 'p', name: 'n', digest, scopes: [], createdAt: at, uses: 0 }
    return apiKeys.rotate({ id, userId: id, successor, validUntil: at, now: at })
  },
  'apiKeys.revoke': ({ apiKeys }) => apiKeys.revoke(id, id, at),
  'apiKeys.revokeAll': ({ apiKeys }) => apiKeys.revokeAll(id, at),
  'apiKeys.recordUses': ({ apiKeys }) => apiKeys.recordUses([{ id, lastUsedAt: at, uses: 1 }]),
  'apiKeys.deleteExpired': ({ apiKeys }) => apiKeys.deleteExpired(longAgo, 10),
  'audit.list': ({ audit }) => audit.list({ limit: 10 }),
  'audit.list by type': ({ audit }) => audit.list({ type: 'login', after: id, limit: 10 }),
  'audit.list by subject': ({ audit }) => audit.list({ subject: id, after: id, limit: 10 }),
  'audit.deleteExpired': ({ audit }) => audit.deleteExpired(longAgo, 10),
}

/** So many rows that looking at all of them would be dear: what Postgres plans depends on it. */
const filling = [
  `auth_user (id, email, email_key, roles, session_epoch, access_version, created_at)
    select n, n, 'k' || n, '[]', 0, 0, at`,
  `auth_session (id, user_id, carrier, epoch, generation, current_digest, sealed_at, created_at, authenticated_at, last_seen_at, idle_expires_at, expires_at)
    select n, n / 10, 'refresh', 0, 0, n, case when n % 100 = 0 then at end, at, at, at, at, at`,
  `auth_revocation (id, target_kind, target_id, expires_at, xid) select n, 'session', n, at, cast(cast(n % 500 as text) as xid8)`,
  `auth_attempt (id, slots, next_expires_at) select n, '[]', at`,
  `auth_ticket (digest, purpose, binding, user_id, payload, created_at, expires_at, remember_until) select n, 'p', n, n / 10, '', at, at, at`,
  `auth_api_key (id, user_id, prefix, name, digest, scopes, created_at, uses, expires_at) select n, n / 10, 'p', n, n, '[]', at, 0, at`,
  `auth_audit_event (id, type, at, outcome, subject) select n, case when n % 20 = 0 then 'login' else 'refresh' end, at, 'success', n / 10`,
]
const rows = `from (select n, timestamptz '2026-11-23' + n * interval '1 minute' as at from generate_series(1, 20000) as n) as filler`

/** What a plan of Postgres reads. */
interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PlanNode[]
}

/** Steps of a plan that look at every row of a table. */
function looksAtAll(node: PlanNode): readonly string[] {
  const isScan = /^(Seq Scan|Index Scan|Index Only Scan|Bitmap Index Scan)$/.test(node['Node Type'])
  const own = isScan && node['Relation Name']?.startsWith('auth_') && node['Index Cond'] === undefined
  return [...(own ? [`${node['Node Type']} on ${node['Relation Name']}`] : []), ...(node.Plans ?? []).flatMap(looksAtAll)]
}

describe.each(databases)('plans on %s', (_, create) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await create()
    const db = database.connect()
    await migrateAuth(db)
    if (database.dialect === 'sqlite') return
    for (const table of filling) await sql`insert into ${sql.raw(table)} ${sql.raw(rows)}`.execute(db)
    await sql`analyze`.execute(db)
  })
  afterAll(() => database.remove())

  it('every hot statement looks up its rows in an index', async () => {
    const seen: CompiledQuery[] = []
    const session = '-c random_page_cost=1.1' // A solid-state disk.
    const db = database.connect({ log: ({ query }) => void seen.push(query), session })
    const stores = kyselyStores(db)
    await stores.sessions.insert(sampleSession({ id }))
    const { cursor } = await stores.revocations.read(null, at)
    const wrong: string[] = []
    for (const [name, ask] of Object.entries(hot)) {
      seen.length = 0
      await ask(stores, cursor)
      for (const query of [...seen]) wrong.push(...(await readsAll(query)).map((step) => `${name}: ${step}`))
    }
    // The newest events: an index in its order, from its beginning on to the limit.
    expect(wrong).toEqual([
      expect.stringMatching(/^audit\.list: (Index Scan on auth_audit_event|SCAN auth_audit_event USING INDEX)/),
    ])

    async function readsAll({ sql: text, parameters }: CompiledQuery): Promise<readonly string[]> {
      const explain = database.dialect === 'postgres' ? 'explain (format json)' : 'explain query plan'
      const { rows } = await db.executeQuery<PlanRow>(CompiledQuery.raw(`${explain} ${text}`, [...parameters]))
      const plan = rows[0]?.['QUERY PLAN']?.[0]?.Plan
      if (plan) return looksAtAll(plan)
      return rows.map(({ detail = '' }) => detail).filter((step) => /SCAN auth_(?!meta)|TEMP B-TREE FOR ORDER/.test(step))
    }
  })
})

interface PlanRow {
  readonly 'QUERY PLAN'?: readonly { readonly Plan: PlanNode }[]
  /** SQLite's. */
  readonly detail?: string
}
