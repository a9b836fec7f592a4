import { type AuthStores, ConfigError, type ConfigProblem } from '@auth/core'
import { createAttemptStore } from './attempt-store.js'
import type { Database } from './database.js'
import { createDeploymentMark } from './deployment-mark.js'
import { createKeys } from './keys.js'
import type { RedisClient } from './redis-client.js'
import { type RedisPort, toRedisPort } from './redis-port.js'
import { createRevocationStore } from './revocation-store.js'
import { createScripts } from './scripts.js'
import { checkServer } from './server-check.js'
import { createSessionStore } from './session-store.js'
import { createTicketStore } from './ticket-store.js'
import type { RedisSubscriber } from './wake-ups.js'

/** How the stores are set up. */
export interface RedisStoresOptions {
  /** What all keys begin with. Default `auth:`. With a `{hash tag}` in it a cluster keeps everything on one server. */
  readonly prefix?: string
  /**
   * How many replicas must have taken a revocation, or the use of a ticket, before it is answered for. Default 0: a
   * failover may forget the last ones.
   */
  readonly minReplicas?: number
  /**
   * For how long a command is wanted, in milliseconds; one that reaches Redis later does nothing. Default 1,900, a little
   * less than the core waits, so that nothing happens after a request was refused.
   */
  readonly deadlineMs?: number
  /** A client that only subscribes, so that revocations reach this process at once instead of with the next read. */
  readonly subscriber?: RedisSubscriber
  /** Is told, once, which of the server's settings break promises. Default: the console. */
  readonly onWarning?: (message: string) => void
}

/**
 * The stores that are written most, in Redis 6.2 or newer, Valkey, or a cluster of either. No read goes to a replica.
 * @param redis A connected client or cluster of ioredis or node-redis. It stays the caller's: nothing here closes it.
 * @throws ConfigError for another client, or options that fit none.
 * @example
 * const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 2000 })
 * const auth = createAuth({ issuer, secret, stores: { ...kyselyStores(db), ...redisStores(redis) } })
 */
export function redisStores(
  redis: RedisClient,
  options: RedisStoresOptions = {},
): Pick<Required<AuthStores>, 'sessions' | 'tickets' | 'attempts' | 'revocations'> {
  const { prefix = 'auth:', minReplicas = 0, deadlineMs = 1900, onWarning = console.warn } = options
  checkNumbers({ minReplicas, deadlineMs })
  const keys = createKeys(prefix)
  const scripts = createScripts(warnOnce(toRedisPort(redis), onWarning), { deadlineMs, minReplicas })
  const database: Database = { keys, scripts, deployment: createDeploymentMark(scripts, keys) }
  return {
    sessions: createSessionStore(database),
    tickets: createTicketStore(database),
    attempts: createAttemptStore(database),
    revocations: createRevocationStore(database, options.subscriber),
  }
}

function checkNumbers(numbers: Readonly<Record<string, number>>): void {
  const problems: ConfigProblem[] = Object.entries(numbers).flatMap(([name, value]) =>
    Number.isSafeInteger(value) && value >= 0
      ? []
      : [{ path: `redis.${name}`, message: 'must be a whole number, 0 or more' }],
  )
  if (problems.length > 0) throw new ConfigError(problems)
}

/** Checks the server beside the first command, which it neither delays nor fails. */
function warnOnce(port: RedisPort, onWarning: (message: string) => void): RedisPort {
  let isChecked = false
  const check = (): void => {
    if (isChecked) return
    isChecked = true
    void checkServer(port).then((warnings) => {
      for (const warning of warnings) onWarning(warning)
    })
  }
  return {
    send(key, command) {
      check()
      return port.send(key, command)
    },
    sendBoth(key, first, second) {
      check()
      return port.sendBoth(key, first, second)
    },
  }
}
