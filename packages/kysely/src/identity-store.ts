import type { DeploymentMark, IdentityRecord, IdentityStore } from '@auth/core'
import { sql } from 'kysely'
import type { Changes } from './changes.js'
import type { Database } from './database.js'
import { defineTable } from './table.js'
import { encodeText } from './text.js'
import { createRaising, raisedVersions } from './user-revocation.js'
import { defineUserTable, type OwnFeed } from './user-store.js'

/** Keeps identities beside the users of the same database. Who is deleted takes theirs along: a trigger sees to it. */
export function createIdentityStore(
  database: Database,
  changes: Changes,
  deployment: DeploymentMark,
  ownFeed: OwnFeed,
): IdentityStore {
  const users = defineUserTable(database)
  const identities = defineTable<IdentityRecord>(database, 'auth_identity', {
    id: 'text',
    userId: 'text',
    provider: 'text',
    subject: 'text',
    email: 'text',
    sealedTokens: 'text',
    createdAt: 'time',
  })
  const { name } = identities
  const select = sql`select ${identities.selection} from ${name}`
  const raising = createRaising(database, changes, users, ownFeed)
  // Keeps the user's row as it is until the transaction of the step ends. It is written, not only locked: whoever ends the
  // user from an older snapshot would else wait, not see what was linked meanwhile, and leave it behind.
  const hold = sql`update ${users.name} set session_epoch = session_epoch`
  const find = database.statement(
    { provider: 'text', subject: 'text' },
    ({ provider, subject }) => sql`${select} where provider = ${provider} and subject = ${subject}`,
  )
  const list = database.statement(
    { userId: 'text' },
    ({ userId }) => sql`${select} where user_id = ${userId} order by created_at, id`,
  )
  const insertIdentity = database.statement(
    identities.kinds,
    (identity) => sql`
      insert into ${name} (${identities.columns}) values (${identities.values(identity)})
      on conflict do nothing returning id`,
  )
  const insertUser = database.statement(
    users.kinds,
    (user) => sql`
      insert into ${users.name} (${users.columns}) values (${users.values(user)})
      on conflict do nothing returning id`,
  )
  const removeIdentity = database.statement(
    { id: 'text' },
    ({ id }) => sql`delete from ${name} where id = ${id} returning id`,
  )
  const holdInEpoch = database.statement(
    { id: 'text', epoch: 'integer' },
    ({ id, epoch }) => sql`
      ${hold} where id = ${id} and email_key is not null and session_epoch = ${epoch} returning id`,
  )
  const holdUnproved = database.statement(
    { id: 'text', emailKey: 'text', version: 'integer' },
    ({ id, emailKey, version }) => sql`
      ${hold} where id = ${id} and email_key = ${emailKey} and access_version = ${version}
        and email_verified_at is null and disabled_at is null returning id`,
  )
  const removeOthers = database.statement(
    { userId: 'text', id: 'text' },
    ({ userId, id }) => sql`delete from ${name} where user_id = ${userId} and id <> ${id} returning id`,
  )
  const swapTokens = database.statement(
    { id: 'text', from: 'text', to: 'text' },
    ({ id, from, to }) => sql`
      update ${name} set sealed_tokens = ${to}
      where id = ${id} and sealed_tokens is not distinct from ${from} returning id`,
  )
  const isUsable = (providers: ReturnType<typeof sql>) =>
    database.pick({
      postgres: sql`other.provider in (select jsonb_array_elements_text(${providers}))`,
      sqlite: sql`other.provider in (select usable.value from json_each(${providers}) as usable)`,
    })
  const remove = changes.statement(
    { id: 'text', userId: 'text', usableProviders: 'list' },
    ({ id, userId, usableProviders }) => ({
      statement: sql`
        delete from ${name} where id = ${id} and user_id = ${userId} and (
          exists (select 1 from ${users.name} as owner where owner.id = ${userId} and owner.password_hash is not null)
          or exists (
            select 1 from ${name} as other
            where other.user_id = ${userId} and other.id <> ${id} and ${isUsable(usableProviders)}))
        returning id`,
    }),
  )
  const removeAll = database.statement(
    { userId: 'text' },
    ({ userId }) => sql`delete from ${name} where user_id = ${userId} returning id`,
  )

  return {
    deployment,
    async find(provider, subject) {
      return identities.first(await find({ provider, subject }))
    },
    async list(userId) {
      return (await list({ userId })).map((row) => identities.read(row))
    },
    insertUser: ({ user, identity, event }) =>
      changes.asOne(lockOf(user.id), event, async (run, tell) => {
        if ((await run(insertIdentity.step(identity))).length === 0) return 'identity_taken'
        if ((await run(insertUser.step(user))).length > 0) {
          await tell()
          return 'inserted'
        }
        await run(removeIdentity.step(identity))
        return 'email_taken'
      }),
    insert: ({ identity, sessionEpoch: epoch, event }) =>
      changes.asOne(lockOf(identity.userId), event, async (run, tell) => {
        if ((await run(find.step(identity))).length > 0) return 'taken'
        if ((await run(holdInEpoch.step({ id: identity.userId, epoch }))).length === 0) return 'stale'
        if ((await run(insertIdentity.step(identity))).length === 0) return 'taken'
        await tell()
        return 'inserted'
      }),
    claim: ({ identity, emailKey, accessVersion: version, verifiedAt, feed, entryExpiresAt, event }) =>
      changes.asOne(lockOf(identity.userId), event, async (run, tell) => {
        const { id, userId } = identity
        // Nothing that is expected of the user can fail after this, so that whatever is written stays together.
        if ((await run(holdUnproved.step({ id: userId, emailKey, version }))).length === 0) return null
        if ((await run(insertIdentity.step(identity))).length === 0) return null
        await run(removeOthers.step({ userId, id }))
        const set = { passwordHash: null, emailVerifiedAt: verifiedAt }
        const { statement, given, announced } = raising({ userId, ends: 'sessions', set, feed, entryExpiresAt })
        const raised = raisedVersions(await run(statement.step(given)), announced)
        await tell()
        return raised
      }),
    async swapTokens(id, from, to) {
      return (await swapTokens({ id, from, to })).length > 0
    },
    async delete({ event, ...unlink }) {
      const { id, userId } = unlink
      if ((await remove(unlink, event, lockOf(userId))).length > 0) return 'deleted'
      return (await list({ userId })).some((row) => identities.read(row).id === id) ? 'last' : 'absent'
    },
    async deleteAll(userId) {
      return (await removeAll({ userId })).length
    },
  }
}

/** The lock under which a user's ways to sign in are taken away, so that each such step sees what those before it left. */
function lockOf(userId: string): string {
  return `auth_identity.of:${encodeText(userId)}`
}
