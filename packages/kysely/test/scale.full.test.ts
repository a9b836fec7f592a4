import { createAuth } from '@auth/core'
import { virtualClock } from '@auth/core/testing'
import { type CompiledQuery, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnyKysely } from '../src/database.js'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { createPostgres, type TestDatabase } from './support/databases.js'
import { fill, fullSize } from './support/filling.js'
import { hotStatements } from './support/hot-statements.js'
import { looksAtAll, pagesOf, planRun } from './support/plans.js'
import { countRoundTrips } from './support/round-trips.js'
import { digestNamed, later, session, user } from './support/samples.js'

const issuer = 'https://app.example.com'
const daySeconds = 86_400
/** What a look-up goes through at most: a few levels of each of a few indexes, and the pages of ten rows. */
const mostPages = 200

describe('Postgres with 1,000,000 sessions of 200,000 users', () => {
  let database: TestDatabase
  let db: AnyKysely
  beforeAll(async () => {
    database = await createPostgres()
    db = database.connect()
    await migrateAuth(db)
    await fill(db)
  }, 600_000)
  afterAll(() => database.remove())

  it('has them', async () => {
    const counts = sql<object>`select (select count(*) from auth_session) as sessions, (select count(*) from auth_user) as users`
    const { rows } = await counts.execute(db)
    expect(rows).toEqual([{ sessions: String(fullSize.sessions), users: String(fullSize.users) }])
  })

  it('every hot statement looks up its rows in an index, and goes through few pages', async () => {
    const sent: CompiledQuery[] = []
    const watched = database.connect({ log: ({ query }) => void sent.push(query) })
    const stores = kyselyStores(watched)
    const { cursor } = await stores.revocations.read(null, later(daySeconds))
    const wrong: string[] = []
    for (const [name, ask] of Object.entries(hotStatements)) {
      sent.length = 0
      await ask(stores, cursor)
      expect(sent.length, name).toBeGreaterThan(0)
      for (const query of [...sent]) {
        const plan = await planRun(db, query)
        wrong.push(...looksAtAll(plan).map((step) => `${name}: ${step}`))
        if (pagesOf(plan) > mostPages) wrong.push(`${name}: ${pagesOf(plan)} pages`)
      }
    }
    // The newest events: an index in its order, from its beginning on to the limit.
    expect(wrong).toEqual(['audit.list: Index Scan on auth_audit_event'])
  })

  it('what requests ask a store is one round trip each', async () => {
    const { count, stream } = countRoundTrips()
    const stores = kyselyStores(database.connect({ stream }))
    const { cursor } = await stores.revocations.read(null, later(daySeconds))
    const trips: Record<string, number> = {}
    for (const [name, ask] of Object.entries(hotStatements)) {
      const before = count()
      await ask(stores, cursor)
      trips[name] = count() - before
    }
    const longer = Object.entries(trips).filter(([name, trip]) => trip !== 1 && !name.endsWith('.deleteExpired'))
    // Refused ones, which look for the reason.
    expect(longer).toEqual([
      ['users.swapEmail', 2],
      ['apiKeys.rotate', 2],
    ])
  })

  it('a whole refresh is two round trips, its event included', async () => {
    const { count, stream } = countRoundTrips()
    const stores = kyselyStores(database.connect({ stream }))
    const secret = crypto.randomUUID()
    const auth = createAuth({ issuer, secret, stores, clock: virtualClock(new Date()) })
    const post = async (path: string, body: object): Promise<{ refreshToken: string }> => {
      const headers = { 'content-type': 'application/json' }
      const answer = await auth.handler(
        new Request(`${issuer}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
      )
      expect(answer.ok, await answer.clone().text()).toBe(true)
      return await answer.json()
    }
    let { refreshToken } = await post('/auth/register', { email: 'ada@example.com', password: crypto.randomUUID() })
    for (let refreshes = 0; refreshes < 3; refreshes++) {
      const before = count()
      refreshToken = (await post('/auth/refresh', { refreshToken })).refreshToken
      expect(count() - before).toBe(2)
    }
    // The events are in the trail, written by the rotations.
    const { id: subject = '' } = (await stores.users.findByEmailKey('ada@example.com')) ?? {}
    expect(await stores.audit.list({ type: 'refresh', subject, limit: 10 })).toHaveLength(3)
  })

  it('F-48 purges a million expired rows in batches of bounded work, while hot statements go on as before', async () => {
    const sent: CompiledQuery[] = []
    const stores = kyselyStores(database.connect({ log: ({ query }) => void sent.push(query) }))
    await stores.users.insert(user({ id: 'purge', emailKey: 'purge@example.com' }))
    await stores.sessions.insert(
      session({ id: 'alive', userId: 'purge', idleExpiresAt: later(60 * daySeconds), expiresAt: later(60 * daySeconds) }),
    )
    const now = later(30 * daySeconds)
    let generation = 0

    async function rotate(id: string, from: number): Promise<string> {
      const secret = (count: number) => digestNamed(count === 0 ? 'first' : `secret ${count}`)
      const presented = { generation: from, digest: secret(from), successor: { digest: secret(from + 1), sealed: null } }
      const terms = { carrier: 'refresh', clientId: null, userEpoch: 0, retryWindowMs: 0 } as const
      const outcome = await stores.sessions.rotate({
        id,
        ...presented,
        ...terms,
        now,
        idleExpiresAt: later(60 * daySeconds),
      })
      return outcome.outcome
    }

    /** Pages that the statement which was sent last goes through. */
    async function pages(): Promise<number> {
      const query = sent.at(-1)
      return query ? pagesOf(await planRun(db, query)) : Number.NaN
    }

    const rotations: number[] = []
    const batches: number[] = []
    const outcomes = new Set<string>()
    let purged = 0
    for (let batch = 0; ; batch++) {
      sent.length = 0
      const removed = await stores.sessions.deleteExpired(later(29 * daySeconds), 1000)
      purged += removed
      if (removed < 1000) break
      if (batch % 50 > 0) continue
      batches.push(await pages())
      outcomes.add(await rotate('alive', generation++))
      rotations.push(await pages())
      outcomes.add(`${await rotate(`id-${fullSize.sessions - 1}-of-many`, 0)} by then`)
    }
    expect(purged).toBe(fullSize.sessions - fullSize.survivors)
    expect([...outcomes]).toEqual(['rotated', 'expired by then'])
    // A thousand rows with their index entries, and the pages of the index that earlier batches have emptied.
    expect(Math.max(...batches)).toBeLessThan(20_000)
    expect(Math.max(...rotations)).toBeLessThan(50)
    expect(await stores.sessions.listLive('id-2-of-many', now)).toHaveLength(fullSize.sessions / fullSize.users)
  })
})
