import type { RotationOutcome, SessionRecord } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { type RedisClient, redisStores } from '../src/index.js'
import { connectors, openStores, patientMs, serverUrl, uniquePrefix } from './support/clients.js'
import { entry, later, now, revocationOf, rotationOf, session, ticket } from './support/samples.js'

const racers = 100

type Stores = ReturnType<typeof redisStores>

describe.each(connectors)('%s', (_, connector) => {
  /** Stores of one database on four connections. */
  async function openNodes() {
    const url = await serverUrl(connector.server)
    const prefix = uniquePrefix()
    const nodes = await Promise.all(Array.from({ length: 4 }, () => openStores(connector, url, { prefix })))
    const [first] = nodes
    if (!first) throw new Error('No node')
    return { first, each: <T>(act: (node: Stores) => Promise<T>) => race(nodes, act) }
  }

  it('RT-02 100 rotations of one secret over four connections have one winner, and one finds the reuse', async () => {
    const { first, each } = await openNodes()
    const login = session()
    await first.sessions.insert(login)
    const outcomes = (await each(({ sessions }) => sessions.rotate(rotationOf(login)))).map(({ outcome }) => outcome)
    expect(count(outcomes)).toEqual({ rotated: 1, reused: 1, revoked: racers - 2 })
  })

  it('RT-04 within the retry window all 100 get the successor of the one that rotated', async () => {
    const { first, each } = await openNodes()
    const login = session()
    await first.sessions.insert(login)
    let made = 0
    const outcomes = await each(({ sessions }) => {
      const { successor } = rotationOf(login)
      return sessions.rotate(
        rotationOf(login, { retryWindowMs: 10_000, successor: { ...successor, sealed: `sealed ${made++}` } }),
      )
    })
    expect(count(outcomes.map(({ outcome }) => outcome))).toEqual({ rotated: 1, retried: racers - 1 })
    expect(new Set(outcomes.map(successorOf)).size).toBe(1)
  })

  it('ST-02 of 100 uses of a ticket one consumes it; 100 attempts see one order', async () => {
    const { first, each } = await openNodes()
    const link = ticket()
    await first.tickets.insert(link)
    const uses = await each(({ tickets }) => tickets.consume({ ...link, now: later(now, 1) }))
    expect(count(uses.map(({ outcome }) => outcome))).toEqual({ consumed: 1, replayed: racers - 1 })
    let slot = 0
    const ledgers = await each(({ attempts }) =>
      attempts.take({ key: 'key', slot: `${slot++}`, now, expiresAt: later(now, 60) }),
    )
    expect(new Set(ledgers.map(({ length }) => length)).size).toBe(racers)
  })

  it('a session that is revoked while it is rotated 100 times stays revoked', async () => {
    const { first, each } = await openNodes()
    const login = session()
    await first.sessions.insert(login)
    let current: SessionRecord = login
    let turn = 0
    await each(async ({ sessions }) => {
      if (turn++ === racers / 2) return sessions.revoke(revocationOf(login))
      const rotation = rotationOf(current)
      const outcome = await sessions.rotate(rotation)
      if (outcome.outcome === 'rotated') current = outcome.session
      return outcome
    })
    expect((await first.sessions.rotate(rotationOf(current))).outcome).toBe('revoked')
  })

  it('rotate is one command, once the server’s clock is known, and the script to the server', async () => {
    const { client, close } = await connector.connect(await serverUrl(connector.server))
    const commands: string[] = []
    const stores = redisStores(
      watched(client, (name) => commands.push(name)),
      { prefix: uniquePrefix(), deadlineMs: patientMs, onWarning: () => undefined },
    )
    const login = session()
    await stores.sessions.insert(login)
    await stores.sessions.rotate(rotationOf(login, { carrier: 'cookie' }))
    commands.length = 0
    expect((await stores.sessions.rotate(rotationOf(login))).outcome).toBe('rotated')
    await close()
    expect(commands).toEqual(['EVALSHA'])
  })

  it('ST-07 without enough replicas a revocation is refused, though it may have been written', async () => {
    const stores = await openStores(connector, await serverUrl(connector.server), { prefix: uniquePrefix(), minReplicas: 1 })
    const login = session()
    await stores.sessions.insert(login)
    const refused = /^Only 0 of 1 Redis replicas/
    await expect(stores.sessions.revoke(revocationOf(login))).rejects.toThrow(refused)
    await expect(stores.sessions.revokeAll(login.userId, null, 'revoked', now)).rejects.toThrow(refused)
    await expect(stores.revocations.append(entry())).rejects.toThrow(refused)
    await expect(stores.tickets.consume({ ...ticket(), now })).rejects.toThrow(refused)
    expect((await stores.sessions.find(login.id))?.revokedReason).toBe('logout')
  })
})

function race<Node, T>(nodes: readonly Node[], act: (node: Node) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: racers }, (_, index) => act(nodes[index % nodes.length] as Node))) // There is one for each index.
}

function successorOf(outcome: RotationOutcome): string | null | undefined {
  return 'session' in outcome ? outcome.session.sealedSuccessor : undefined
}

function count(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

/** The client, telling the name of each command that is sent through it. */
function watched<Client extends RedisClient>(client: Client, tell: (name: string) => void): Client {
  return new Proxy(client, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function') return member
      if (key !== 'call' && key !== 'sendCommand') return member.bind(target)
      const send = (...args: unknown[]): unknown => {
        const command = args.flat().filter((arg) => typeof arg === 'string')
        tell(String(key === 'sendCommand' && args.length > 2 ? command[1] : command[0]))
        return member.apply(target, args)
      }
      return Object.defineProperty(send, 'length', { value: member.length })
    },
  })
}
