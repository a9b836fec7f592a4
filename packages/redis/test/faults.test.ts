import { describe, expect, it } from 'vitest'
import type { redisStores } from '../src/index.js'
import { connectors, openOwn as open, openStores } from './support/clients.js'
import { startOwnRedis, startReplicaOf, until } from './support/own-redis.js'
import { entry, later, now, revocationOf, rotationOf, session, ticket } from './support/samples.js'

const single = connectors.filter(([, { server }]) => server === 'redis')
const prefix = 'test:'

describe.each(single)('%s', (_, connector) => {
  it('ST-07 F-26 scripts that the server forgot at any moment are sent again', async () => {
    const server = await startOwnRedis()
    const { sessions } = await openStores(connector, server.url)
    const login = session()
    await sessions.insert(login)
    let digest = login.currentDigest
    for (let generation = 0; generation < 20; generation++) {
      const rotation = rotationOf(login, { generation, digest })
      const [{ outcome }] = await Promise.all([sessions.rotate(rotation), server.ask('SCRIPT', 'FLUSH')])
      expect(outcome).toBe('rotated')
      digest = rotation.successor.digest
    }
  })

  it('ST-07 F-29 a server that restarts without persistence has logged everybody out, and nothing becomes valid', async () => {
    const server = await startOwnRedis()
    const stores = await openStores(connector, server.url)
    const [ended, login, link] = [session(), session(), ticket()]
    for (const each of [ended, login]) await stores.sessions.insert(each)
    await stores.sessions.revoke(revocationOf(ended))
    await stores.tickets.insert(link)
    await stores.tickets.consume({ ...link, now })
    await stores.revocations.append(entry())
    const before = await stores.revocations.read(null, now)
    await server.restart()
    await until(async () => (await stores.sessions.find(login.id)) === null)
    for (const each of [ended, login]) expect(await stores.sessions.rotate(rotationOf(each))).toEqual({ outcome: 'absent' })
    expect(await stores.tickets.consume({ ...link, now })).toEqual({ outcome: 'absent' })
    expect(await stores.sessions.listLive(login.userId, now)).toEqual([])
    expect(await stores.revocations.read(before.cursor, now)).toMatchObject({ whole: true, entries: [] })
  })

  it('ST-07 F-27 a command that its caller no longer waits for does nothing once the server goes on', async () => {
    const server = await startOwnRedis()
    const { sessions } = await openStores(connector, server.url, { deadlineMs: 300 })
    const other = await openStores(connector, server.url)
    const login = session()
    await until(() => sessions.insert(session())) // Which connects.
    await other.sessions.insert(login)
    const goOn = server.pause()
    const late = Promise.allSettled([sessions.rotate(rotationOf(login)), sessions.revoke(revocationOf(login))])
    const pausedAt = performance.now()
    await until(async () => performance.now() - pausedAt > 400)
    goOn()
    for (const { status } of await late) expect(status).toBe('rejected')
    expect(await other.sessions.find(login.id)).toEqual(login)
  })

  it('F-24 what a replica has acknowledged outlives the primary', async () => {
    const primary = await startOwnRedis()
    const replica = await startReplicaOf(primary)
    const stores = await openStores(connector, primary.url, { prefix, minReplicas: 1 })
    const [login, link, revocation] = [session(), ticket(), entry()]
    await stores.sessions.insert(login)
    await stores.tickets.insert(link)
    await stores.tickets.consume({ ...link, now })
    await stores.sessions.revoke(revocationOf(login))
    await stores.revocations.append(revocation)
    await primary.kill()
    await replica.ask('REPLICAOF', 'NO', 'ONE')
    const after = await openStores(connector, replica.url, { prefix })
    expect((await after.sessions.rotate(rotationOf(login))).outcome).toBe('revoked')
    expect((await after.tickets.consume({ ...link, now })).outcome).toBe('replayed')
    expect((await after.revocations.read(null, now)).entries).toEqual([revocation])
  })
})

