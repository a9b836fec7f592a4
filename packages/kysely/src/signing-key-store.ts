import type { DeploymentMark, SigningKeyRecord, SigningKeyStore } from '@auth/core'
import { sql } from 'kysely'
import type { Changes } from './changes.js'
import type { Database } from './database.js'
import { defineTable } from './table.js'

/** Keeps signing keys in a database: sealed, and tagged under a secret that is not in it. */
export function createSigningKeyStore(database: Database, changes: Changes, deployment: DeploymentMark): SigningKeyStore {
  const keys = defineTable<SigningKeyRecord>(database, 'auth_signing_key', {
    kid: 'text',
    ordinal: 'integer',
    algorithm: 'text',
    publicJwk: 'text',
    sealedPrivateJwk: 'text',
    createdAt: 'time',
    activeFrom: 'time',
    tag: 'text',
  })

  const list = database.statement({}, () => sql`select ${keys.selection} from ${keys.name} order by ordinal`)
  const insert = changes.statement(keys.kinds, (key) => ({
    statement: sql`
      insert into ${keys.name} (${keys.columns}) values (${keys.values(key)})
      on conflict do nothing returning kid`,
  }))
  const swap = database.statement(
    { ...keys.kinds, fromTag: 'text' },
    ({ fromTag, ...key }) => sql`
      update ${keys.name} set (${keys.columns}) = (select ${keys.values(key)})
      where kid = ${key.kid} and tag = ${fromTag} returning kid`,
  )
  const remove = changes.statement({ kid: 'text' }, ({ kid }) => ({
    statement: sql`delete from ${keys.name} where kid = ${kid} returning kid`,
  }))

  return {
    deployment,
    async list() {
      return (await list({})).map(keys.read)
    },
    async insert(key, event) {
      return (await insert(key, event)).length > 0
    },
    async swap(fromTag, key) {
      return (await swap({ ...key, fromTag })).length > 0
    },
    async delete(kid, event) {
      return (await remove({ kid }, event)).length > 0
    },
  }
}
