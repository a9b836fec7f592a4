import { once } from 'node:events'
import type { AuthStores } from '@auth/core'
import { kyselyStores, migrateAuth } from '@auth/kysely'
import { redisStores } from '@auth/redis'
import { Cluster, Redis } from 'ioredis'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { connectTo } from '../../../../../packages/kysely/test/support/databases.js'
import type { Storage } from './settings.js'

// biome-ignore lint/suspicious/noExplicitAny: no table is named through it.
type AnyKysely = Kysely<any>

const startsWithinMs = 20_000

/** Stores that are open, and what they stand on. */
export interface OpenStores {
  readonly stores: Required<AuthStores>
  readonly db: AnyKysely
  readonly storage: Storage
  /** Waits for the connection to Redis, and makes the tables. */
  prepare(): Promise<void>
  /** Connections to Postgres: all, idle, and how many ask for one. */
  pool(): readonly [number, number, number]
  close(): Promise<void>
}

/** Opens stores as their READMEs say. */
export function openStores(storage: Storage): OpenStores {
  const { db, pool } = openSql(storage)
  const patience: { deadlineMs?: number } = storage.deadlineMs === undefined ? {} : { deadlineMs: storage.deadlineMs }
  const sql = kyselyStores(db, patience)
  const redis = storage.redis === undefined ? undefined : openRedis(storage.redis, storage)
  const prefix = storage.prefix ?? 'auth:'
  const hot = redis && redisStores(redis, { prefix, ...patience, onWarning: () => undefined })
  return {
    db,
    storage,
    stores: { ...sql, ...hot, ...(storage.feed === 'sql' ? { revocations: sql.revocations } : {}) },
    async prepare() {
      if (redis && redis.status !== 'ready') await once(redis, 'ready', { signal: AbortSignal.timeout(startsWithinMs) })
      await migrateAuth(db)
    },
    pool: () => (pool ? [pool.totalCount, pool.idleCount, pool.waitingCount] : [0, 0, 0]),
    async close() {
      redis?.disconnect()
      await db.destroy()
    },
  }
}

function openSql({ sql, session, deadlineMs, connections = 8, busyTimeoutMs = 500 }: Storage): {
  db: AnyKysely
  pool?: pg.Pool
} {
  if (!sql.startsWith('postgres')) return { db: connectTo(sql, { busyTimeoutMs }) }
  // Only who is in no hurry lets statements take longer than the SDK waits.
  const limits = deadlineMs === undefined ? { connectionTimeoutMillis: 1000, statement_timeout: 900 } : {}
  const options = session === undefined ? {} : { options: session }
  const pool = new pg.Pool({ connectionString: sql, max: connections, ...limits, ...options })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return { db: new Kysely({ dialect: new PostgresDialect({ pool }) }), pool }
}

function openRedis(url: string, { isCluster = false, deadlineMs }: Storage): Redis | Cluster {
  const commandTimeout = deadlineMs ?? 2000
  const options = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout,
    retryStrategy: () => 50,
  }
  // A cluster's client has to ask where everything is before it can send the first command.
  const client = isCluster ? new Cluster([url], { redisOptions: { commandTimeout } }) : new Redis(url, options)
  client.on('error', () => undefined)
  return client
}
