import { copyFileSync, rmSync } from 'node:fs'
import type { RevocationEntry } from '@auth/core'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { createPostgres, createSqlite, databases, type TestDatabase } from './support/databases.js'
import { at, later, user } from './support/samples.js'

const expiresAt = later(3600)
const entry = (id: string): RevocationEntry => ({ id, target: { session: id }, expiresAt })

/** How to make the feed refuse new entries, and how to let them in again. */
const refusingEntries = {
  postgres: [
    sql`alter table auth_revocation add constraint refuse check (false) not valid`,
    sql`alter table auth_revocation drop constraint refuse`,
  ],
  sqlite: [
    sql`create trigger refuse before insert on auth_revocation begin select raise(abort, 'refused'); end`,
    sql`drop trigger refuse`,
  ],
} as const

describe.each(databases)('the feed on %s', (_, create) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await create()
    await migrateAuth(database.connect())
  })
  afterAll(() => database.remove())

  it('ST-03 a change of a user and its entry are one: both are there, or neither', async () => {
    const db = database.connect()
    const { users, revocations } = kyselyStores(db)
    await users.insert(user())
    const change = { userId: 'user-1', ends: 'sessions', feed: revocations, entryExpiresAt: expiresAt } as const
    expect(await users.revoke(change)).toEqual({ sessionEpoch: 1, accessVersion: 1, announced: true })
    const { entries } = await revocations.read(null, at)
    expect(entries).toEqual([{ id: 'user:user-1:1', target: { user: 'user-1', minVersion: 1 }, expiresAt }])

    const [refuse, allow] = refusingEntries[database.dialect]
    await refuse.execute(db)
    await expect(users.revoke(change)).rejects.toThrow(/refuse/)
    await allow.execute(db)
    expect(await users.find('user-1')).toMatchObject({ sessionEpoch: 1, accessVersion: 1 })
  })

  it('announces to no feed but its own', async () => {
    const { users, revocations } = kyselyStores(database.connect())
    const other = kyselyStores(database.connect()).revocations
    await users.insert(user({ id: 'user-2', emailKey: 'b@example.com' }))
    const change = { userId: 'user-2', ends: 'tokens', feed: other, entryExpiresAt: expiresAt } as const
    expect(await users.revoke(change)).toMatchObject({ announced: false })
    expect((await revocations.read(null, at)).entries).not.toContainEqual(expect.objectContaining({ id: 'user:user-2:1' }))
  })

  it('gives the whole feed for a cursor that is ahead of it', async () => {
    const { revocations } = kyselyStores(database.connect())
    await revocations.append(entry('ahead'))
    const { cursor } = await revocations.read(null, at)
    const [epoch = '', place = ''] = cursor.split(':')
    expect((await revocations.read(cursor, at)).whole).toBe(false)
    for (const wrong of [`${epoch}:${BigInt(place) + 1_000_000n}`, `${epoch}:9999999999999999999`, `${epoch}0:${place}`]) {
      const page = await revocations.read(wrong, at)
      expect(page.whole).toBe(true)
      expect(page.entries).toContainEqual(entry('ahead'))
    }
  })
})

describe('the feed on SQLite', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createSqlite()
    await migrateAuth(database.connect())
  })
  afterEach(() => database.remove())

  it('notices that the file was restored from a backup, or replaced by another', async () => {
    const backup = `${database.url}.backup`
    const first = database.connect()
    await kyselyStores(first).revocations.append(entry('early'))
    await sql`vacuum into ${sql.lit(backup)}`.execute(first)
    await kyselyStores(first).revocations.append(entry('late'))
    const { cursor } = await kyselyStores(first).revocations.read(null, at)

    const restore = (): void => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${database.url}${suffix}`, { force: true })
      copyFileSync(backup, database.url)
    }
    await first.destroy()
    restore()
    const restored = await kyselyStores(database.connect()).revocations.read(cursor, at)
    expect(restored).toMatchObject({ whole: true, entries: [entry('early')] })

    const other = await createSqlite()
    await migrateAuth(other.connect())
    const { revocations } = kyselyStores(other.connect())
    for (const id of ['a', 'b', 'c']) await revocations.append(entry(id))
    expect(await revocations.read(cursor, at)).toMatchObject({ whole: true, entries: [entry('a'), entry('b'), entry('c')] })
    await other.remove()
  })

  it('never gives a place twice, also after all entries were deleted', async () => {
    const { revocations } = kyselyStores(database.connect())
    await revocations.append(entry('first'))
    const { cursor } = await revocations.read(null, at)
    await revocations.deleteExpired(later(86_400), 10)
    expect(await revocations.read(cursor, at)).toMatchObject({ whole: false, entries: [] })
    await revocations.append(entry('second'))
    expect(await revocations.read(cursor, at)).toMatchObject({ whole: false, entries: [entry('second')] })
  })
})

describe('listening on Postgres', () => {
  let database: TestDatabase
  let listeners: pg.Client[]
  beforeEach(async () => {
    database = await createPostgres()
    listeners = []
    await migrateAuth(database.connect())
  })
  afterEach(() => database.remove())

  async function listen(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: database.url, application_name: 'listener' })
    listeners.push(client)
    await client.connect()
    return client
  }

  /** Subscribes; answers how to wait for the next wake, and how to stop. */
  function subscribe(): { woken(): Promise<void>; stop(): void } {
    let onWake: () => void = () => undefined
    let waiting: Promise<void> = Promise.resolve()
    const next = (): void => {
      waiting = new Promise((resolve) => {
        onWake = resolve
      })
    }
    next()
    const stop = kyselyStores(database.connect(), { listen }).revocations.subscribe(() => onWake())
    return {
      async woken() {
        await waiting
        next()
      },
      stop,
    }
  }

  it('wakes a node when another appends, or changes a user', async () => {
    const { woken, stop } = subscribe()
    await woken() // It listens from now on.
    const { users, revocations } = kyselyStores(database.connect(), { listen })
    await revocations.append(entry('from another node'))
    await woken()
    await users.insert(user())
    await users.revoke({ userId: 'user-1', ends: 'tokens', feed: revocations, entryExpiresAt: expiresAt })
    await woken()
    stop()
    await Promise.all(listeners.map((client) => client.end()))
  })

  it('listens again after its connection was cut, and wakes for what it missed', async () => {
    const { woken, stop } = subscribe()
    await woken()
    const admin = database.connect()
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listener'`.execute(admin)
    await woken()
    expect(listeners).toHaveLength(2)
    await kyselyStores(admin, { listen }).revocations.append(entry('after the cut'))
    await woken()
    stop()
  })

  it('takes nothing from anybody when no connection can be had', async () => {
    const refused: Error[] = []
    const stores = kyselyStores(database.connect(), {
      listen: async () => {
        refused.push(new Error('no connection'))
        throw refused[0]
      },
    })
    const stop = stores.revocations.subscribe(() => expect.fail('nothing wakes'))
    await stores.revocations.append(entry('unheard'))
    expect((await stores.revocations.read(null, at)).entries).toContainEqual(entry('unheard'))
    expect(refused).toHaveLength(1)
    stop()
  })
})
