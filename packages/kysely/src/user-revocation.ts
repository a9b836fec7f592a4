import type { RaisedVersions, UserRecord, UserRevocation } from '@auth/core'
import { sql } from 'kysely'
import type { ChangeParts, ChangeStatement, Changes } from './changes.js'
import type { Database, Fragment } from './database.js'
import { wakeListeners } from './revocation-store.js'
import { keepsHolders, roleSets } from './role-holders.js'
import type { Table } from './table.js'
import type { OwnFeed } from './user-store.js'
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

/** A change ready to be made. */
export interface Raising {
  readonly statement: ChangeStatement<typeof revokeKinds>
  readonly given: Given<typeof revokeKinds>
  /** Whether the statement announces it to the feed as well. */
  readonly announced: boolean
}

/** Prepares what `revoke` runs. */
export function createRaising(
  database: Database,
  changes: Changes,
  users: Table<UserRecord>,
  ownFeed: OwnFeed,
): (change: UserRevocation) => Raising {
  const revoke = changes.statement(revokeKinds, (names) => ({ statement: raise(database, users, names) }))
  const revokeAndAnnounce = changes.statement(revokeKinds, (names) =>
    raiseAndAnnounce(database, users, names, ownFeed.listens),
  )
  return (change) => {
    const announced = change.feed === ownFeed.store
    return { statement: announced ? revokeAndAnnounce : revoke, given: givenOf(change), announced }
  }
}

/** The versions in what such a statement answers; `null` where it changed nothing. */
export function raisedVersions([row]: readonly Row[], announced: boolean): RaisedVersions | null {
  return row ? { ...versions(row), announced } : null
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
function raiseAndAnnounce(database: Database, users: Table<UserRecord>, names: RevokeNames, listens: boolean): ChangeParts {
  if (database.dialect === 'sqlite')
    return { statement: raise(database, users, names, sql`, announced_until = ${names.announcedUntil}`) }
  return {
    before: sql`
      raised as (${raise(database, users, names)}),
      announced as (
        insert into ${database.table('auth_revocation')} (id, target_kind, target_id, min_version, expires_at)
        select 'user:' || id || ':' || access_version, 'user', id, access_version, ${names.announcedUntil} from raised
        on conflict do nothing
      )`,
    statement: sql`select session_epoch, access_version, ${wakeListeners(database, listens)} as woken from raised`,
  }
}
