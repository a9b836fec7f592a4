import { kyselyStores, migrateAuth } from '@auth/kysely'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { PostgresAddress } from './addresses.js'
import type { Database } from './database.js'
import { unreachable } from './problem.js'
import { type DemoTables, migrateDemo } from './tables.js'

/** The deadline that the SDK has for a store. */
const deadlineMs = 2000
const connections = 10
/** A connection that leads nowhere any more is not kept for longer than this. */
const longestLifeSeconds = 60

/** Opens a Postgres database that several processes may share. @throws StartError where it cannot be reached */
export async function openPostgres({ url, label }: PostgresAddress): Promise<Database> {
  try {
    await migrate(url)
  } catch (error) {
    throw unreachable(`the database at ${label}`, 'DATABASE_URL', error)
  }
  const pool = quietPool({
    connectionString: url,
    max: connections,
    maxLifetimeSeconds: longestLifeSeconds,
    connectionTimeoutMillis: deadlineMs,
    // Nothing runs on for a request that was refused meanwhile.
    statement_timeout: deadlineMs,
    query_timeout: deadlineMs,
    keepAlive: true,
    application_name: 'auth-demo',
  })
  const db = new Kysely<DemoTables>({ dialect: new PostgresDialect({ pool }) })
  const listening = createListening(url)
  return {
    dialect: 'postgres',
    label: `Postgres at ${label}`,
    db,
    stores: kyselyStores(db, { listen: listening.open }),
    async close() {
      await Promise.all([listening.close(), db.destroy()])
    },
  }
}

/** On a connection without deadlines: whoever starts second waits for the first. */
async function migrate(connectionString: string): Promise<void> {
  const pool = quietPool({ connectionString, max: 1, connectionTimeoutMillis: 5000, application_name: 'auth-demo' })
  const db = new Kysely<DemoTables>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrateAuth(db)
    await migrateDemo(db, 'postgres')
  } finally {
    await db.destroy()
  }
}

/** A pool of connections whose loss ends nothing: the next query says that it failed. */
function quietPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config)
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

interface Listening {
  open(): Promise<pg.Client>
  close(): Promise<void>
}

/** Connections that only listen, so that a revocation reaches the other processes at once. */
function createListening(connectionString: string): Listening {
  const open = new Set<pg.Client>()
  let isClosed = false
  return {
    async open() {
      const client = new pg.Client({
        connectionString,
        connectionTimeoutMillis: deadlineMs,
        keepAlive: true,
        application_name: 'auth-demo-listen',
      })
      client.on('error', () => undefined)
      client.on('end', () => open.delete(client))
      if (isClosed) throw new Error('The demo is stopping')
      open.add(client)
      await client.connect()
      return client
    },
    async close() {
      isClosed = true
      await Promise.all([...open].map((client) => client.end()))
    },
  }
}
