import { CompiledQuery, type LogEvent, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { databases, type TestDatabase } from './support/databases.js'
import { hotStatements } from './support/hot-statements.js'
import { looksAtAll, planOf } from './support/plans.js'
import { at, session as sampleSession } from './support/samples.js'

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
    const log = ({ query }: LogEvent): void => {
      if (!/^(begin|commit)/.test(query.sql)) seen.push(query)
    }
    const db = database.connect({ log, session })
    // A connection of its own: libsql does not finish an `explain`, and nothing could be committed beside it.
    const explaining = database.connect()
    const stores = kyselyStores(db)
    await stores.sessions.insert(sampleSession({ id: 'id-1' }))
    const { cursor } = await stores.revocations.read(null, at)
    const wrong: string[] = []
    for (const [name, ask] of Object.entries(hotStatements)) {
      seen.length = 0
      await ask(stores, cursor)
      for (const query of [...seen]) wrong.push(...(await readsAll(query)).map((step) => `${name}: ${step}`))
    }
    // The newest events: an index in its order, from its beginning on to the limit.
    expect(wrong).toEqual([
      expect.stringMatching(/^audit\.list: (Index Scan on auth_audit_event|SCAN auth_audit_event USING INDEX)/),
    ])

    async function readsAll({ sql: text, parameters }: CompiledQuery): Promise<readonly string[]> {
      if (database.dialect === 'postgres') return looksAtAll(await planOf(db, { sql: text, parameters }))
      const { rows } = await explaining.executeQuery<{ detail: string }>(
        CompiledQuery.raw(`explain query plan ${text}`, [...parameters]),
      )
      return rows.map(({ detail }) => detail).filter((step) => /SCAN auth_(?!meta)|TEMP B-TREE FOR ORDER/.test(step))
    }
  })
})
