import type { DeploymentMark, RevocationStore, UserRecord, UserStore } from '@auth/core'
import { sql } from 'kysely'
import type { Changes } from './changes.js'
import type { Database } from './database.js'
import { createEmailSwap } from './email-swap.js'
import { holdersLock, keepsHolders, roleSets } from './role-holders.js'
import { defineTable, type Table } from './table.js'
import { createRaising, raisedVersions } from './user-revocation.js'

/** The feed in the same database. */
export interface OwnFeed {
  readonly store: RevocationStore
  /** Whether appending notifies. */
  readonly listens: boolean
}

/** The users' table. Of a deleted user it keeps the bare id, without a canonical address: so it never comes back. */
export function defineUserTable(database: Database): Table<UserRecord> {
  return defineTable<UserRecord>(database, 'auth_user', {
    id: 'text',
    email: 'text',
    emailKey: 'text',
    emailVerifiedAt: 'time',
    name: 'text',
    passwordHash: 'text',
    roles: 'list',
    sessionEpoch: 'integer',
    accessVersion: 'integer',
    createdAt: 'time',
    disabledAt: 'time',
  })
}

/** Keeps accounts in a database. What a change announces to the feed of the same database is written in the statement that makes it. */
export function createUserStore(
  database: Database,
  changes: Changes,
  deployment: DeploymentMark,
  ownFeed: OwnFeed,
): UserStore {
  const users = defineUserTable(database)
  const select = sql`select ${users.selection} from ${users.name}`

  const insert = changes.statement(users.kinds, (user) => ({
    statement: sql`
      insert into ${users.name} (${users.columns}) values (${users.values(user)})
      on conflict do nothing returning id`,
  }))
  const find = database.statement({ id: 'text' }, ({ id }) => sql`${select} where id = ${id} and email_key is not null`)
  const findByEmailKey = database.statement({ key: 'text' }, ({ key }) => sql`${select} where email_key = ${key}`)
  const swapPasswordHash = database.statement(
    { id: 'text', from: 'text', to: 'text' },
    ({ id, from, to }) => sql`
      update ${users.name} set password_hash = ${to}
      where id = ${id} and password_hash = ${from} and email_key is not null returning id`,
  )
  const swapEmail = createEmailSwap(database, changes, users)
  const raising = createRaising(database, changes, users, ownFeed)
  const erase = changes.statement({ id: 'text', keepsHolderOf: 'json' }, ({ id, keepsHolderOf: sets }) => ({
    statement: sql`
      update ${users.name} set email = '', email_key = null, email_verified_at = null, name = null, password_hash = null, roles = '[]'
      where id = ${id} and email_key is not null and ${keepsHolders(database, users, { id, sets, after: null })} returning id`,
  }))
  const list = database.statement(
    { after: 'text', limit: 'integer' },
    ({ after, limit }) => sql`${select} where email_key is not null and id > ${after} order by id limit ${limit}`,
  )

  return {
    deployment,
    async find(id) {
      return users.first(await find({ id }))
    },
    async findByEmailKey(emailKey) {
      return users.first(await findByEmailKey({ key: emailKey }))
    },
    async insert(user, event) {
      return (await insert(user, event)).length > 0
    },
    async swapPasswordHash(userId, from, to) {
      return (await swapPasswordHash({ id: userId, from, to })).length > 0
    },
    swapEmail,
    async revoke(change) {
      const { statement, given, announced } = raising(change)
      return raisedVersions(await statement(given, change.event, lockFor(change.keepsHolderOf)), announced)
    },
    async delete(userId, keepsHolderOf, event) {
      const given = { id: userId, keepsHolderOf: roleSets(keepsHolderOf) }
      return (await erase(given, event, lockFor(keepsHolderOf))).length > 0
    },
    async list({ after, limit }) {
      // No id is before the empty one.
      return (await list({ after: after ?? '', limit })).map((row) => users.read(row))
    },
  }
}

function lockFor(sets: readonly (readonly string[])[] = []): string | undefined {
  return sets.length > 0 ? holdersLock : undefined
}
