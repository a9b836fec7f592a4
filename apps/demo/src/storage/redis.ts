import { type RedisStoresOptions, redisStores } from '@auth/redis'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { ClusterTarget, RedisAddress } from './addresses.js'
import { unreachable } from './problem.js'

/** The Redis beside the database. */
export interface HotStores {
  readonly label: string
  /** Its stores, under the keys of one deployment. */
  stores(options: Pick<RedisStoresOptions, 'prefix'>): ReturnType<typeof redisStores>
  close(): void
}

/** The deadline that the SDK has for a store. */
const deadlineMs = 2000

/** Nothing is kept for later: who asks while Redis is away is refused at once. */
const settings = {
  lazyConnect: true,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: deadlineMs,
  commandTimeout: deadlineMs,
  // A connection that leads nowhere any more is given up.
  socketTimeout: 2 * deadlineMs,
} as const satisfies RedisOptions

const retryAfterMs = (times: number): number => Math.min(times * 50, 1000)

/** Connects to Redis or to a cluster. @throws StartError where it cannot be reached */
export async function openRedis({ label, target }: RedisAddress): Promise<HotStores> {
  const client = typeof target === 'string' ? createServerClient(target) : createClusterClient(target)
  let lastError: unknown
  // Without a listener a lost connection ends the process; whoever asks meanwhile is told.
  client.on('error', (error: unknown) => {
    lastError = error
  })
  try {
    await client.connect()
  } catch (error) {
    client.disconnect()
    throw unreachable(label, 'REDIS_URL', causeOf(lastError) ?? error)
  }
  return { label, stores: (options) => redisStores(client, options), close: () => client.disconnect() }
}

function createServerClient(url: string): Redis {
  return new Redis(url, { ...settings, enableOfflineQueue: false, retryStrategy: retryAfterMs })
}

function createClusterClient({ nodes, ...login }: ClusterTarget): Cluster {
  return new Cluster([...nodes], {
    lazyConnect: true,
    enableOfflineQueue: false,
    slotsRefreshTimeout: deadlineMs,
    clusterRetryStrategy: retryAfterMs,
    redisOptions: { ...settings, ...login },
  })
}

/** A cluster says that no node answered; what the last of them said is beside it. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && 'lastNodeError' in error ? (error.lastNodeError ?? error) : error
}
