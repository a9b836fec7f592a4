import type { UserRecord } from '@auth/core'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { roleFlows } from '../../core/test/support/role-flows.js'
import type { AnyKysely } from '../src/database.js'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { holdersLock } from '../src/role-holders.js'
import { createPostgres, databases, type TestDatabase } from './support/databases.js'
import { later, user } from './support/samples.js'

describe.each(databases)('roles over %s', (_, create) => {
  let database: TestDatabase
  let db: AnyKysely
  beforeAll(async () => {
    database = await create()
    db = database.connect()
    await migrateAuth(db)
  })
  afterAll(() => database.remove())

  roleFlows(async () => {
    for (const table of ['auth_user', 'auth_session', 'auth_attempt']) await sql`delete from ${sql.id(table)}`.execute(db)
    return kyselyStores(db)
  })
})

function admin(name: string): UserRecord {
  return user({ id: name, emailKey: `${name}@example.com`, roles: ['admin'] })
}

describe('the lock under which roles are taken from their holders', () => {
  let database: TestDatabase
  let db: AnyKysely
  beforeAll(async () => {
    database = await createPostgres()
    db = database.connect()
    await migrateAuth(db)
  })
  afterAll(() => database.remove())

  it('is waited for no longer than a connection, and nothing happens afterwards', async () => {
    const patient = kyselyStores(db, { deadlineMs: 60_000 })
    const hurried = kyselyStores(db, { deadlineMs: 200 })
    const [ada, bob] = [admin('ada'), admin('bob')]
    for (const each of [ada, bob]) await patient.users.insert(each)
    const demotion = { userId: ada.id, ends: 'tokens', set: { roles: [] }, keepsHolderOf: [['admin']] } as const

    await db.transaction().execute(async (other) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${holdersLock}, 0))`.execute(other)
      const { users, revocations: feed } = hurried
      await expect(users.revoke({ ...demotion, feed, entryExpiresAt: later(60) })).rejects.toThrow()
      await expect(users.delete(bob.id, [['admin']])).rejects.toThrow()
    })
    expect(await patient.users.find(ada.id)).toEqual(ada)
    expect(await patient.users.find(bob.id)).toEqual(bob)

    const { users, revocations: feed } = patient
    expect(await users.revoke({ ...demotion, feed, entryExpiresAt: later(60) })).not.toBeNull()
    expect(await users.delete(bob.id, [['admin']])).toBe(false)
    const { rows } = await sql<{ lock_timeout: string }>`show lock_timeout`.execute(db)
    expect(rows).toEqual([{ lock_timeout: '0' }])
  })
})
