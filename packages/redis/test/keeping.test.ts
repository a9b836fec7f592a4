import { describe, expect, it } from 'vitest'
import { openOwn as open, uniquePrefix } from './support/clients.js'
import { startOwnRedis } from './support/own-redis.js'
import { entry, later, now, revocationOf, rotationOf, session, ticket } from './support/samples.js'

describe('what is kept', () => {
  it('ST-07 every key is under the prefix, holds no secret nor id, and goes by itself', async () => {
    const server = await startOwnRedis()
    const stores = open(server.port)
    const [login, link] = [session({ sealedSuccessor: 'sealed', rotatedAt: now }), ticket()]
    await stores.sessions.insert(login)
    await stores.sessions.rotate(rotationOf(login, { successor: { ...rotationOf(login).successor, sealed: 'again' } }))
    await stores.sessions.revoke(revocationOf(session()))
    await stores.tickets.insert(link)
    await stores.tickets.consume({ ...link, now })
    await stores.attempts.take({ key: 'a key', slot: 'slot', now, expiresAt: later(now, 60) })
    await stores.revocations.append(entry())
    await stores.revocations.read(null, now)
    const keys = toTexts(await server.ask('KEYS', '*'))
    expect(keys.length).toBeGreaterThan(10)
    for (const key of keys) {
      expect(key).toMatch(/^test:[a-z-]+:\{[\w-]+\}(:[\w-]{43})?$/)
      expect(Number(await server.ask('PTTL', key))).toBeGreaterThan(0)
      for (const text of [login.id, login.userId, link.digest, link.userId ?? '', 'a key']) expect(key).not.toContain(text)
    }
    await stores.sessions.deployment?.claim('deployment', 'id')
    expect(Number(await server.ask('PTTL', 'test:mark:{deployment}'))).toBe(-1)
  })

  it('ST-06 F-29 keys that outlive their time count no longer than their records do', async () => {
    const server = await startOwnRedis()
    const stores = open(server.port)
    const [login, link] = [session(), ticket()]
    await stores.sessions.insert(login)
    await stores.tickets.insert(link)
    for (const key of toTexts(await server.ask('KEYS', '*'))) await server.ask('PERSIST', key)
    expect(await stores.sessions.rotate(rotationOf(login, { now: login.idleExpiresAt }))).toEqual({ outcome: 'expired' })
    expect(await stores.tickets.consume({ ...link, now: link.expiresAt })).toEqual({ outcome: 'absent' })
  })

  it('indexes lose by themselves what was never cleaned up', async () => {
    const server = await startOwnRedis()
    const stores = open(server.port)
    const gone = Array.from({ length: 3 }, (_, index) => `${index}:gone`)
    const login = session()
    await stores.sessions.insert(login)
    const [index = ''] = toTexts(await server.ask('KEYS', 'test:session-ends:*'))
    await server.ask('ZADD', index, ...gone.flatMap((name) => ['0', name]))
    const keys = toTexts(await server.ask('KEYS', 'test:user-sessions:*'))
    await server.ask('ZADD', keys[0] ?? '', '1', '0:gone')
    await stores.sessions.insert(session({ id: login.id }))
    for (let i = 0; i < 1000 && Number(await server.ask('ZCARD', index)) > 3; i++) await stores.sessions.insert(session())
    expect(toTexts(await server.ask('ZRANGE', index, '0', '-1'))).not.toContain('0:gone')
    await stores.sessions.insert(session({ userId: login.userId }))
    expect(toTexts(await server.ask('ZRANGE', keys[0] ?? '', '0', '-1'))).not.toContain('0:gone')
  })

  it('revokeAll and listLive ask the sessions, whatever the index says', async () => {
    const server = await startOwnRedis()
    const { sessions } = open(server.port)
    const [own, others] = [session(), session()]
    for (const each of [own, others]) await sessions.insert(each)
    const keys = toTexts(await server.ask('KEYS', 'test:user-sessions:*'))
    for (const key of keys)
      for (const { id } of [own, others]) await server.ask('ZADD', key, `${Date.now() + 1e6}`, `${now.getTime()}:${id}`)
    expect(await sessions.listLive(own.userId, now)).toEqual([own])
    expect(await sessions.revokeAll(own.userId, null, 'revoked', now)).toBe(1)
    expect(await sessions.find(others.id)).toEqual(others)
  })
})

describe('warnings', () => {
  const warningsOf = async (settings: Record<string, string>, forbidden = false): Promise<readonly string[]> => {
    const server = await startOwnRedis(settings)
    if (forbidden) await server.ask('ACL', 'SETUSER', 'default', '-config')
    const told: string[] = []
    const { sessions } = open(server.port, { onWarning: (message) => told.push(message) })
    for (let i = 0; i < 5; i++) await sessions.find('id')
    return told
  }

  it('ST-07 F-25 tell, once, that keys may be evicted and that nothing is kept', async () => {
    const told = await warningsOf({ 'maxmemory-policy': 'allkeys-lru' })
    expect(told).toEqual([
      expect.stringContaining('maxmemory-policy is allkeys-lru'),
      expect.stringContaining('append-only'),
    ])
    expect(await warningsOf({ 'maxmemory-policy': 'noeviction', appendonly: 'yes' })).toEqual([])
    expect(await warningsOf({ 'maxmemory-policy': 'allkeys-lru' }, true)).toEqual([])
  })
})

it('each prefix is a world of its own', async () => {
  const server = await startOwnRedis()
  const [one, two] = [open(server.port, { prefix: uniquePrefix() }), open(server.port, { prefix: uniquePrefix() })]
  const login = session()
  expect([await one.sessions.insert(login), await two.sessions.insert(login)]).toEqual([true, true])
  await one.sessions.revoke(revocationOf(login))
  expect(await two.sessions.find(login.id)).toEqual(login)
})

function toTexts(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(String) : []
}
