import { virtualClock } from '@auth/core/testing'
import { Redis } from 'ioredis'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canaryRun, leaksIn } from '../../../packages/core/test/support/canaries.js'
import { createDeployment, type Deployment } from './support/deployment.js'
import { onPostgres, onRedisWithFeedInSql, onSqlite } from './support/storages.js'

describe.each([onPostgres, onSqlite, onRedisWithFeedInSql])('a copy of %s', (_, create) => {
  let deployment: Deployment
  beforeAll(async () => {
    deployment = await createDeployment(create)
  })
  afterAll(() => deployment.remove())

  it('PW-12 ER-06 RT-01 SE-01 AK-01 ST-07 holds no password, token, key or cookie after every flow', async () => {
    const { stores } = deployment.opened
    const { secrets, places } = await canaryRun({ stores, clock: virtualClock(new Date()) })
    const dump = await dumpOf(deployment)
    expect(dump).toContain('ada@example.com')
    expect(dump.length).toBeGreaterThan(5000)
    expect(leaksIn(dump, secrets)).toEqual([])
    for (const [place, text] of Object.entries(places)) expect(leaksIn(text, secrets), place).toEqual([])
  })
})

/** Everything that the stores have written, in each form in which a value could be read. */
async function dumpOf({ opened: { db, storage } }: Deployment): Promise<string> {
  const tables = await db.introspection.getTables()
  const parts: string[] = []
  for (const { name } of tables) {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(db)
    parts.push(`${name} ${JSON.stringify(rows, legible)}`)
  }
  if (storage.redis !== undefined) parts.push(...(await dumpRedis(storage.redis, storage.prefix ?? '')))
  return parts.join('\n')
}

function legible(_: string, value: unknown): unknown {
  return typeof value === 'bigint' || value instanceof Uint8Array ? String(value) : value
}

async function dumpRedis(url: string, prefix: string): Promise<string[]> {
  const redis = new Redis(url)
  const parts: string[] = []
  try {
    for (const key of await redis.keys(`*${prefix}*`)) parts.push(`${key} ${JSON.stringify(await contentOf(redis, key))}`)
    if (parts.length === 0) throw new Error('nothing is kept in Redis')
    return parts
  } finally {
    redis.disconnect()
  }
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key)
    case 'hash':
      return redis.hgetall(key)
    case 'zset':
      return redis.zrange(key, 0, '-1', 'WITHSCORES')
    case 'set':
      return redis.smembers(key)
    case 'list':
      return redis.lrange(key, 0, -1)
    case 'stream':
      return redis.xrange(key, '-', '+')
    default:
      throw new Error(`a key of another type: ${key}`)
  }
}
