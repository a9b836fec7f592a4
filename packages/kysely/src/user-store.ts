import type { DeploymentMark, RevocationStore, UserRecord, UserRevocation, UserStore } from '@auth/core'
import { sql } from 'kysely'
import type { Database, Fragment } from './database.js'
import { createEmailSwap } from './email-swap.js'
import { wakeListeners } from './revocation-store.js'
import { holdersLock, keepsHolders, roleSets } from './role-holders.js'
import { defineTable, type Table } from './table.js'
import { type Given, integerOf, type Row } from './values.js'

/** What a statement of `revoke` is given. Flags are 0 or 1. */
const revokeKinds = {
  id: 'text',
  raise: 'integer',
  expectsHash: 'integer',
  expectedHash: 'text',
  expectsEpoch: 'integer',
  expectedEpoch: 'integer',
  expectsEmailKey: 'integer',
  expectedEmailKey: 'text',
  expectsVersion: 'integer',
  expectedVersion: 'integer',
  keepsHolderOf: 'json',
  setsHash: 'integer',
  hash: 'text',
  setsVerified: 'integer',
  verifiedAt: 'time',
  setsRoles: 'integer',
  roles: 'list',
  setsDisabled: 'integer',
  disabledAt: 'time',
  announcedUntil: 'time',
} as const

type RevokeNames = { readonly [Name in keyof typeof revokeKinds]: Fragment }

/** The feed in the same database. */
interface OwnFeed {
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
export function createUserStore(database: Database, deployment: DeploymentMark, ownFeed: OwnFeed): UserStore {
  const users = defineUserTable(database)
  const select = sql`select ${users.selection} from ${users.name}`

  const insert = database.statement(
    users.kinds,
    (user) => sql`
      insert into ${users.name} (${users.columns}) values (${users.values(user)})
      on conflict do nothing returning id`,
  )
  const find = database.statement({ id: 'text' }, ({ id }) => sql`${select} where id = ${id} and email_key is not null`)
  const findByEmailKey = database.statement({ key: 'text' }, ({ key }) => sql`${select} where email_key = ${key}`)
  const swapPasswordHash = database.statement(
    { id: 'text', from: 'text', to: 'text' },
    ({ id, from, to }) => sql`
      update ${users.name} set password_hash = ${to}
      where id = ${id} and password_hash = ${from} and email_key is not null returning id`,
  )
  const swapEmail = createEmailSwap(database, users)
  const revoke = database.statement(revokeKinds, (names) => raise(database, users, names))
  const revokeAndAnnounce = database.statement(revokeKinds, (names) =>
    raiseAndAnnounce(database, users, names, ownFeed.listens),
  )
  const erase = database.statement(
    { id: 'text', keepsHolderOf: 'json' },
    ({ id, keepsHolderOf: sets }) => sql`
      update ${users.name} set email = '', email_key = null, email_verified_at = null, name = null, password_hash = null, roles = '[]'
      where id = ${id} and email_key is not null and ${keepsHolders(database, users, { id, sets, after: null })} returning id`,
  )
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
    async insert(user) {
      return (await insert(user)).length > 0
    },
    async swapPasswordHash(userId, from, to) {
      return (await swapPasswordHash({ id: userId, from, to })).length > 0
    },
    swapEmail,
    async revoke(change) {
      const announced = change.feed === ownFeed.store
      const [row] = await (announced ? revokeAndAnnounce : revoke)(givenOf(change), lockFor(change.keepsHolderOf))
      return row ? { ...versions(row), announced } : null
    },
    async delete(userId, keepsHolderOf) {
      const given = { id: userId, keepsHolderOf: roleSets(keepsHolderOf) }
      return (await erase(given, lockFor(keepsHolderOf))).length > 0
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

function givenOf({
  userId,
  ends,
  set = {},
  expected = {},
  keepsHolderOf,
  entryExpiresAt,
}: UserRevocation): Given<typeof revokeKinds> {
  return {
    id: userId,
    raise: ends === 'sessions' ? 1 : 0,
    expectsHash: flag(expected.passwordHash),
    expectedHash: expected.passwordHash ?? null,
    expectsEpoch: flag(expected.sessionEpoch),
    expectedEpoch: expected.sessionEpoch ?? null,
    expectsEmailKey: flag(expected.emailKey),
    expectedEmailKey: expected.emailKey ?? null,
    expectsVersion: flag(expected.accessVersion),
    expectedVersion: expected.accessVersion ?? null,
    keepsHolderOf: roleSets(keepsHolderOf),
    setsHash: flag(set.passwordHash),
    hash: set.passwordHash ?? null,
    setsVerified: flag(set.emailVerifiedAt),
    verifiedAt: set.emailVerifiedAt ?? null,
    setsRoles: flag(set.roles),
    roles: set.roles ?? null,
    setsDisabled: flag(set.disabledAt),
    disabledAt: set.disabledAt ?? null,
    announcedUntil: entryExpiresAt,
  }
}

function flag(value: unknown): number {
  return value === undefined ? 0 : 1
}

function versions(row: Row): { sessionEpoch: number; accessVersion: number } {
  return {
    sessionEpoch: integerOf('auth_user.session_epoch', row.session_epoch),
    accessVersion: integerOf('auth_user.access_version', row.access_version),
  }
}

/** Raises the versions of a user who is as expected. */
function raise(database: Database, users: Table<UserRecord>, names: RevokeNames, more: Fragment = sql``): Fragment {
  const roles = sql`case when ${names.setsRoles} = 1 then ${names.roles} else roles end`
  const disabledAt = sql`case when ${names.setsDisabled} = 1 then ${names.disabledAt} else disabled_at end`
  const kept = { id: names.id, sets: names.keepsHolderOf, after: { roles, disabledAt } }
  return sql`
    update ${users.name} set
      session_epoch = session_epoch + ${names.raise},
      access_version = access_version + 1,
      password_hash = case when ${names.setsHash} = 1 then ${names.hash} else password_hash end,
      email_verified_at = case when ${names.setsVerified} = 1 then ${names.verifiedAt} else email_verified_at end,
      roles = ${roles},
      disabled_at = ${disabledAt}
      ${more}
    where id = ${names.id} and email_key is not null
      and (${names.expectsHash} = 0 or password_hash is not distinct from ${names.expectedHash})
      and (${names.expectsEpoch} = 0 or session_epoch = ${names.expectedEpoch})
      and (${names.expectsEmailKey} = 0 or email_key = ${names.expectedEmailKey})
      and (${names.expectsVersion} = 0 or access_version = ${names.expectedVersion})
      and ${keepsHolders(database, users, kept)}
    returning id, session_epoch, access_version`
}

/** The same, with the entry for the feed in one statement: on SQLite, where that changes one table alone, a trigger adds it. */
function raiseAndAnnounce(database: Database, users: Table<UserRecord>, names: RevokeNames, listens: boolean): Fragment {
  return database.pick({
    postgres: sql`
      with raised as (${raise(database, users, names)}),
      announced as (
        insert into ${database.table('auth_revocation')} (id, target_kind, target_id, min_version, expires_at)
        select 'user:' || id || ':' || access_version, 'user', id, access_version, ${names.announcedUntil} from raised
        on conflict do nothing
      )
      select session_epoch, access_version, ${wakeListeners(database, listens)} as woken from raised`,
    sqlite: raise(database, users, names, sql`, announced_until = ${names.announcedUntil}`),
  })
}
