import { randomBytes } from 'node:crypto'
import type { AuthStores } from '@auth/core'
import type { Kysely } from 'kysely'
import type { Settings } from '../settings.js'
import type { Database } from './database.js'
import type { HotStores } from './redis.js'
import { createShared, type Shared } from './shared.js'
import type { DemoTables } from './tables.js'

export type { Shared } from './shared.js'
export type { DemoTables } from './tables.js'

/** Where the demo keeps everything. */
export interface Storage {
  /** Which systems that is, for people to read. */
  readonly label: string
  /** Whether processes with data folders of their own may share it. */
  readonly isRemote: boolean
  readonly stores: AuthStores
  /** The demo's own tables. */
  readonly db: Kysely<DemoTables>
  /** What all processes of the deployment have in common. */
  readonly shared: Shared
  close(): Promise<void>
}

/** Opens the stores that the settings name, with their tables made. @throws StartError where one cannot be reached */
export async function openStorage(settings: Pick<Settings, 'DATA_DIR' | 'DATABASE_URL' | 'REDIS_URL'>): Promise<Storage> {
  const { DATA_DIR, DATABASE_URL, REDIS_URL } = settings
  // Only the driver that is used is loaded.
  const database = DATABASE_URL
    ? await (await import('./postgres.js')).openPostgres(DATABASE_URL)
    : await (await import('./sqlite.js')).openSqlite(DATA_DIR)
  const shared = createShared(database.db)
  const hot = REDIS_URL && (await (await import('./redis.js')).openRedis(REDIS_URL))
  return {
    label: hot ? `${database.label}; sessions, tickets and attempts in ${hot.label}` : database.label,
    isRemote: database.dialect === 'postgres',
    stores: hot ? await compose(database, hot, shared) : database.stores,
    db: database.db,
    shared,
    async close() {
      hot?.close()
      await database.close()
    },
  }
}

/**
 * What is written most in Redis, the rest in SQL. Revocations stay with the users: a change of an account and its
 * announcement are one transaction then, and no failover of Redis forgets one.
 */
async function compose({ stores }: Database, hot: HotStores, shared: Shared): Promise<AuthStores> {
  // Deployments on databases of their own may share a Redis: each has keys of its own.
  const prefix = await shared.claim('redis-prefix', `auth:${randomBytes(6).toString('hex')}:`)
  return { ...stores, ...hot.stores({ prefix }), revocations: stores.revocations }
}
