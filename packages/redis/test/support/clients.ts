import { randomBytes } from 'node:crypto'
import { Cluster, Redis } from 'ioredis'
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5'
import { createClient, createCluster } from 'redis'
import { createClient as createClient5, createCluster as createCluster5 } from 'redis-5'
import { onTestFinished } from 'vitest'
import { type RedisClient, type RedisStoresOptions, redisStores } from '../../src/index.js'

/** A connection of its own. */
export interface Connection {
  readonly client: RedisClient
  close(): Promise<void>
}

/** A way to connect. */
export interface Connector {
  /** Which of the run's servers it connects to. */
  readonly server: 'redis' | 'redis-cluster'
  connect(url: string): Promise<Connection>
}

/** Each client in each version, on one server and on a cluster. */
const everyConnector: readonly (readonly [string, Connector])[] = [
  ['ioredis 6', { server: 'redis', connect: async (url) => ioredis(new Redis(url)) }],
  ['ioredis 5', { server: 'redis', connect: async (url) => ioredis(new Redis5(url)) }],
  ['node-redis 6', { server: 'redis', connect: (url) => nodeRedis(createClient({ url })) }],
  ['node-redis 5', { server: 'redis', connect: (url) => nodeRedis(createClient5({ url })) }],
  ['ioredis 6 on a cluster', { server: 'redis-cluster', connect: async (url) => ioredis(new Cluster([url])) }],
  ['ioredis 5 on a cluster', { server: 'redis-cluster', connect: async (url) => ioredis(new Cluster5([url])) }],
  [
    'node-redis 6 on a cluster',
    { server: 'redis-cluster', connect: (url) => nodeRedis(createCluster({ rootNodes: [{ url }] })) },
  ],
  [
    'node-redis 5 on a cluster',
    { server: 'redis-cluster', connect: (url) => nodeRedis(createCluster5({ rootNodes: [{ url }] })) },
  ],
]

/** Names of ways to connect that have each client and each kind of server once. */
export const eachOnce: ReadonlySet<string> = new Set(['ioredis 6', 'node-redis 6 on a cluster'])

/** What tests connect by: in a full run every way, otherwise each client and each kind of server once. */
export const connectors: readonly (readonly [string, Connector])[] =
  process.env.FULL_RUN === undefined ? everyConnector.filter(([name]) => eachOnce.has(name)) : everyConnector

function ioredis(
  client: RedisClient & { disconnect(): void; on(event: 'error', listener: () => void): unknown },
): Connection {
  client.on('error', () => undefined)
  return { client, close: async () => client.disconnect() }
}

interface Connectable {
  connect(): Promise<unknown>
  destroy(): void
  on(event: 'error', listener: () => void): unknown
}

async function nodeRedis(client: RedisClient & Connectable): Promise<Connection> {
  client.on('error', () => undefined)
  await client.connect()
  return { client, close: async () => client.destroy() }
}

/** A prefix that no other test has. */
export function uniquePrefix(): string {
  return `test-${randomBytes(8).toString('hex')}:`
}

/** The address of one of the servers that `scripts/test-servers.mjs` starts. */
export async function serverUrl(name: string): Promise<string> {
  const response = await fetch(`${process.env.AUTH_TEST_SERVERS}/${name}`)
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}

/** Longer than anybody would wait for an answer: a busy machine may take it. */
export const patientMs = 60_000

/** Opens stores on a connection of their own, which ends with the test. */
export async function openStores(
  connector: Connector,
  url: string,
  options: RedisStoresOptions = {},
): Promise<ReturnType<typeof redisStores>> {
  const { client, close } = await connector.connect(url)
  onTestFinished(close)
  return redisStores(client, { deadlineMs: patientMs, onWarning: () => undefined, ...options })
}

/** What a client may be set to that matters while a server is away. */
interface ClientSettings {
  readonly enableOfflineQueue?: boolean
  readonly enableReadyCheck?: boolean
  readonly maxRetriesPerRequest?: number | null
}

/** Opens stores on one server of a test’s own through ioredis, under `test:`. */
export function openOwn(
  port: number,
  options: RedisStoresOptions = {},
  settings: ClientSettings = {},
): ReturnType<typeof redisStores> {
  const client = new Redis({ port, retryStrategy: () => 20, ...settings })
  client.on('error', () => undefined)
  onTestFinished(() => client.disconnect())
  return redisStores(client, { prefix: 'test:', deadlineMs: patientMs, onWarning: () => undefined, ...options })
}
