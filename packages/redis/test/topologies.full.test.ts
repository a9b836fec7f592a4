import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionRecord } from '@auth/core'
import { Redis } from 'ioredis'
import { createSentinel } from 'redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type RedisClient, redisStores } from '../src/index.js'
import { createKeys } from '../src/keys.js'
import { connectors, openStores } from './support/clients.js'
import { type OwnRedis, startOwnRedis, startReplicaOf, until } from './support/own-redis.js'
import { entry, later, now, revocationOf, rotationOf, session, ticket } from './support/samples.js'

const clusters = connectors.filter(([, { server }]) => server === 'redis-cluster')
const allSlots = ['0', '16383']
const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000' }

/** A cluster whose first node has every slot, and whose second has none or follows the first. */
async function startCluster(isFollowing: boolean): Promise<readonly [OwnRedis, OwnRedis]> {
  const [first, second] = [await startOwnRedis(settings), await startOwnRedis(settings)]
  await first.ask('CLUSTER', 'ADDSLOTSRANGE', ...allSlots)
  await second.ask('CLUSTER', 'MEET', '127.0.0.1', `${first.port}`)
  for (const node of [first, second]) {
    await until(async () => {
      const state = String(await node.ask('CLUSTER', 'INFO'))
      return state.includes('cluster_state:ok') && state.includes('cluster_known_nodes:2')
    })
  }
  if (isFollowing) {
    await second.ask('CLUSTER', 'REPLICATE', await idOf(first))
    await until(async () => String(await first.ask('INFO', 'replication')).includes('state=online'))
  }
  return [first, second]
}

async function idOf(node: OwnRedis): Promise<string> {
  return String(await node.ask('CLUSTER', 'MYID'))
}

describe.each(clusters)('%s', (_, connector) => {
  it('ST-07 minReplicas waits for the replicas of the node that wrote', async () => {
    const [first, second] = await startCluster(true)
    const stores = await openStores(connector, first.url, { minReplicas: 1 })
    const [login, link, revocation] = [session(), ticket(), entry()]
    await stores.sessions.insert(login)
    await stores.tickets.insert(link)
    expect(await stores.sessions.revoke(revocationOf(login))).toBe(true)
    expect((await stores.tickets.consume({ ...link, now })).outcome).toBe('consumed')
    await stores.revocations.append(revocation)
    const goOn = second.pause()
    await expect(stores.revocations.append(entry())).rejects.toThrow('Only 0 of 1')
    goOn()
  })

  it('ST-07 F-26 MOVED is followed, also by what waits for replicas', async () => {
    const [first, second] = await startCluster(false)
    const deadlineMs = 10_000 // Clients take their time to learn of the move.
    const stores = await openStores(connector, first.url, { deadlineMs })
    const strict = await openStores(connector, first.url, { deadlineMs, minReplicas: 1 })
    const revoked = await sessionInMovedSlot(first)
    const logins = Array.from({ length: 10 }, () => session())
    await strict.sessions.find(revoked.id)
    await stores.sessions.insert(session())
    await first.ask('FLUSHALL')
    // Half of the slots move, of which the clients do not know yet; nothing is there to be moved along.
    await second.ask('CLUSTER', 'BUMPEPOCH')
    const owner = await idOf(second)
    for (const node of [second, first]) {
      const moved = Array.from({ length: 8192 }, (_, slot) =>
        node.ask('CLUSTER', 'SETSLOT', `${8192 + slot}`, 'NODE', owner),
      )
      await Promise.all(moved)
    }
    await expect(strict.sessions.revoke(revocationOf(revoked))).rejects.toThrow('Only 0 of 1')
    expect(await stores.sessions.insert(revoked)).toBe(false)
    for (const login of logins) {
      expect(await stores.sessions.insert(login)).toBe(true)
      expect((await stores.sessions.rotate(rotationOf(login))).outcome).toBe('rotated')
    }
    for (const node of [first, second]) expect(Number(await node.ask('DBSIZE'))).toBeGreaterThan(0)
  })
})

describe.each(['ioredis', 'node-redis'])('sentinels through %s', (library) => {
  it('F-24 the stores go on with the new primary, on which what was acknowledged still holds', async () => {
    const primary = await startOwnRedis()
    const replica = await startReplicaOf(primary)
    const sentinel = await startSentinel(primary)
    const client = library === 'ioredis' ? ioredisOf(sentinel) : await nodeRedisOf(sentinel)
    const stores = redisStores(client, { minReplicas: 1, onWarning: () => undefined })
    const login = session()
    await stores.sessions.insert(login)
    expect(await stores.sessions.revoke(revocationOf(login))).toBe(true)
    await primary.kill()
    await until(async () => String(await replica.ask('ROLE')).startsWith('master'))
    const after = redisStores(client, { onWarning: () => undefined })
    await until(async () => after.sessions.insert(session()))
    expect((await after.sessions.rotate(rotationOf(login, { now: later(now, 5) }))).outcome).toBe('revoked')
  })
})

async function sessionInMovedSlot(node: OwnRedis): Promise<SessionRecord> {
  for (;;) {
    const login = session()
    const { key } = createKeys('auth:').record('session', login.id)
    if (Number(await node.ask('CLUSTER', 'KEYSLOT', key)) >= 8192) return login
  }
}

async function startSentinel(primary: OwnRedis): Promise<OwnRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'auth-test-sentinel-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'sentinel.conf')
  const lines = [
    `sentinel monitor mymaster 127.0.0.1 ${primary.port} 1`,
    'sentinel down-after-milliseconds mymaster 500',
    'sentinel failover-timeout mymaster 3000',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const sentinel = await startOwnRedis({}, [file, '--sentinel'])
  await until(async () => String(await sentinel.ask('SENTINEL', 'REPLICAS', 'mymaster')).includes('127.0.0.1'))
  return sentinel
}

function ioredisOf({ port }: OwnRedis): RedisClient {
  const client = new Redis({ sentinels: [{ host: '127.0.0.1', port }], name: 'mymaster', maxRetriesPerRequest: 1 })
  client.on('error', () => undefined)
  onTestFinished(() => client.disconnect())
  return client
}

async function nodeRedisOf({ port }: OwnRedis): Promise<RedisClient> {
  const client = createSentinel({ name: 'mymaster', sentinelRootNodes: [{ host: '127.0.0.1', port }], scanInterval: 100 })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.destroy())
  return client
}
