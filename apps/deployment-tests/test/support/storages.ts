import { randomBytes } from 'node:crypto'
import { createPostgres, createSqlite, type TestDatabase } from '../../../../packages/kysely/test/support/databases.js'
import { serverUrl } from '../../../../packages/redis/test/support/clients.js'
import type { Storage } from './node/settings.js'

/** The data of one deployment. */
export interface TestStorage {
  readonly storage: Storage
  remove(): Promise<void>
}

/** A kind of deployment. */
export type StorageKind = readonly [name: string, create: () => Promise<TestStorage>]

export const onPostgres: StorageKind = ['Postgres', () => sqlAlone(createPostgres)]
/** Where the database's owner wants transactions to be as if one came after the other. */
export const onSerializable: StorageKind = [
  'Postgres, serializable',
  async () => {
    const { storage, remove } = await sqlAlone(createPostgres)
    return { storage: { ...storage, session: '-c default_transaction_isolation=serializable' }, remove }
  },
]
export const onSqlite: StorageKind = ['SQLite', () => sqlAlone(createSqlite)]
export const onRedis: StorageKind = ['Postgres and Redis', () => withRedis({})]
export const onRedisWithFeedInSql: StorageKind = ['Postgres with the feed, and Redis', () => withRedis({ feed: 'sql' })]
export const onCluster: StorageKind = ['Postgres and a Redis cluster', () => withRedis({ isCluster: true })]

async function sqlAlone(create: () => Promise<TestDatabase>): Promise<TestStorage> {
  const database = await create()
  return { storage: { sql: database.url }, remove: () => database.remove() }
}

async function withRedis(more: Partial<Storage>): Promise<TestStorage> {
  const [database, redis] = await Promise.all([
    createPostgres(),
    serverUrl(more.isCluster === true ? 'redis-cluster' : 'redis'),
  ])
  const prefix = `deployment-${randomBytes(8).toString('hex')}:`
  return { storage: { sql: database.url, redis, prefix, ...more }, remove: () => database.remove() }
}

/** The same with stores that wait as long as it takes: their promises hold also where a machine is too busy for deadlines. */
export function inNoHurry([name, create]: StorageKind): StorageKind {
  const patient = async (): Promise<TestStorage> => {
    const { storage, remove } = await create()
    return { storage: { ...storage, deadlineMs: 300_000, busyTimeoutMs: 120_000 }, remove }
  }
  return [name, patient]
}
