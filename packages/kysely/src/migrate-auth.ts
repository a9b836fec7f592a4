import { sql } from 'kysely'
import { type AnyKysely, type Database, openDatabase, type TableOptions } from './database.js'
import { type AuthMigration, authMigrations } from './migrations/index.js'

type Migrate = (on: AnyKysely) => Promise<void>
type Step = readonly [name: string, migration: AuthMigration]

const busyPollMs = 50
const busyWaitMs = 60_000
/** Of the advisory lock on Postgres: any number that nothing else uses. */
const lockKey = '7310594802417726053'

/**
 * Makes the tables, or brings them up to date: all of it or nothing. Safe in every process at every start: those that
 * start together wait for each other, and where nothing is to be done it is one query that needs no right to change
 * tables. An older release leaves what a newer one added as it is.
 * @throws ConfigError for another dialect or options that fit no table; otherwise what the driver throws
 */
export async function migrateAuth(db: AnyKysely, options: TableOptions = {}): Promise<void> {
  const plain = db.withoutPlugins()
  const database = openDatabase(plain, options)
  const pending = async (on: AnyKysely): Promise<readonly Step[]> => {
    const done = await readBooks(on, database)
    return listSteps(options).filter(([name]) => !done.has(name))
  }
  const isCurrent = await pending(plain).then(
    (steps) => steps.length === 0,
    () => false, // There are no books yet. Whatever else it is stops what follows too.
  )
  if (isCurrent) return
  await alone(plain, database, async (on) => {
    await openBooks(on, database, options.schema)
    for (const [name, step] of await pending(on)) {
      await step.up(on)
      await sql`insert into ${database.table('auth_migration')} (name, timestamp) values (${name}, ${new Date().toISOString()})`.execute(
        on,
      )
    }
  })
}

function listSteps(options: TableOptions): readonly Step[] {
  return Object.entries(authMigrations(options)).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The names of the steps that were made. */
async function readBooks(db: AnyKysely, database: Database): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ name: string }>`select name from ${database.table('auth_migration')}`.execute(db)
  return new Set(rows.map(({ name }) => name))
}

/** The books have the form of Kysely's own, so that its `Migrator` can go on from them. */
async function openBooks(db: AnyKysely, database: Database, schema: string | undefined): Promise<void> {
  if (schema !== undefined) {
    // Asked first: `if not exists` needs the right to make schemas even where it makes none.
    const { rows } = await sql`select 1 from pg_namespace where nspname = ${schema}`.execute(db)
    if (rows.length === 0) await sql`create schema ${sql.id(schema)}`.execute(db)
  }
  await sql`create table if not exists ${database.table('auth_migration')} (
    name varchar(255) not null primary key, timestamp varchar(255) not null
  )`.execute(db)
}

/** Runs in a transaction while no other process does. The lock ends with it, also when the process dies. */
async function alone(db: AnyKysely, database: Database, migrate: Migrate): Promise<void> {
  if (database.dialect === 'sqlite') return aloneOnSqlite(db, migrate)
  await db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(lockKey)})`.execute(transaction)
    await migrate(transaction)
  })
}

/** A transaction that is a writer's from its start: Kysely's own begins as a reader's, which another writer may overtake. */
async function aloneOnSqlite(db: AnyKysely, migrate: Migrate): Promise<void> {
  await db.connection().execute(async (connection) => {
    await beginAsWriter(connection)
    try {
      await migrate(connection)
      await sql`commit`.execute(connection)
    } catch (error) {
      await sql`rollback`.execute(connection)
      throw error
    }
  })
}

/** Waits for another writer without blocking this process, which may be that writer. */
async function beginAsWriter(connection: AnyKysely): Promise<void> {
  const giveUpAt = performance.now() + busyWaitMs
  for (;;) {
    try {
      await sql`begin immediate`.execute(connection)
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, busyPollMs))
  }
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && /SQLITE_BUSY|database is locked/.test(`${'code' in error ? error.code : ''} ${error.message}`)
  )
}
