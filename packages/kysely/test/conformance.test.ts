import type { RevocationEntry } from '@auth/core'
import { type OpenedStores, storeConformance } from '@auth/core/testing'
import { sql } from 'kysely'
import * as vitest from 'vitest'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { connectTo, databases, type TestDatabase } from './support/databases.js'

vitest.describe.each(databases)('%s', (_, create) => {
  let database: TestDatabase
  vitest.beforeAll(async () => {
    database = await create()
    await migrateAuth(database.connect())
  })
  vitest.afterAll(() => database.remove())

  storeConformance(vitest, async () => {
    const db = connectTo(database.url)
    return {
      // On a machine that is busy, statements may wait for a connection longer than anybody would for an answer.
      stores: kyselyStores(db, { deadlineMs: 60_000 }),
      close: () => db.destroy(),
      ...(database.dialect === 'postgres' ? { holdAppend } : {}),
    }
  })

  /** What an `append` does, in a transaction that does not end. */
  async function holdAppend(entry: RevocationEntry): ReturnType<NonNullable<OpenedStores['holdAppend']>> {
    const db = connectTo(database.url, { connections: 1 })
    const transaction = await db.startTransaction().execute()
    const [[kind, id] = []] = Object.entries(entry.target)
    await sql`
      insert into auth_revocation (id, target_kind, target_id, expires_at)
      values (${entry.id}, ${kind}, ${id}, ${entry.expiresAt})`.execute(transaction)
    return async () => {
      await transaction.commit().execute()
      await db.destroy()
    }
  }
})
