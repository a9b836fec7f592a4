import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnyKysely } from '../src/database.js'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { createPostgres, type TestDatabase } from './support/databases.js'
import { hotStatements } from './support/hot-statements.js'
import { later, session } from './support/samples.js'

describe('prepared statements', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createPostgres()
    await migrateAuth(database.connect())
  })
  afterAll(() => database.remove())

  async function preparedOn(db: AnyKysely): Promise<readonly string[]> {
    const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(db)
    return rows.map(({ statement }) => statement)
  }

  it('are what the stores send, each text once on a connection, and nothing else', async () => {
    const sent = new Set<string>()
    const db = database.connect({ prepares: true, connections: 1, log: ({ query }) => void sent.add(query.sql) })
    const stores = kyselyStores(db)
    const { cursor } = await stores.revocations.read(null, later(60))
    for (let round = 0; round < 8; round++) for (const ask of Object.values(hotStatements)) await ask(stores, cursor)
    const expected = [...sent].toSorted()
    expect((await preparedOn(db)).toSorted()).toEqual(expected)
    const { rows } = await sql`select ${'an application'} as asked`.execute(db)
    expect(rows).toEqual([{ asked: 'an application' }])
    expect((await preparedOn(db)).filter((text) => text.includes('asked'))).toEqual([])
  })

  it('are not used with a pool as it is', async () => {
    const db = database.connect({ connections: 1 })
    await kyselyStores(db).sessions.find('session-1')
    expect(await preparedOn(db)).toEqual([])
  })

  it('go on in a transaction of Kysely, and when the tables have changed', async () => {
    const db = database.connect({ prepares: true, connections: 1 })
    const { sessions } = kyselyStores(db)
    await sessions.insert(session({ id: 'kept' }))
    for (let round = 0; round < 8; round++) expect(await sessions.find('kept')).toEqual(session({ id: 'kept' }))
    await sql`alter table auth_session add column later_added text`.execute(db)
    expect(await sessions.find('kept')).toEqual(session({ id: 'kept' }))
    await db.transaction().execute(async (transaction) => {
      const inside = kyselyStores(transaction)
      expect(await inside.sessions.insert(session({ id: 'inside' }))).toBe(true)
      expect(await inside.sessions.find('inside')).toEqual(session({ id: 'inside' }))
    })
  })
})