it('F-27 nothing that a client queued while the server was down runs after its deadline', async () => {
  const server = await startOwnRedis({ appendonly: 'yes', appendfsync: 'always' })
  const { sessions } = open(server.port, { deadlineMs: 200 }, { enableOfflineQueue: true, maxRetriesPerRequest: null })
  const login = session()
  await until(() => sessions.insert(session())) // Which connects.
  await open(server.port).sessions.insert(login)
  await server.kill()
  const late = Promise.allSettled([sessions.revoke(revocationOf(login))])
  const downAt = performance.now()
  await until(async () => performance.now() - downAt > 300)
  await server.restart()
  expect(await late).toMatchObject([{ status: 'rejected' }])
  expect(await open(server.port).sessions.find(login.id)).toEqual(login)
})

describe('errors are thrown, never taken for absence', () => {
  const asks = (stores: ReturnType<typeof redisStores>) => [
    () => stores.sessions.insert(session()),
    () => stores.sessions.rotate(rotationOf(session())),
    () => stores.sessions.find('id'),
    () => stores.sessions.listLive('user', now),
    () => stores.sessions.deleteExpired(now, 10),
    () => stores.tickets.consume({ ...ticket(), now }),
    () => stores.attempts.take({ key: 'key', slot: 'slot', now, expiresAt: later(now, 60) }),
    () => stores.attempts.find('key', now),
    () => stores.revocations.read(null, now),
    () => stores.sessions.deployment?.claim('name', 'value') ?? Promise.resolve(),
  ]

  it('ST-07 F-23 of a server that is down, at once where the client keeps no queue', async () => {
    const server = await startOwnRedis()
    const stores = open(server.port, {}, { enableOfflineQueue: false, maxRetriesPerRequest: 0 })
    await until(async () => (await stores.sessions.find('id')) === null)
    await server.kill()
    await until(async () =>
      stores.sessions.find('id').then(
        () => false,
        () => true,
      ),
    )
    for (const ask of asks(stores)) await expect(ask()).rejects.toThrow()
    await server.restart()
    await until(async () => stores.sessions.insert(session()))
  })

  it('ST-07 F-26 CLUSTERDOWN', async () => {
    const { port } = await startOwnRedis({ 'cluster-enabled': 'yes' })
    for (const ask of asks(open(port))) await expect(ask()).rejects.toThrow('CLUSTERDOWN')
  })

  it('ST-07 F-26 READONLY, of which reading the feed is one: no replica answers it', async () => {
    const replica = await startReplicaOf(await startOwnRedis())
    const stores = open(replica.port)
    for (const write of [
      stores.sessions.insert(session()),
      stores.sessions.revoke(revocationOf(session())),
      stores.attempts.take({ key: 'key', slot: 'slot', now, expiresAt: later(now, 60) }),
      stores.revocations.append(entry()),
      stores.revocations.read(null, now),
    ])
      await expect(write).rejects.toThrow(/READONLY|read only replica/)
  })

  it('ST-07 F-25 F-26 OOM', async () => {
    const server = await startOwnRedis({ 'maxmemory-policy': 'noeviction' })
    const stores = open(server.port)
    const login = session()
    await stores.sessions.insert(login)
    await server.ask('CONFIG', 'SET', 'maxmemory', '1')
    await expect(stores.sessions.rotate(rotationOf(login))).rejects.toThrow('OOM')
    await expect(stores.sessions.revoke(revocationOf(login))).rejects.toThrow('OOM')
    await server.ask('CONFIG', 'SET', 'maxmemory', '0')
    expect(await stores.sessions.find(login.id)).toEqual(login)
    expect((await stores.sessions.rotate(rotationOf(login))).outcome).toBe('rotated')
  })

  it('ST-07 F-26 LOADING', async () => {
    // It takes 4 s to load, and answers between thousands of commands that it does.
    const slow = { 'key-load-delay': '400' }
    const server = await startOwnRedis({ appendonly: 'yes', appendfsync: 'always', 'aof-use-rdb-preamble': 'no', ...slow })
    const { sessions } = open(
      server.port,
      {},
      { enableReadyCheck: false, enableOfflineQueue: false, maxRetriesPerRequest: 0 },
    )
    await until(() => sessions.insert(session()))
    await server.ask('EVAL', "for i = 1, 10000 do redis.call('SET', i, string.rep('.', 100)) end", '0')
    await server.kill()
    const reloaded = server.restart()
    const told = new Set<string>()
    await until(async () => {
      await sessions.find('id').catch((error: Error) => told.add(error.message.split(' ')[0] ?? ''))
      return told.has('LOADING')
    })
    await reloaded
  })
})
