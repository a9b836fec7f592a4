import { randomBytes } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPostgres } from '../../../packages/kysely/test/support/databases.js'
import { type OwnRedis, startOwnRedis, startReplicaOf, until } from '../../../packages/redis/test/support/own-redis.js'
import { told } from './support/client.js'
import { createDeployment, type Deployment, type TestNode } from './support/deployment.js'
import { expectInvariants, expectOneSuccessor } from './support/invariants.js'
import { type Begin, expectOutage } from './support/outages.js'
import { allOver, logIn, refresh, signUp, standing } from './support/people.js'
import { openProxy, type TcpProxy } from './support/tcp-proxy.js'

interface Parts {
  readonly server: OwnRedis
  readonly proxy: TcpProxy
  readonly deployment: Deployment
  readonly node: TestNode
}

/** A node over a Redis of the test's own, with users and keys in Postgres. */
async function start(settings: Readonly<Record<string, string>> = {}): Promise<Parts> {
  const server = await startOwnRedis({ appendonly: 'yes', appendfsync: 'always', ...settings })
  const proxy = await openProxy(server.port)
  const database = await createPostgres()
  const prefix = `outage-${randomBytes(4).toString('hex')}:`
  const storage = { sql: database.url, redis: server.url, prefix }
  const deployment = await createDeployment(async () => ({ storage, remove: () => database.remove() }))
  onTestFinished(async () => {
    await deployment.remove()
    await proxy.close()
  })
  const node = await deployment.start({ storage: { ...storage, redis: `redis://127.0.0.1:${proxy.port}` } })
  return { server, proxy, deployment, node }
}

const outages: readonly (readonly [name: string, begin: (parts: Parts) => ReturnType<Begin>])[] = [
  [
    'F-23 F-27 that has crashed',
    async ({ server }) => {
      await server.kill()
      return () => server.restart()
    },
  ],
  ['F-05 F-27 that stands still', async ({ server }) => server.pause()],
  [
    'F-05 that takes 5 s for each answer',
    async ({ proxy }) => {
      proxy.delayMs = 5000
      return () => {
        proxy.delayMs = 0
      }
    },
  ],
  ['F-23 behind a network that swallows everything', async ({ proxy }) => proxy.block()],
  ['F-23 that cuts every connection', async ({ proxy }) => proxy.refuse()],
  [
    'F-25 F-26 without memory',
    async ({ server }) => {
      await server.ask('CONFIG', 'SET', 'maxmemory', '1')
      return async () => void (await server.ask('CONFIG', 'SET', 'maxmemory', '0'))
    },
  ],
  [
    'F-24 F-26 that has become a replica',
    async ({ server, proxy }) => {
      const replica = await startReplicaOf(server)
      proxy.target = replica.port
      proxy.cut()
      return () => {
        proxy.target = server.port
        proxy.cut()
      }
    },
  ],
]

describe('Redis', { timeout: 300_000 }, () => {
  it.each(outages)('ST-07 %s is 503, and nobody has lost anything when it is back', async (_, begin) => {
    const parts = await start()
    await expectOutage(parts.deployment, parts.node, () => begin(parts))
  })

  it('ST-07 F-29 that forgot everything has signed everybody out, and makes nothing valid again', async () => {
    const { server, deployment, node } = await start()
    const [person, ended] = [await signUp(node), await signUp(node)]
    expect(told(await node.call('POST', '/auth/logout-all', { bearer: ended.accessToken }))).toBe('204')
    await server.ask('FLUSHALL')
    expect(await standing(node, ended)).toMatchObject({ cookie: '401 session_expired', refresh: '401 refresh_expired' })
    expect(await standing(node, person)).toMatchObject({ cookie: '401 session_expired', refresh: '401 refresh_expired' })
    expect((await standing(node, ended)).bearer).toBe(allOver.bearer)
    expect(told(await logIn(node, person))).toBe('200')
    await expectInvariants(deployment, [person, ended])
  })

  it('F-28 whose connection is cut in the middle of answers gives nobody what is another’s', async () => {
    const { proxy, node } = await start()
    const people = await Promise.all(Array.from({ length: 12 }, () => signUp(node)))
    for (let round = 0; round < 12; round++) {
      await node.order({ kind: 'shift', monotonicMs: 6000 })
      proxy.cutAfter(50 + round * 97)
      const answers = await Promise.all(people.map(({ cookie }) => node.call('GET', '/guarded', { cookie })))
      for (const [i, { status, body }] of answers.entries()) {
        expect([200, 503]).toContain(status)
        if (status === 200) expect(body.userId).toBe(people[i]?.userId)
      }
      await until(async () => (await node.call('GET', '/guarded', { cookie: people[0]?.cookie ?? '' })).status === 200)
    }
  })

  it('F-42 F-12 whose answer to a rotation is lost has made one successor, and a retry makes no fork', async () => {
    const { proxy, node, deployment } = await start()
    const person = await signUp(node)
    const lost = proxy.loseAnswerTo('\r\nrefresh\r\n')
    expect(told(await refresh(node, person.refreshToken))).toBe('503 store_unavailable')
    await lost
    let retried = await refresh(node, person.refreshToken)
    await until(async () => {
      if (retried.status === 503) retried = await refresh(node, person.refreshToken)
      return retried.status !== 503
    })
    // The cut may have come before the command was on its way.
    expect(told(retried)).toMatch(/^(200|401 refresh_reused)$/)
    const successors = typeof retried.body.refreshToken === 'string' ? [retried.body.refreshToken] : []
    await expectOneSuccessor(node, [...successors, person.refreshToken])
    await expectInvariants(deployment, [person])
  })
})
