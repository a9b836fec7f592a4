import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../../packages/redis/test/support/own-redis.js'
import { told } from './support/client.js'
import { createDeployment, type Deployment, type TestNode } from './support/deployment.js'
import { expectInvariants } from './support/invariants.js'
import { expectUnavailable } from './support/outages.js'
import { allWell, logIn, password, refresh, signUp, standing, stranger, tokensOf } from './support/people.js'
import { inNoHurry, onRedis } from './support/storages.js'

describe('the life of a process', { timeout: 300_000 }, () => {
  let deployment: Deployment
  let node: TestNode
  beforeAll(async () => {
    deployment = await createDeployment(inNoHurry(onRedis)[1])
    node = await deployment.start()
  })
  afterAll(() => deployment.remove())

  it('F-43 told to end under load finishes what is under way, and ends by itself with 0', async () => {
    const leaving = await deployment.start()
    const people = await Promise.all(Array.from({ length: 20 }, () => signUp(leaving)))
    await leaving.arm({ when: 'before', call: 'sessions.rotate', act: 'hang' })
    const reached = leaving.reached()
    const answers = people.map(({ refreshToken }) => refresh(leaving, refreshToken))
    await reached
    const ended = leaving.kill('SIGTERM')
    await until(async () =>
      leaving.call('GET', '/guarded').then(
        () => false,
        () => true,
      ),
    ) // It takes nothing new.
    await leaving.order({ kind: 'release' })
    const statuses = (await Promise.allSettled(answers)).map((answer) =>
      answer.status === 'fulfilled' ? told(answer.value) : 'not taken',
    )
    expect(statuses.filter((status) => status === '200').length).toBeGreaterThan(0)
    expect(await ended).toBe(0)
    // What was begun was answered: a token whose request was not taken is as good as before.
    for (const [i, status] of statuses.entries()) {
      if (status === 'not taken') expect(told(await refresh(node, people[i]?.refreshToken ?? ''))).toBe('200')
      else expect(status).toMatch(/^(200|503 store_unavailable)$/) // One store call was held up, perhaps too long.
    }
    for (const { cookie } of people) expect(told(await node.call('GET', '/guarded', { cookie }))).toBe('200')
  })

  it('F-41 goes on when a client leaves in the middle: the work is done or not, and its slot is free', async () => {
    const person = await signUp(node)
    // In this order: what is left of the first login meets no second place to hang.
    for (const call of ['sessions.insert', 'users.findByEmailKey']) {
      const gone = new AbortController()
      const reached = node.reached()
      await node.arm({ when: 'before', call, act: 'hang' })
      const { email, ip } = person
      const lost = node
        .call('POST', '/auth/login', { ip, body: { email, password }, signal: gone.signal })
        .catch(() => 'gone')
      await reached
      gone.abort()
      expect(await lost).toBe('gone')
      await node.order({ kind: 'release' })
    }
    for (let i = 0; i < 6; i++) expect(told(await logIn(node, person))).toBe('200')
    expect(await standing(node, person)).toEqual(allWell)
    await expectInvariants(deployment, [person])
  })

  it('F-45 ER-02 without random numbers refuses what needs them with 503, and goes on when there are some', async () => {
    const person = await signUp(node)
    await node.order({ kind: 'random', fails: true })
    const { ip, email } = stranger()
    expectUnavailable('login', await logIn(node, person))
    expectUnavailable('refresh', await refresh(node, person.refreshToken))
    expectUnavailable('register', await node.call('POST', '/auth/register', { ip, body: { email, password } }))
    expect(told(await node.call('GET', '/guarded', { bearer: person.accessToken }))).toBe('200')
    await node.order({ kind: 'random', fails: false })
    expect(told(await logIn(node, person))).toBe('200')
    expect(await standing(node, person)).toEqual(allWell)
  })

  it('F-42 answers the repetition of a logout and of a registration whose answers were lost', async () => {
    const person = await signUp(node)
    const { accessToken: bearer, refreshToken } = person
    for (let i = 0; i < 2; i++) {
      expect(told(await node.call('POST', '/auth/logout', { bearer, body: { refreshToken } }))).toBe('204')
    }
    const { email, ip } = stranger()
    await node.arm({ when: 'after', call: 'users.insert', act: 'lose' })
    const register = () => node.call('POST', '/auth/register', { ip, body: { email, password } })
    expectUnavailable('register', await register())
    expect(told(await register())).toBe('409 email_taken')
    expect(told(await logIn(node, { email, ip }))).toBe('200')
  })

  it('F-34 RT-06 is no part of what is used up or revoked: processes that start anew refuse it too', async () => {
    const [spent, out] = [await signUp(node), await signUp(node)]
    const next = tokensOf(await refresh(node, spent.refreshToken))
    await node.call('POST', '/auth/logout-all', { bearer: out.accessToken })
    await node.kill('SIGKILL')
    node = await deployment.start()
    expect((await standing(node, out)).bearer).toBe('401 token_revoked')
    expect(told(await refresh(node, spent.refreshToken))).toBe('401 refresh_reused')
    expect(told(await refresh(node, next.refreshToken))).toBe('401 refresh_revoked')
  })
})
