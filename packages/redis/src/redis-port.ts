import { ConfigError } from '@auth/core'
import type { IoredisClient, NodeRedisClient, NodeRedisCluster, NodeRedisSentinel, RedisClient } from './redis-client.js'

/** The one way to Redis, whatever client and however many servers. Rejects with what the client rejects with. */
export interface RedisPort {
  /** Runs a command on the primary that holds `key`; without one on any server. */
  send(key: string | undefined, command: readonly string[]): Promise<unknown>
  /** Runs both on one connection, one after the other with nothing between them, and answers both replies. */
  sendBoth(key: string, first: readonly string[], second: readonly string[]): Promise<readonly [unknown, unknown]>
}

/**
 * Recognises a client by its methods.
 * @throws ConfigError for anything else.
 */
export function toRedisPort(client: RedisClient): RedisPort {
  if ('call' in client && typeof client.call === 'function') return ioredisPort(client)
  if ('masters' in client && hasArity(client, 4)) return nodeRedisClusterPort(client)
  if (hasArity(client, 3)) return nodeRedisSentinelPort(client as NodeRedisSentinel) // Its `sendCommand` alone takes three.
  if (hasArity(client, 2)) return nodeRedisPort(client as NodeRedisClient) // Its `sendCommand` alone takes two.
  throw new ConfigError([{ path: 'redis', message: 'must be a client or cluster of ioredis or node-redis' }])
}

function hasArity(client: object, arity: number): boolean {
  return 'sendCommand' in client && typeof client.sendCommand === 'function' && client.sendCommand.length === arity
}

function ioredisPort(client: IoredisClient): RedisPort {
  return {
    async send(_, [name = '', ...args]) {
      return client.call(name, ...args)
    },
    async sendBoth(_, first, second) {
      const replies =
        (await client
          .pipeline([
            ['call', ...first],
            ['call', ...second],
          ])
          .exec()) ?? []
      for (const [error] of replies) if (error) throw error
      return toBoth(replies.map(([, reply]) => reply))
    },
  }
}

function nodeRedisPort(client: NodeRedisClient): RedisPort {
  return {
    send: async (_, command) => client.sendCommand([...command]),
    async sendBoth(_, first, second) {
      const batch = client.multi()
      batch.addCommand([...first])
      batch.addCommand([...second])
      return toBoth(await batch.execAsPipeline())
    },
  }
}

function nodeRedisSentinelPort(client: NodeRedisSentinel): RedisPort {
  return {
    send: async (_, command) => client.sendCommand(false, [...command]),
    async sendBoth(_, first, second) {
      const batch = client.multi()
      batch.addCommand(false, [...first])
      batch.addCommand(false, [...second])
      return toBoth(await batch.execAsPipeline())
    },
  }
}

function nodeRedisClusterPort(client: NodeRedisCluster): RedisPort {
  return {
    send: async (key, command) => client.sendCommand(key, false, [...command]),
    async sendBoth(key, first, second) {
      const batch = client.multi()
      batch.addCommand(key, false, [...first])
      batch.addCommand(key, false, [...second])
      return toBoth(await batch.execAsPipeline())
    },
  }
}

function toBoth(replies: unknown): readonly [unknown, unknown] {
  if (!Array.isArray(replies) || replies.length !== 2) throw new Error('The Redis client did not answer both commands')
  return [replies[0], replies[1]]
}
