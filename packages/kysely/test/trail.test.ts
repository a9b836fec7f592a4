import type { AuditRecord, AuthStores, ChangeEvent, ClientRecord } from '@auth/core'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AnyKysely } from '../src/database.js'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { databases, type TestDatabase } from './support/databases.js'
import { at, digestNamed, identity, later, session, user } from './support/samples.js'

type Stores = Required<AuthStores>

const owner = user()
const linked = identity()
const digest = digestNamed('first')
const ticket = { digest, purpose: 'reset', binding: digest, userId: owner.id, grantId: null, payload: '{}', createdAt: at }
const key = {
  ...{ id: 'key-1', userId: owner.id, prefix: 'ak', name: 'k', digest, scopes: [], allowedIps: null, createdAt: at },
  ...{ expiresAt: null, lastUsedAt: null, uses: 0, revokedAt: null, replacedBy: null },
}
const client: ClientRecord = {
  ...{ id: 'client-1', name: 'c', kind: 'public', secrets: [], redirectUris: [], grants: [], scopes: [], authMethods: [] },
  ...{ resources: [], introspects: [], consent: 'explicit', createdAt: at, disabledAt: null, grantsSince: null, version: 1 },
}
const use = { digest, purpose: 'reset', binding: digest, now: later(1) }
const entryExpiresAt = later(3900)

/** Each change with its event, over a database in which the owner, a session, a ticket, a key and a client are. */
const changes: Readonly<Record<string, (stores: Stores, event: ChangeEvent) => Promise<unknown>>> = {
  'users.insert': ({ users }, event) => users.insert(user({ id: 'user-2', emailKey: 'bob@example.com' }), event),
  'users.swapEmail': ({ users }, event) =>
    users.swapEmail({
      ...{ userId: owner.id, from: owner.emailKey, sessionEpoch: null },
      ...{ email: 'a@example.com', emailKey: 'a@example.com', verifiedAt: at, event },
    }),
  'users.revoke, with the feed of the same database': ({ users, revocations: feed }, event) =>
    users.revoke({ userId: owner.id, ends: 'sessions', set: { passwordHash: null }, feed, entryExpiresAt, event }),
  'users.revoke, with another': ({ users, revocations }, event) =>
    users.revoke({ userId: owner.id, ends: 'sessions', feed: { ...revocations }, entryExpiresAt, event }),
  'users.delete': ({ users }, event) => users.delete(owner.id, [['admin']], event),
  'identities.insertUser': ({ identities }, event) => {
    const next = user({ id: 'user-2', emailKey: 'bob@example.com' })
    return identities.insertUser({ user: next, identity: identity({ userId: next.id }), event })
  },
  'identities.insert': ({ identities }, event) =>
    identities.insert({ identity: linked, sessionEpoch: owner.sessionEpoch, event }),
  'identities.claim': ({ identities, revocations: feed }, event) => {
    const { emailKey, accessVersion } = owner
    return identities.claim({ identity: linked, emailKey, accessVersion, verifiedAt: at, feed, entryExpiresAt, event })
  },
  'sessions.insert': ({ sessions }, event) => sessions.insert(session({ id: 'session-2' }), event),
  'sessions.rotate': ({ sessions }, event) =>
    sessions.rotate({
      ...{ id: 'session-1', carrier: 'refresh', clientId: null, generation: 0, digest, userEpoch: 0, now: later(1) },
      ...{ successor: { digest: digestNamed('second'), sealed: null }, retryWindowMs: 0, idleExpiresAt: later(60), event },
    }),
  'sessions.revoke': ({ sessions }, event) =>
    sessions.revoke({ id: 'session-1', reason: 'logout', now: later(1), rememberUntil: later(600), event }),
  'tickets.consume': ({ tickets }, event) => tickets.consume({ ...use, event }),
  'apiKeys.insert': ({ apiKeys }, event) => apiKeys.insert({ ...key, id: 'key-2' }, 10, event),
  'apiKeys.rotate': ({ apiKeys }, event) => {
    const successor = { ...key, id: 'key-2' }
    return apiKeys.rotate({ id: key.id, userId: owner.id, successor, validUntil: later(60), now: later(1), event })
  },
  'apiKeys.revoke': ({ apiKeys }, event) => apiKeys.revoke(key.id, owner.id, later(1), event),
  'clients.insert': ({ clients }, event) => clients.insert({ ...client, id: 'client-2' }, event),
  'clients.swap': ({ clients }, event) => clients.swap(1, { ...client, version: 2 }, event),
  'clients.delete': ({ clients }, event) => clients.delete(client.id, event),
}
const tables = ['user', 'identity', 'session', 'ticket', 'api_key', 'client', 'revocation', 'audit_event']

