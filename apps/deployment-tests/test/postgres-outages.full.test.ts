import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../../packages/redis/test/support/own-redis.js'
import { told } from './support/client.js'
import { createDeployment, type Deployment, type TestNode } from './support/deployment.js'
import { expectInvariants, expectOneSuccessor } from './support/invariants.js'
import { type Begin, expectOutage, expectUnavailable } from './support/outages.js'
import { type OwnPostgres, startOwnPostgres } from './support/own-postgres.js'
import { allWell, logIn, type Person, refresh, signUp, standing, tokensOf } from './support/people.js'
import { openProxy, type TcpProxy } from './support/tcp-proxy.js'

describe('Postgres', { timeout: 300_000 }, () => {
  let server: OwnPostgres
  let proxy: TcpProxy
  let deployment: Deployment
  let node: TestNode
  beforeAll(async () => {
    server = await startOwnPostgres()
    proxy = await openProxy(server.port)
    deployment = await createDeployment(async () => ({ storage: { sql: server.url() }, remove: () => server.remove() }))
    node = await deployment.start({ storage: { sql: server.url(proxy.port) } })
  })
  afterAll(async () => {
    await deployment.remove()
    await proxy.close()
  })

  const outages: readonly (readonly [name: string, begin: Begin])[] = [
    [
      'F-01 ER-02 that has crashed',
      async () => {
        await server.kill()
        return () => server.start()
      },
    ],
    ['F-05 ST-05 that stands still', async () => server.pause()],
    [
      'F-05 ST-05 that takes 5 s for each answer',
      async () => {
        proxy.delayMs = 5000
        return () => {
          proxy.delayMs = 0
        }
      },
    ],
    ['F-06 ST-05 behind a network that swallows everything', async () => proxy.block()],
    ['F-01 F-08 that cuts every connection', async () => proxy.refuse()],
  ]
  it.each(outages)('%s is 503, and nobody has lost anything when it is back', (_, begin) =>
    expectOutage(deployment, node, begin),
  )

  it('F-06 RT-05 with every connection taken answers in time, and does nothing later that was refused', async () => {
    const connections = 4
    const small = await deployment.start({ storage: { sql: server.url(proxy.port), connections } })
    const people: Person[] = []
    while (people.length < 24) people.push(await signUp(node)) // One by one: so few connections are soon taken.
    const blocker = await deployment.opened.db.startTransaction().execute()
    await sql`lock table auth_session in exclusive mode`.execute(blocker) // Others may read them, and not write.
    const answers = await Promise.all(people.map(({ refreshToken }) => refresh(small, refreshToken)))
    for (const answer of answers) expectUnavailable('refresh', answer)
    await blocker.rollback().execute()
    await until(async () => told(await logIn(small, people[0] as (typeof people)[0])) === '200') // There are 24.
    for (const person of people) expect(await standing(small, person)).toEqual(allWell)
    // The feed's reader has a connection now and then; one that leaked would never be idle again.
    await until(async () => {
      const [all = 0, idle, waiting] = (await small.order({ kind: 'pool' })) as number[]
      return all <= connections && idle === all && waiting === 0
    })
    await expectInvariants(deployment, people)
  })

  it('F-07 F-42 whose answer to a rotation is lost has made one successor or none, and no fork comes of a retry', async () => {
    const person = await signUp(node)
    const lost = proxy.loseAnswerTo('update "auth_session" as session')
    expectUnavailable('refresh', await refresh(node, person.refreshToken))
    await lost
    expect(told(await refresh(node, person.refreshToken))).toBe('401 refresh_reused')
    await expectInvariants(deployment, [person])
  })

  it('F-07 F-42 RT-04 whose answer to a rotation is lost gives the one successor within the retry window', async () => {
    const patient = await deployment.start({ retryWindow: '60s', storage: { sql: server.url(proxy.port) } })
    const person = await signUp(patient)
    const lost = proxy.loseAnswerTo('update "auth_session" as session')
    expectUnavailable('refresh', await refresh(patient, person.refreshToken))
    await lost
    const retries = [await refresh(patient, person.refreshToken), await refresh(patient, person.refreshToken)]
    const successors = retries.map((answer) => tokensOf(answer).refreshToken)
    expect(new Set(successors).size).toBe(1)
    await expectOneSuccessor(patient, [...successors.slice(0, 1), person.refreshToken])
  })

  it('F-07 F-42 whose answer to a registration is lost has one user, who can sign in', async () => {
    const person = await signUp(node)
    const email = `again-${person.email}`
    const register = () =>
      node.call('POST', '/auth/register', { ip: person.ip, body: { email, password: 'a long enough passphrase' } })
    const lost = proxy.loseAnswerTo('insert into "auth_user"')
    expectUnavailable('register', await register())
    await lost
    expect(told(await register())).toBe('409 email_taken')
    expect(told(await logIn(node, { ...person, email }))).toBe('200')
    await expectInvariants(deployment)
  })

  it('F-08 that is a standby is 503 until it is promoted, and then holds all that was written before', async () => {
    const standby = await server.follow()
    onTestFinished(() => standby.remove())
    const person = await signUp(node)
    await until(async () => (await standby.ask(`select 1 from auth_user where id = '${person.userId}'`)).length === 1)
    await expectOutage({ ...deployment, opened: deployment.opened }, node, async () => {
      proxy.target = standby.port
      proxy.cut()
      return () => {
        proxy.target = server.port
        proxy.cut()
      }
    })
    proxy.target = standby.port
    proxy.cut()
    await standby.ask('select pg_promote()')
    await until(async () => told(await logIn(node, person)) === '200')
    expect(await standing(node, person)).toEqual(allWell)
    proxy.target = server.port
    proxy.cut()
  })
})
