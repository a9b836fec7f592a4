import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { told } from './support/client.js'
import { createDeployment, type Deployment, type TestNode } from './support/deployment.js'
import { expectInvariants } from './support/invariants.js'
import { expectUnavailable } from './support/outages.js'
import { allOver, allWell, logIn, refresh, signUp, standing, tokensOf } from './support/people.js'
import { inNoHurry, onPostgres, onSqlite } from './support/storages.js'

const minuteMs = 60_000
const dayMs = 86_400_000

describe.each([onPostgres, onSqlite].map(inNoHurry))('on %s', { timeout: 300_000 }, (_, create) => {
  let deployment: Deployment
  let node: TestNode
  beforeAll(async () => {
    deployment = await createDeployment(create)
    node = await deployment.start()
  })
  afterAll(() => deployment.remove())

  /** Looks at somebody's credentials on a node whose wall clock is off. */
  async function whileOff<T>(wallMs: number, look: () => Promise<T>): Promise<T> {
    await node.order({ kind: 'shift', wallMs, monotonicMs: 6000 })
    try {
      return await look()
    } finally {
      await node.order({ kind: 'shift', wallMs: -wallMs, monotonicMs: 6000 })
    }
  }

  it('F-30 a clock that is half a minute off is tolerated; minutes off it is an outage, and never a pass', async () => {
    const person = await signUp(node)
    const guarded = () => node.call('GET', '/guarded', { bearer: person.accessToken })
    expect(told(await whileOff(25_000, guarded))).toBe('200')
    for (const wallMs of [5 * minuteMs, -5 * minuteMs]) expectUnavailable('bearer', await whileOff(wallMs, guarded))
    expect(await standing(node, person)).toEqual(allWell)
  })

  it('F-31 a clock that jumps a day ahead or an hour back makes no session immortal and brings none back', async () => {
    const [person, ended] = [await signUp(node), await signUp(node)]
    await node.call('POST', '/auth/logout-all', { bearer: ended.accessToken })
    for (const wallMs of [dayMs, -60 * minuteMs]) {
      const [bearer, cookie] = await whileOff(wallMs, () =>
        Promise.all([
          node.call('GET', '/guarded', { bearer: ended.accessToken }),
          node.call('GET', '/guarded', { cookie: ended.cookie }),
        ]),
      )
      expect([bearer?.status, cookie?.status]).not.toContain(200)
      expect(told(await whileOff(wallMs, () => refresh(node, ended.refreshToken)))).toBe(allOver.refresh)
    }
    expect(await standing(node, person)).toEqual(allWell)
    expect(await standing(node, ended)).toEqual(allOver)
    const sessions = await deployment.opened.stores.sessions.listLive(person.userId, new Date())
    for (const { createdAt, expiresAt } of sessions) {
      expect(expiresAt.getTime() - createdAt.getTime()).toBeLessThanOrEqual(91 * dayMs)
    }
  })

  it('F-50 rows that make no sense are refused and crash nothing; what is whole goes on', async () => {
    const { db } = deployment.opened
    const whole = await signUp(node)
    const vandalism = {
      'roles that are no list': (id: string) => sql`update auth_user set roles = '{"admin": true}' where id = ${id}`,
      'a hash that is gone': (id: string) => sql`update auth_user set password_hash = null where id = ${id}`,
      'a hash that is none': (id: string) => sql`update auth_user set password_hash = 'true' where id = ${id}`,
      'a carrier that is not known': (id: string) => sql`update auth_session set carrier = 'any' where user_id = ${id}`,
      'a generation beyond numbers': (id: string) =>
        sql`update auth_session set generation = 9007199254740993 where user_id = ${id}`,
      'a digest that is empty': (id: string) => sql`update auth_session set current_digest = '' where user_id = ${id}`,
    }
    for (const [what, vandalise] of Object.entries(vandalism)) {
      const person = await signUp(node)
      await vandalise(person.userId).execute(db)
      await node.order({ kind: 'shift', monotonicMs: 6000 })
      const isOfUser = /roles|hash/.test(what)
      const answers = isOfUser
        ? [await logIn(node, person)]
        : [await refresh(node, person.refreshToken), await node.call('GET', '/guarded', { cookie: person.cookie })]
      for (const answer of answers) expect([401, 503], `${what}: ${told(answer)}`).toContain(answer.status)
      await sql`delete from auth_user where id = ${person.userId}`.execute(db)
      await sql`delete from auth_session where user_id = ${person.userId}`.execute(db)
    }
    expect(await standing(node, whole)).toEqual(allWell)
  })

  it('F-48 ST-06 what has expired is never accepted, and its removal in batches holds up no login', async () => {
    const person = await signUp(node)
    const { db } = deployment.opened
    await sql`insert into auth_session (id, user_id, carrier, epoch, generation, current_digest, created_at, authenticated_at,
      last_seen_at, idle_expires_at, expires_at)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
      select 'old-' || i, user_id, carrier, epoch, generation, current_digest, created_at, authenticated_at, last_seen_at,
        ${longAgo(deployment)}, ${longAgo(deployment)}
      from auth_session, n where auth_session.user_id = ${person.userId} and auth_session.carrier = 'refresh'`.execute(db)
    const maintained = node.call('POST', '/operator/maintain', { body: [''] })
    const logins = await Promise.all(Array.from({ length: 5 }, () => logIn(node, person)))
    expect(logins.map(told)).toEqual(logins.map(() => '200'))
    expect((await maintained).body.done).toMatchObject({ sessions: 5000 })
    expect(tokensOf(await refresh(node, person.refreshToken)).userId).toBe(person.userId)
    await expectInvariants(deployment, [person])
  })
})

function longAgo({ opened }: Deployment): unknown {
  const { sql: place } = opened.storage
  return place.startsWith('postgres') ? sql`now() - interval '3 days'` : sql`${Date.now() - 3 * dayMs}`
}