function recordOn(route: string): AuditRecord {
  return { id: route, type: 'login', at, outcome: 'success', subject: owner.id, route }
}

function eventOn(route: string, { audit: trail }: Stores, kept: () => void = () => undefined): ChangeEvent {
  return { record: recordOn(route), trail, kept }
}

describe.each(databases)('the trail on %s', (_, create) => {
  let database: TestDatabase
  let db: AnyKysely
  const sent: string[] = []
  beforeAll(async () => {
    database = await create()
    db = database.connect({ log: ({ query }) => void sent.push(query.sql) })
    await migrateAuth(db)
    const refuse = {
      postgres: sql`alter table auth_audit_event add constraint refused check (route <> 'refused')`,
      sqlite: sql`create trigger refused before insert on auth_audit_event when new.route = 'refused'
        begin select raise(abort, 'refused'); end`,
    }
    await refuse[database.dialect].execute(db)
  })
  afterAll(() => database.remove())
  beforeEach(async () => {
    for (const table of tables) await sql`delete from ${sql.id(`auth_${table}`)}`.execute(db)
    const { users, sessions, tickets, apiKeys, clients } = kyselyStores(db)
    await users.insert(owner)
    await sessions.insert(session())
    await tickets.insert({ ...ticket, expiresAt: later(60), rememberUntil: later(120) })
    await apiKeys.insert(key)
    await clients.insert(client)
  })

  async function everything(): Promise<unknown> {
    const rows = []
    for (const table of tables) rows.push((await sql`select * from ${sql.id(`auth_${table}`)} order by 1`.execute(db)).rows)
    return rows
  }

  describe.each(Object.entries(changes))('%s', (_, change) => {
    it('ER-04 is made together with its event, in one round trip where the database has one to make', async () => {
      const stores = kyselyStores(db)
      const before = await everything()
      sent.length = 0
      let isKept = false
      const event = eventOn('kept', stores, () => {
        isKept = true
      })
      await change(stores, event)
      expect(isKept).toBe(true)
      const writes = sent.filter((text) => text.includes('auth_audit_event'))
      expect(writes).toHaveLength(1)
      expect(await everything()).not.toEqual(before)
      expect(await stores.audit.list({ limit: 10 })).toEqual([recordOn('kept')])
    })

    it('ER-04 is not made where its event cannot be', async () => {
      const before = await everything()
      const stores = kyselyStores(db)
      const kept = (): void => expect.fail('nothing was kept')
      await expect(change(stores, eventOn('refused', stores, kept))).rejects.toThrow()
      expect(await everything()).toEqual(before)
    })

    it('ER-04 is not made in a transaction of the application’s either, where its event cannot be and that goes on', async () => {
      const before = await everything()
      const refused = db.transaction().execute(async (transaction) => {
        const stores = kyselyStores(transaction)
        await expect(change(stores, eventOn('refused', stores))).rejects.toThrow()
        // Postgres refuses all else by then, and undoes it.
      })
      await refused.catch(() => undefined)
      expect(await everything()).toEqual(before)
    })
  })

  it('ST-03 changes at once in a transaction of the application’s undo nothing of each other', async () => {
    const insert = async (transaction: AnyKysely): Promise<readonly unknown[]> => {
      const stores = kyselyStores(transaction)
      const add = (name: string, route: string) =>
        stores.users.insert(user({ id: name, emailKey: `${name}@example.com` }), eventOn(route, stores))
      const answers = await Promise.allSettled([add('user-2', 'kept'), add('user-3', 'refused')])
      return answers.map(({ status }) => status)
    }
    const outcome = db.transaction().execute(insert)
    if (database.dialect === 'sqlite') expect(await outcome).toEqual(['fulfilled', 'rejected'])
    else await outcome.catch(() => undefined) // Postgres undoes the whole of it.
    const isThere = (await kyselyStores(db).users.find('user-2')) !== null
    expect(isThere).toBe(database.dialect === 'sqlite')
    expect(await kyselyStores(db).users.find('user-3')).toBeNull()
  })

  it('ER-04 a login and its event are one statement on Postgres', async () => {
    sent.length = 0
    const stores = kyselyStores(db)
    await stores.sessions.insert(session({ id: 'session-2' }), eventOn('kept', stores))
    expect(sent).toHaveLength(database.dialect === 'postgres' ? 1 : 4) // SQLite: begin, both, commit.
  })
})
