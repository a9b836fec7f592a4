import type { DeploymentMark, SessionRecord, SessionStore, UserStore } from '@auth/core'
import { sql } from 'kysely'
import type { Changes } from './changes.js'
import type { Database, Fragment } from './database.js'
import { createRotate } from './session-rotation.js'
import { createFindWithUser } from './session-with-user.js'
import { defineTable, upTo } from './table.js'
import { integerOf, type Row } from './values.js'

const listLimit = 1000

/**
 * Keeps sessions in a database, one row for each. A row with carrier `none` is no session but the memory of an id that
 * was revoked before it was inserted: both claim the same primary key, so that of the two one always meets the other.
 * @param ownUsers The store of the users in the same database.
 */
export function createSessionStore(
  database: Database,
  changes: Changes,
  deployment: DeploymentMark,
  ownUsers: UserStore,
): SessionStore {
  const sessions = defineTable<SessionRecord>(database, 'auth_session', {
    id: 'text',
    userId: 'text',
    clientId: 'text',
    scope: 'text',
    resource: 'text',
    carrier: 'text',
    epoch: 'integer',
    generation: 'integer',
    currentDigest: 'text',
    previousDigest: 'text',
    sealedSuccessor: 'text',
    rotatedAt: 'time',
    createdAt: 'time',
    authenticatedAt: 'time',
    lastSeenAt: 'time',
    idleExpiresAt: 'time',
    expiresAt: 'time',
    revokedAt: 'time',
    revokedReason: 'text',
    ip: 'text',
    userAgent: 'text',
  })
  const { name } = sessions
  const isLive = (now: Fragment): Fragment => sql`(revoked_at is null and ${now} < idle_expires_at and ${now} < expires_at)`
  const end = sql`sealed_successor = null, sealed_at = null`

  const insert = changes.statement(sessions.kinds, (session) => ({
    statement: sql`
      insert into ${name} (${sessions.columns}, sealed_at)
      values (${sessions.values(session)}, case when ${session.sealedSuccessor} is not null then ${session.rotatedAt} end)
      on conflict do nothing returning id`,
  }))
  const findOne = database.statement(
    { id: 'text' },
    ({ id }) => sql`select ${sessions.selection} from ${name} where id = ${id} and carrier <> 'none'`,
  )
  const listLive = database.statement(
    { userId: 'text', now: 'time' },
    ({ userId, now }) => sql`
      select ${sessions.selection} from ${name} where user_id = ${userId} and ${isLive(now)}
      order by ${name}.created_at desc, id desc limit ${sql.lit(listLimit)}`,
  )
  const touch = database.statement(
    { id: 'text', now: 'time', idleExpiresAt: 'time' },
    ({ id, now, idleExpiresAt }) => sql`
      update ${name} set last_seen_at = ${now}, idle_expires_at = ${idleExpiresAt}
      where id = ${id} and ${isLive(now)} returning id`,
  )
  const swapEpoch = database.statement(
    { id: 'text', fromEpoch: 'integer', toEpoch: 'integer', digest: 'text', now: 'time' },
    ({ id, fromEpoch, toEpoch, digest, now }) => sql`
      update ${name} set
        epoch = ${toEpoch},
        generation = case when ${digest} is null then generation else generation + 1 end,
        current_digest = coalesce(${digest}, current_digest),
        previous_digest = case when ${digest} is null then previous_digest end,
        sealed_successor = case when ${digest} is null then sealed_successor end,
        sealed_at = case when ${digest} is null then sealed_at end
      where id = ${id} and epoch = ${fromEpoch} and ${isLive(now)} returning id`,
  )
  const revoke = changes.statement(
    { id: 'text', reason: 'text', now: 'time', rememberUntil: 'time' },
    ({ id, reason, now, rememberUntil }) => ({
      madeIn: 'was_live',
      statement: sql`
      insert into ${name} as session
        (id, user_id, carrier, epoch, generation, current_digest, created_at, authenticated_at, last_seen_at,
         idle_expires_at, expires_at, revoked_at, revoked_reason)
      values (${id}, '', 'none', 0, 0, '', ${now}, ${now}, ${now}, ${now}, ${rememberUntil}, ${now}, ${reason})
      on conflict (id) do update set
        ${end},
        revoked_at = coalesce(session.revoked_at, excluded.revoked_at),
        revoked_reason = coalesce(session.revoked_reason, excluded.revoked_reason),
        expires_at = case when session.carrier = 'none' then excluded.expires_at else session.expires_at end
      where session.revoked_at is null or (session.carrier = 'none' and session.expires_at < excluded.expires_at)
      returning case when carrier <> 'none' and ${now} < idle_expires_at and ${now} < expires_at then 1 else 0 end as was_live`,
    }),
  )
  const revokeAll = database.statement(
    { userId: 'text', epoch: 'integer', reason: 'text', now: 'time' },
    ({ userId, epoch, reason, now }) => sql`
      update ${name} set ${end}, revoked_at = ${now}, revoked_reason = ${reason}
      where user_id = ${userId} and revoked_at is null and (${epoch} is null or epoch < ${epoch})
      returning case when ${now} < idle_expires_at and ${now} < expires_at then 1 else 0 end as was_live`,
  )
  const eraseSuccessors = database.statement(
    { rotatedBefore: 'time', limit: 'integer' },
    ({ rotatedBefore, limit }) =>
      sql`update ${name} set ${end} where ${upTo(database, name, sql`sealed_at <= ${rotatedBefore}`, limit)} returning id`,
  )
  const deleteExpired = database.statement(
    { before: 'time', limit: 'integer' },
    ({ before, limit }) =>
      sql`delete from ${name} where ${upTo(database, name, sql`expires_at < ${before}`, limit)} returning id`,
  )

  const find = async (id: string): Promise<SessionRecord | null> => sessions.first(await findOne({ id }))

  return {
    deployment,
    find,
    findWithUser: createFindWithUser(database, sessions, ownUsers, find),
    rotate: createRotate(database, changes, sessions),
    async insert(session, event) {
      return (await insert(session, event)).length > 0
    },
    async listLive(userId, now) {
      return (await listLive({ userId, now })).map(sessions.read)
    },
    async touch(id, now, idleExpiresAt) {
      return (await touch({ id, now, idleExpiresAt })).length > 0
    },
    async swapEpoch({ id, fromEpoch, toEpoch, digest = null, now }) {
      return (await swapEpoch({ id, fromEpoch, toEpoch, digest, now })).length > 0
    },
    async revoke({ id, reason, now, rememberUntil, event }) {
      return (await revoke({ id, reason, now, rememberUntil }, event)).some(wasLive)
    },
    async revokeAll(userId, epoch, reason, now) {
      return (await revokeAll({ userId, epoch, reason, now })).filter(wasLive).length
    },
    async eraseSuccessors(rotatedBefore, limit) {
      return (await eraseSuccessors({ rotatedBefore, limit })).length
    },
    async deleteExpired(before, limit) {
      return (await deleteExpired({ before, limit })).length
    },
  }
}

function wasLive(row: Row): boolean {
  return integerOf('was_live', row.was_live) === 1
}
