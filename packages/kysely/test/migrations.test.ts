import { createHash } from 'node:crypto'
import * as kysely from 'kysely'
import { type Migrator, sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { authMigrations, kyselyStores, migrateAuth } from '../src/index.js'
import { createPostgres, databases, type TestDatabase } from './support/databases.js'
import { user } from './support/samples.js'

/** What each step's statements were when it was released: a step in use never changes. */
const released = {
  postgres: {
    '20261123_auth_0001_tables': '2ba2890490dd4bb56ae591855dd32dccf9da6cf53699f7d3ce46b27d1f946289',
    '20261128_auth_0002_identities': 'a77e33284037a8f94ec54f0c6d5f9ba80d74f6391f829dc45a6a3a42f09edd47',
    '20261128_auth_0003_oauth_server': '80cf15377586d29e3f2b3c93802c479c042b7a55578565d09e48cc43a0140876',
  },
  sqlite: {
    '20261123_auth_0001_tables': 'fa397d87ea85565bedb3624912d2b41888a0a5a876159492747396c848b76fb0',
    '20261128_auth_0002_identities': '931572fb0df81ddd258db2c72ff2216a40dc833354ebdefadb20b51f41f75247',
    '20261128_auth_0003_oauth_server': 'c970be665caf744e19945cbb92483f70b3606f58b853eb30b3728052308af2d5',
  },
} as const

describe.each(databases)('migrateAuth on %s', (_, create) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await create()
  })
  afterEach(() => database.remove())

  it('makes the tables; called again it changes nothing', async () => {
    const statements: string[] = []
    const db = database.connect({ log: ({ query }) => void statements.push(query.sql) })
    await migrateAuth(db)
    expect(await kyselyStores(db).users.insert(user())).toBe(true)
    statements.length = 0
    await migrateAuth(db)
    expect(statements).toHaveLength(1)
    expect(await kyselyStores(db).users.find('user-1')).toEqual(user())
  })

  it('keeps tables of several prefixes apart', async () => {
    const db = database.connect()
    await migrateAuth(db, { tablePrefix: 'a_' })
    await migrateAuth(db, { tablePrefix: 'b_' })
    await kyselyStores(db, { tablePrefix: 'a_' }).users.insert(user())
    expect(await kyselyStores(db, { tablePrefix: 'b_' }).users.find('user-1')).toBeNull()
    expect(await kyselyStores(db, { tablePrefix: 'a_' }).users.find('user-1')).toEqual(user())
  })

  it('F-44 leaves tables alone that a newer release has changed', async () => {
    const db = database.connect()
    await migrateAuth(db)
    await sql`alter table auth_user add column added_later text`.execute(db)
    await sql`insert into auth_migration (name, timestamp) values ('99990101_auth_9999_later', 'then')`.execute(db)
    await migrateAuth(db)
    expect(await kyselyStores(db).users.insert(user())).toBe(true)
  })

  it('F-13 leaves nothing behind where a step fails, and goes on from there', async () => {
    const db = database.connect()
    await sql`create table auth_client (in_the_way integer)`.execute(db)
    await expect(migrateAuth(db)).rejects.toThrow()
    await expect(sql`select 1 from auth_user`.execute(db)).rejects.toThrow()
    await sql`drop table auth_client`.execute(db)
    await migrateAuth(db)
    expect(await kyselyStores(db).users.insert(user())).toBe(true)
  })

  it('gives its steps to Kysely’s own Migrator as well, which may go on where it stopped', async () => {
    const path = 'kysely/migration' // 0.28 has no such door, which a bundler would notice.
    const door: object = 'Migrator' in kysely ? kysely : await import(path)
    const { Migrator: OwnMigrator } = door as { Migrator: typeof Migrator }
    const db = database.connect()
    const tables = { migrationTableName: 'auth_migration', migrationLockTableName: 'auth_migration_lock' }
    const migrator = new OwnMigrator({ db, provider: { getMigrations: async () => authMigrations() }, ...tables })
    expect((await migrator.migrateToLatest()).error).toBeUndefined()
    await migrateAuth(db)
    expect((await migrator.migrateToLatest()).results).toEqual([])
    expect(await kyselyStores(db).users.insert(user())).toBe(true)
  })

  it('has not changed a step that was released', async () => {
    const statements: string[] = []
    const db = database.connect({ log: ({ query }) => void statements.push(query.sql.replace(/\s+/g, ' ')) })
    for (const [name, { up }] of Object.entries(authMigrations())) {
      statements.length = 0
      await up(db)
      const digest = createHash('sha256').update(statements.join(';')).digest('hex')
      expect({ [name]: digest }).toEqual({ [name]: (released[database.dialect] as Record<string, string>)[name] })
    }
  })
})

describe('migrateAuth on Postgres', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createPostgres()
  })
  afterEach(() => database.remove())

  it('needs no right to change tables where nothing is to be done', async () => {
    const db = database.connect()
    await migrateAuth(db, { schema: 'auth' })
    const role = `app_${process.pid}_${Date.now()}`
    await sql`create role ${sql.id(role)}`.execute(db)
    await sql`grant usage on schema auth to ${sql.id(role)}`.execute(db)
    await sql`grant select, insert, update, delete on all tables in schema auth to ${sql.id(role)}`.execute(db)
    const limited = database.connect({ session: `-c role=${role}` })
    await migrateAuth(limited, { schema: 'auth' })
    expect(await kyselyStores(limited, { schema: 'auth' }).users.insert(user())).toBe(true)
    await sql`drop owned by ${sql.id(role)}`.execute(db)
    await sql`drop role ${sql.id(role)}`.execute(db)
  })

  it('works with a pool of one connection', async () => {
    const db = database.connect({ connections: 1 })
    await migrateAuth(db, { schema: 'auth' })
    expect(await kyselyStores(db, { schema: 'auth' }).users.insert(user())).toBe(true)
  })
})
