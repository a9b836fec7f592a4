import { storeConformance } from '@auth/core/testing'
import { Redis } from 'ioredis'
import * as vitest from 'vitest'
import { redisStores } from '../src/index.js'
import { connectors, eachOnce, patientMs, serverUrl, uniquePrefix } from './support/clients.js'

vitest.describe.each(connectors)('%s', (name, { server, connect }) => {
  const prefix = uniquePrefix()

  /** Copies the feed's keys within the server, and puts the copies back in their place. */
  async function snapshotFeed(): Promise<() => Promise<void>> {
    const redis = new Redis(await serverUrl(server))
    const keys = await redis.keys(`${prefix}*{revocations}`)
    for (const key of keys) await redis.copy(key, `kept:${key}`, 'REPLACE')
    return async () => {
      for (const key of await redis.keys(`${prefix}*{revocations}`)) await redis.del(key)
      for (const key of keys) await redis.rename(`kept:${key}`, key)
      redis.disconnect()
    }
  }

  // Races are decided by scripts within the server, whoever sends them: they are repeated in full on each kind of server once.
  storeConformance(
    vitest,
    async () => {
      const { client, close } = await connect(await serverUrl(server))
      return {
        stores: redisStores(client, { prefix, deadlineMs: patientMs, onWarning: () => undefined }),
        close,
        ...(server === 'redis' ? { snapshotFeed } : {}),
      }
    },
    { stores: ['sessions', 'tickets', 'attempts', 'revocations'], ...(eachOnce.has(name) ? {} : { rounds: 4 }) },
  )
})
