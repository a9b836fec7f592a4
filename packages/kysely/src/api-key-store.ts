import type { ApiKeyRecord, ApiKeyStore, DeploymentMark } from '@auth/core'
import { sql } from 'kysely'
import { createRotateKey } from './api-key-rotation.js'
import { createRecordUses } from './api-key-uses.js'
import type { Changes } from './changes.js'
import type { Database } from './database.js'
import { defineTable, upTo } from './table.js'
import { encodeText } from './text.js'

const listLimit = 1000

/**
 * The lock under which keys of one owner are counted and added: two statements that count at once see neither other's key.
 * It is no row of the owner's, who may be kept elsewhere.
 */
function lockOf(userId: string): string {
  return `auth_api_key.of.${encodeText(userId)}`
}

/** Keeps API keys in a database. */
export function createApiKeyStore(database: Database, changes: Changes, deployment: DeploymentMark): ApiKeyStore {
  const keys = defineTable<ApiKeyRecord>(database, 'auth_api_key', {
    id: 'text',
    userId: 'text',
    prefix: 'text',
    name: 'text',
    digest: 'text',
    scopes: 'list',
    allowedIps: 'list',
    createdAt: 'time',
    expiresAt: 'time',
    lastUsedAt: 'time',
    uses: 'integer',
    revokedAt: 'time',
    replacedBy: 'text',
  })
  const { name } = keys

  const insert = changes.statement(keys.kinds, (key) => ({
    statement: sql`insert into ${name} (${keys.columns}) values (${keys.values(key)}) on conflict do nothing returning id`,
  }))
  const insertWithin = changes.statement({ ...keys.kinds, limit: 'integer' }, ({ limit, ...key }) => ({
    statement: sql`
      insert into ${name} (${keys.columns}) select ${keys.values(key)}
      where (select count(*) from (select 1 from ${name} where user_id = ${key.userId} limit ${limit}) as owned) < ${limit}
      on conflict do nothing returning id`,
  }))
  const find = database.statement({ id: 'text' }, ({ id }) => sql`select ${keys.selection} from ${name} where id = ${id}`)
  const list = database.statement(
    { userId: 'text' },
    ({ userId }) => sql`
      select ${keys.selection} from ${name} where user_id = ${userId}
      order by ${name}.created_at desc, id desc limit ${sql.lit(listLimit)}`,
  )
  const revoke = changes.statement({ id: 'text', userId: 'text', now: 'time' }, ({ id, userId, now }) => ({
    statement: sql`
      update ${name} set revoked_at = ${now} where id = ${id} and user_id = ${userId} and revoked_at is null returning id`,
  }))
  const revokeAll = database.statement(
    { userId: 'text', now: 'time' },
    ({ userId, now }) =>
      sql`update ${name} set revoked_at = ${now} where user_id = ${userId} and revoked_at is null returning id`,
  )
  const deleteExpired = database.statement({ before: 'time', limit: 'integer' }, ({ before, limit }) => {
    const ended = sql`(expires_at < ${before} or revoked_at < ${before})`
    return sql`delete from ${name} where ${upTo(database, name, ended, limit)} returning id`
  })

  const findKey = async (id: string): Promise<ApiKeyRecord | null> => keys.first(await find({ id }))

  return {
    deployment,
    find: findKey,
    rotate: createRotateKey(database, changes, keys, findKey),
    recordUses: createRecordUses(database),
    async insert(key, limit, event) {
      if (limit === undefined) return (await insert(key, event)).length > 0 ? 'inserted' : 'exists'
      const rows = await insertWithin({ ...key, limit }, event, lockOf(key.userId))
      if (rows.length > 0) return 'inserted'
      return (await findKey(key.id)) ? 'exists' : 'limit'
    },
    async list(userId) {
      return (await list({ userId })).map(keys.read)
    },
    async revoke(id, userId, now, event) {
      return (await revoke({ id, userId, now }, event)).length > 0
    },
    async revokeAll(userId, now) {
      // A key that was being rotated keeps the statement waiting, and then has a successor that the statement does not see.
      let ended = 0
      for (let more = -1; more !== 0; ended += more) more = (await revokeAll({ userId, now })).length
      return ended
    },
    async deleteExpired(before, limit) {
      return (await deleteExpired({ before, limit })).length
    },
  }
}
