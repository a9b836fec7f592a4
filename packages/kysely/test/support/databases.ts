import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, type KyselyConfig, PostgresDialect, SqliteDialect } from 'kysely'
import Sqlite from 'libsql'
import pg from 'pg'
import type { AnyKysely } from '../../src/database.js'
import { withPreparedStatements } from '../../src/index.js'

/** A database of a test file's own. */
export interface TestDatabase {
  readonly dialect: 'postgres' | 'sqlite'
  /** What another process needs to open it too. */
  readonly url: string
  /** Opens it once more, with connections that no other has. */
  connect(settings?: ConnectSettings): AnyKysely
  /** Closes every connection and removes it. */
  remove(): Promise<void>
}

/** How a connection differs from the usual. */
export interface ConnectSettings extends Omit<KyselyConfig, 'dialect'> {
  /** How many connections it is at most. Default 8. */
  readonly connections?: number
  /** Settings of the Postgres session, as in `-c name=value`. */
  readonly session?: string
  /** Postgres's parsers of columns. */
  readonly types?: pg.CustomTypesConfig
  /** Whether the stores' statements are prepared on Postgres. */
  readonly prepares?: boolean
  /** Makes the sockets to Postgres. */
  readonly stream?: () => Socket
  /** How long SQLite waits for another writer. Default 10,000. */
  readonly busyTimeoutMs?: number
  /** Whether the statement that begins a transaction is used again and again, as the README says. Default: yes. */
  readonly reusesBegin?: boolean
  /** Whether SQLite answers integers as bigints. */
  readonly bigints?: boolean
}

/** The databases that each promise is proven on. */
export const databases: readonly (readonly [string, () => Promise<TestDatabase>])[] = [
  ['Postgres', createPostgres],
  ['SQLite', createSqlite],
]

/** Opens the database of a URL. */
export function connectTo(url: string, settings: ConnectSettings = {}): AnyKysely {
  const {
    connections = 8,
    session,
    types,
    stream,
    prepares = false,
    busyTimeoutMs = 10_000,
    bigints = false,
    reusesBegin = true,
    ...config
  } = settings
  if (url.startsWith('postgres')) {
    const pool = new pg.Pool({
      connectionString: url,
      max: connections,
      ...(session === undefined ? {} : { options: session }),
      ...(types === undefined ? {} : { types }),
      ...(stream === undefined ? {} : { stream }),
    })
    // A connection that is cut tells its pool while it is idle, and otherwise itself: without a listener that ends the process.
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
    return new Kysely({ ...config, dialect: new PostgresDialect({ pool: prepares ? withPreparedStatements(pool) : pool }) })
  }
  const database = new Sqlite(url)
  database.pragma(`busy_timeout = ${busyTimeoutMs}`)
  database.pragma('journal_mode = wal')
  database.defaultSafeIntegers(bigints)
  if (!reusesBegin) return new Kysely({ ...config, dialect: new SqliteDialect({ database }) })
  const begin = database.prepare('begin immediate')
  const prepare = (text: string): Sqlite.Statement => (text === 'begin immediate' ? begin : database.prepare(text))
  return new Kysely({ ...config, dialect: new SqliteDialect({ database: { prepare, close: () => database.close() } }) })
}

/** A new database on the Postgres of this run. */
export async function createPostgres(): Promise<TestDatabase> {
  const server = await serverUrl('postgres')
  const name = `auth_test_${randomBytes(8).toString('hex')}`
  await onServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return testDatabase('postgres', url.href, () => onServer(server, `drop database ${name} with (force)`))
}

/** A new SQLite file. */
export async function createSqlite(): Promise<TestDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'auth-test-sqlite-'))
  const file = join(directory, 'auth.db')
  // The change to a write-ahead log waits for nobody: it is made before several processes come to the file.
  const database = new Sqlite(file)
  database.pragma('journal_mode = wal')
  database.close()
  return testDatabase('sqlite', file, async () => rmSync(directory, { recursive: true, force: true }))
}

function testDatabase(dialect: TestDatabase['dialect'], url: string, drop: () => Promise<void>): TestDatabase {
  const open: AnyKysely[] = []
  return {
    dialect,
    url,
    connect(settings) {
      const db = connectTo(url, settings)
      open.push(db)
      return db
    },
    async remove() {
      await Promise.all(open.map((db) => db.destroy()))
      await drop()
    },
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** The address of one of the servers that `scripts/test-servers.mjs` starts. */
async function serverUrl(name: string): Promise<string> {
  const response = await fetch(`${process.env.AUTH_TEST_SERVERS}/${name}`)
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}
