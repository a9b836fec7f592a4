import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPostgres } from '../../../packages/kysely/test/support/databases.js'
import { serverUrl } from '../../../packages/redis/test/support/clients.js'

/** Stores that several demos share. */
export interface Deployment {
  /** What each of them is started with. */
  environment(): Promise<Record<string, string>>
  remove(): Promise<void>
}

/** A folder for one process, or for one deployment on SQLite. */
export const newDataDir = (): Promise<string> => mkdtemp(join(tmpdir(), 'auth-demo-'))

/** Everything the demo can run on. */
const everyDeployment: readonly (readonly [string, () => Promise<Deployment>])[] = [
  ['one data folder', onSqlite],
  ['Postgres', () => onPostgres()],
  ['Postgres and Redis', async () => onPostgres(await serverUrl('redis'))],
  ['Postgres and Redis Cluster', async () => onPostgres(await clusterUrl())],
]

/** What tests run on: in a full run everything, otherwise each kind of store once. */
export const deployments: typeof everyDeployment =
  process.env.FULL_RUN === undefined
    ? everyDeployment.filter(([name]) => ['one data folder', 'Postgres and Redis'].includes(name))
    : everyDeployment

/** A deployment on SQLite. */
export async function onSqlite(): Promise<Deployment> {
  const folder = await newDataDir()
  return {
    environment: async () => ({ DATA_DIR: folder }),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A deployment on a database of its own. Each process has a data folder of its own, as on machines of their own. */
export async function onPostgres(redisUrl?: string): Promise<Deployment> {
  const database = await createPostgres()
  const secret = randomBytes(32).toString('base64url')
  const folders: string[] = []
  return {
    async environment() {
      const folder = await newDataDir()
      folders.push(folder)
      const hot = redisUrl === undefined ? {} : { REDIS_URL: redisUrl }
      return { DATA_DIR: folder, DATABASE_URL: database.url, AUTH_SECRET: secret, ...hot }
    },
    async remove() {
      await database.remove()
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
    },
  }
}

async function clusterUrl(): Promise<string> {
  return (await serverUrl('redis-cluster')).replace(/^redis:/, 'redis+cluster:')
}
