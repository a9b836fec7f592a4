import { truncateSync } from 'node:fs'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { createPostgres, createSqlite, databases, type TestDatabase } from './support/databases.js'
import { at, later, session, user } from './support/samples.js'

describe.each(databases)('rows that make no sense on %s', (_, create) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await create()
    await migrateAuth(database.connect())
  })
  afterEach(() => database.remove())

  it('F-50 throws for a row that makes no sense, and tells its column but not its content', async () => {
    const db = database.connect()
    const { users, attempts, clients, revocations, sessions } = kyselyStores(db)
    await users.insert(user())
    for (const roles of ['{}', '"admin"', '[1]', 'null', '["user", null]']) {
      await sql`update auth_user set roles = ${sql.lit(roles)}`.execute(db)
      await expect(users.find('user-1')).rejects.toThrow('The column auth_user.roles holds no list')
    }
    await attempts.take({ key: 'key', slot: 'slot', now: at, expiresAt: later(60) })
    await sql`update auth_attempt set slots = '[["slot", "secret"]]'`.execute(db)
    await expect(attempts.find('key', at)).rejects.toThrow('The column auth_attempt.slots holds no slots')

    const lists = { secrets: [], redirectUris: [], grants: [], scopes: [], authMethods: [], resources: [], introspects: [] }
    const client = { id: 'c', name: 'c', kind: 'public', consent: 'explicit', ...lists } as const
    await clients.insert({ ...client, createdAt: at, disabledAt: null, grantsSince: null, version: 1 })
    await sql`update auth_client set secrets = '[["secret"]]'`.execute(db)
    await expect(clients.find('c')).rejects.toThrow('The column auth_client.secrets holds no secret')

    await revocations.append({ id: 'r', target: { session: 's' }, expiresAt: later(60) })
    await sql`update auth_revocation set target_kind = 'everything'`.execute(db)
    await expect(revocations.read(null, at)).rejects.toThrow('of a kind that is not known here')

    await sessions.insert(session())
    await sql`update auth_session set generation = 9007199254740993`.execute(db)
    await expect(sessions.find('session-1')).rejects.toThrow('The column auth_session.generation holds no integer')
  })
})

describe('an outage of Postgres', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createPostgres()
    await migrateAuth(database.connect())
  })
  afterEach(() => database.remove())

  it('F-01 F-08 throws while connections are cut or the server is read-only, never answers absent, and recovers', async () => {
    const admin = database.connect()
    const { users, sessions } = kyselyStores(database.connect())
    await users.insert(user())
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(admin)
    expect(await recovered(() => users.find('user-1'))).toEqual(user())

    const readOnly = kyselyStores(database.connect({ session: '-c default_transaction_read_only=on' }))
    await expect(readOnly.sessions.insert(session())).rejects.toThrow(/read-only/)
    await expect(
      readOnly.sessions.revoke({ id: 'x', reason: 'logout', now: at, rememberUntil: later(60) }),
    ).rejects.toThrow()

    expect(await sessions.insert(session())).toBe(true)
  })

  it('F-07 throws where the connection is cut in the middle of a statement, and has done nothing', async () => {
    const admin = database.connect()
    const { users } = kyselyStores(database.connect({ session: '-c application_name=cut' }))
    await users.insert(user())
    const blocker = await admin.startTransaction().execute()
    await sql`update auth_user set name = 'held'`.execute(blocker)
    const waiting = users.swapPasswordHash('user-1', user().passwordHash ?? '', 'another')
    const settled = expect(waiting).rejects.toThrow()
    for (let cut = 0; cut === 0; ) {
      const { rows } = await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'cut' and wait_event_type = 'Lock'`.execute(admin)
      cut = rows.length
    }
    await settled
    await blocker.rollback().execute()
    expect(await recovered(() => users.find('user-1'))).toEqual(user())
  })
})

describe('trouble with SQLite', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createSqlite()
    await migrateAuth(database.connect())
  })
  afterEach(() => database.remove())

  it('F-21 throws while another holds the write lock too long; reads go on; what was refused was not written', async () => {
    const other = database.connect()
    const seenByOther = kyselyStores(other).users
    const { users } = kyselyStores(database.connect({ busyTimeoutMs: 50 }))
    await users.insert(user())
    await other.connection().execute(async (holder) => {
      await sql`begin immediate`.execute(holder)
      await expect(users.insert(user({ id: 'user-2', emailKey: 'b' }))).rejects.toThrow(/locked|busy/i)
      expect(await users.find('user-1')).toEqual(user())
      await sql`rollback`.execute(holder)
    })
    expect(await users.find('user-2')).toBeNull()
    expect(await users.insert(user({ id: 'user-2', emailKey: 'b' }))).toBe(true)
    expect(await seenByOther.find('user-2')).toEqual(user({ id: 'user-2', emailKey: 'b' }))
  })

  it('F-21 never says that something is written which is not committed, also through a driver that stays half-way', async () => {
    const other = database.connect()
    const { users } = kyselyStores(database.connect({ busyTimeoutMs: 50, reusesBegin: false }))
    await other.connection().execute(async (holder) => {
      await sql`begin immediate`.execute(holder)
      await expect(users.insert(user())).rejects.toThrow(/locked|busy/i)
      await sql`rollback`.execute(holder)
    })
    for (let i = 0; i < 20; i++) {
      const id = `user-${i}`
      const said = await users.insert(user({ id, emailKey: id })).catch(() => false)
      expect((await kyselyStores(other).users.find(id)) !== null, id).toBe(said)
    }
  })

  it('F-22 throws on a full disk and writes nothing; goes on when there is room', async () => {
    const db = database.connect()
    const { users } = kyselyStores(db)
    await users.insert(user())
    await sql`pragma max_page_count = 1`.execute(db) // Of an existing database: as many pages as it has.
    const big = user({ id: 'user-2', emailKey: 'b', name: 'x'.repeat(100_000) })
    await expect(users.insert(big)).rejects.toThrow(/full/)
    expect(await users.find('user-2')).toBeNull()
    await sql`pragma max_page_count = 1000000`.execute(db)
    expect(await users.insert(big)).toBe(true)
  })

  it('F-22 throws for a file that is damaged; never answers that there is no such user', async () => {
    const first = database.connect()
    await kyselyStores(first).users.insert(user())
    await sql`pragma wal_checkpoint(truncate)`.execute(first)
    truncateSync(database.url, 8192)
    await expect(async () => kyselyStores(database.connect()).users.find('user-1')).rejects.toThrow()
  })
})

/** What a read comes to once the pool is rid of the connections that were cut; until then it throws, and never answers absent. */
async function recovered<T>(read: () => Promise<T | null>): Promise<T | null> {
  for (let tries = 0; tries < 20; tries++) {
    const answer = await read().catch(() => undefined)
    if (answer !== undefined) return answer
  }
  return read()
}
