import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely'
import Sqlite from 'libsql'
import pg from 'pg'
import type { AnyKysely } from '../../src/database.js'

/** A database of a test file's own. */
export interface TestDatabase {
  readonly dialect: 'postgres' | 'sqlite'
  /** What another process needs to open it too. */
  readonly url: string
  /** Opens it once more, with connections that no other has. */
  connect(): AnyKysely
  /** Closes every connection and removes it. */
  remove(): Promise<void>
}

/** The databases that each promise is proven on. */
export const databases: readonly (readonly [string, () => Promise<TestDatabase>])[] = [
  ['Postgres', createPostgres],
  ['SQLite', createSqlite],
]

/** Opens the database of a URL. */
export function connectTo(url: string, connections = 8): AnyKysely {
  if (url.startsWith('postgres')) {
    return new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: connections }) }) })
  }
  const database = new Sqlite(url)
  database.pragma('journal_mode = wal')
  database.pragma('busy_timeout = 10000')
  return new Kysely({ dialect: new SqliteDialect({ database }) })
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
  return testDatabase('sqlite', join(directory, 'auth.db'), async () => rmSync(directory, { recursive: true, force: true }))
}

function testDatabase(dialect: TestDatabase['dialect'], url: string, drop: () => Promise<void>): TestDatabase {
  const open: AnyKysely[] = []
  return {
    dialect,
    url,
    connect() {
      const db = connectTo(url)
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
