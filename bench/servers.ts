import { randomBytes } from 'node:crypto'
import { withPreparedStatements } from '@auth/kysely'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

/** The address of one of the servers that the run starts, the same as the tests use. */
export async function serverUrl(name: string): Promise<string> {
  const response = await fetch(`${process.env.AUTH_TEST_SERVERS}/${name}`)
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}

// biome-ignore lint/suspicious/noExplicitAny: as the stores take it.
type AnyKysely = Kysely<any>

/** A database of a benchmark's own. */
export interface BenchDatabase {
  readonly url: URL
  readonly db: AnyKysely
  /** Closes it and removes it. */
  remove(): Promise<void>
}

/** Makes a database on the run's Postgres. */
export async function createDatabase(connections: number): Promise<BenchDatabase> {
  const server = await serverUrl('postgres')
  const url = new URL(server)
  url.pathname = `/auth_bench_${randomBytes(8).toString('hex')}`
  const name = url.pathname.slice(1)
  await onServer(server, `create database ${name}`)
  const pool = withPreparedStatements(new pg.Pool({ connectionString: url.href, max: connections }))
  const db = new Kysely({ dialect: new PostgresDialect({ pool }) })
  return {
    url,
    db,
    async remove() {
      await db.destroy()
      await onServer(server, `drop database ${name} with (force)`)
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
