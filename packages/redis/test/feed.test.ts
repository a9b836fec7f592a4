import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openOwn as open } from './support/clients.js'
import { startOwnRedis, startReplicaOf, until } from './support/own-redis.js'
import { entry, now } from './support/samples.js'

describe('the feed', () => {
  it('a replica that lacked entries is noticed, also when it has grown past the cursor', async () => {
    const primary = await startOwnRedis()
    const replica = await startReplicaOf(primary)
    const [before, after] = [open(primary.port).revocations, open(replica.port).revocations]
    const shared = entry()
    await before.append(shared)
    const { cursor: early } = await before.read(null, now)
    await until(async () => String(await replica.ask('EXISTS', 'test:feed-log:{revocations}')) === '1')
    await replica.ask('REPLICAOF', 'NO', 'ONE')
    await before.append(entry())
    const { cursor } = await before.read(early, now)
    const behind = await after.read(cursor, now)
    expect(behind).toMatchObject({ whole: true, entries: [shared] })
    const others = [entry(), entry(), entry()]
    for (const each of others) await after.append(each)
    expect(await after.read(cursor, now)).toMatchObject({ whole: true, entries: [shared, ...others] })
    expect(await after.read(early, now)).toMatchObject({ whole: false, entries: others })
  })

  it('a feed of which somebody took something is another one', async () => {
    const server = await startOwnRedis()
    const { revocations } = open(server.port)
    const [first, second, third] = [entry(), entry(), entry()]
    for (const each of [first, second]) await revocations.append(each)
    const { cursor } = await revocations.read(null, now)
    expect(await revocations.read(cursor, now)).toMatchObject({ whole: false, entries: [] })
    await server.ask('XTRIM', 'test:feed-log:{revocations}', 'MAXLEN', '0')
    expect(await revocations.read(cursor, now)).toMatchObject({ whole: true, entries: [] })
    const next = await revocations.read(null, now)
    await revocations.append(third)
    expect(await revocations.read(cursor, now)).toMatchObject({ whole: true, entries: [third] })
    expect((await revocations.read(next.cursor, now)).entries).toEqual([third])
    await server.ask('FLUSHALL')
    expect(await revocations.read(next.cursor, now)).toMatchObject({ whole: true, entries: [] })
  })

  it.each(['ioredis', 'node-redis'])('wakes whoever subscribed through %s, and not whoever stopped', async (library) => {
    const server = await startOwnRedis()
    const subscriber = library === 'ioredis' ? new Redis(server.port) : createClient({ url: server.url })
    if (!(subscriber instanceof Redis)) await subscriber.connect()
    onTestFinished(() => (subscriber instanceof Redis ? subscriber.disconnect() : subscriber.destroy()))
    const { revocations } = open(server.port, { subscriber })
    let [woken, stopped] = [0, 0]
    revocations.subscribe(() => woken++)
    revocations.subscribe(() => stopped++)()
    await until(async () => {
      await open(server.port).revocations.append(entry())
      return woken > 0
    })
    expect(stopped).toBe(0)
  })
})
