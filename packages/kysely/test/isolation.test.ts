import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnyKysely } from '../src/database.js'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { createPostgres, type TestDatabase } from './support/databases.js'
import { identity, user } from './support/samples.js'

/** Waits until a statement of this database waits for another one's row. */
async function untilBlocked(db: AnyKysely): Promise<void> {
  for (;;) {
    const blocked = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    if ((await blocked.execute(db)).rows.length > 0) return
  }
}

const levels = ['read committed', 'repeatable read', 'serializable'] as const

describe.each(levels)('Postgres, where transactions are %s unless told otherwise', (level) => {
  let database: TestDatabase
  let db: AnyKysely
  beforeAll(async () => {
    database = await createPostgres()
    db = database.connect({ session: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}` })
    await migrateAuth(db)
  })
  afterAll(() => database.remove())

  it('AL-01 a link under way while its user is deleted goes along with the user', async () => {
    const { users, identities } = kyselyStores(db)
    const owner = user()
    await users.insert(owner)
    const deleted = await db.transaction().execute(async (link) => {
      const outcome = await kyselyStores(link).identities.insert({ identity: identity(), sessionEpoch: owner.sessionEpoch })
      expect(outcome).toBe('inserted')
      const deleting = users.delete(owner.id)
      await untilBlocked(db)
      return { deleting }
    })
    expect(await deleted.deleting).toBe(true)
    expect(await identities.find('acme', 'ann')).toBeNull()
    expect(await identities.list(owner.id)).toEqual([])
  })
})
