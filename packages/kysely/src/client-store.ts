import type { ClientRecord, ClientSecret, ClientStore, DeploymentMark, Digest } from '@auth/core'
import { sql } from 'kysely'
import type { Changes } from './changes.js'
import type { Database } from './database.js'
import { defineTable } from './table.js'
import { decodeText, encodeText } from './text.js'

/** A client with its secrets as JSON: `[digest, createdAt, expiresAt]`, times in milliseconds. */
type StoredClient = Omit<ClientRecord, 'secrets'> & { readonly secrets: unknown }

/** Keeps OAuth clients in a database. */
export function createClientStore(database: Database, changes: Changes, deployment: DeploymentMark): ClientStore {
  const clients = defineTable<StoredClient>(database, 'auth_client', {
    id: 'text',
    name: 'text',
    kind: 'text',
    secrets: 'json',
    redirectUris: 'list',
    grants: 'list',
    scopes: 'list',
    authMethods: 'list',
    resources: 'list',
    introspects: 'list',
    consent: 'text',
    createdAt: 'time',
    disabledAt: 'time',
    grantsSince: 'time',
    version: 'integer',
  })
  const select = sql`select ${clients.selection} from ${clients.name}`

  const insert = changes.statement(clients.kinds, (client) => ({
    statement: sql`
      insert into ${clients.name} (${clients.columns}) values (${clients.values(client)})
      on conflict do nothing returning id`,
  }))
  const find = database.statement({ id: 'text' }, ({ id }) => sql`${select} where id = ${id}`)
  const list = database.statement(
    { after: 'text', limit: 'integer' },
    ({ after, limit }) => sql`${select} where id > ${after} order by id limit ${limit}`,
  )
  const listFirst = database.statement({ limit: 'integer' }, ({ limit }) => sql`${select} order by id limit ${limit}`)
  const swap = changes.statement({ ...clients.kinds, fromVersion: 'integer' }, ({ fromVersion, ...client }) => ({
    statement: sql`
      update ${clients.name} set (${clients.columns}) = (select ${clients.values(client)})
      where id = ${client.id} and version = ${fromVersion} returning id`,
  }))
  const remove = changes.statement({ id: 'text' }, ({ id }) => ({
    statement: sql`delete from ${clients.name} where id = ${id} returning id`,
  }))

  return {
    deployment,
    async insert(client, event) {
      return (await insert(toStored(client), event)).length > 0
    },
    async find(id) {
      const client = clients.first(await find({ id }))
      return client && fromStored(client)
    },
    async list(after, limit) {
      const rows = after === null ? await listFirst({ limit }) : await list({ after, limit })
      return rows.map((row) => fromStored(clients.read(row)))
    },
    async swap(fromVersion, client, event) {
      return (await swap({ ...toStored(client), fromVersion }, event)).length > 0
    },
    async delete(id, event) {
      return (await remove({ id }, event)).length > 0
    },
  }
}

function toStored(client: ClientRecord): StoredClient {
  const secrets = client.secrets.map(({ digest, createdAt, expiresAt }) => [
    encodeText(digest),
    createdAt.getTime(),
    expiresAt?.getTime() ?? null,
  ])
  return { ...client, secrets }
}

function fromStored({ secrets, ...client }: StoredClient): ClientRecord {
  if (!Array.isArray(secrets)) throw new Error('The column auth_client.secrets holds no list')
  return { ...client, secrets: secrets.map(readSecret) }
}

function readSecret(stored: unknown): ClientSecret {
  const [digest, createdAt, expiresAt] = Array.isArray(stored) ? stored : []
  if (typeof digest !== 'string' || typeof createdAt !== 'number' || (expiresAt !== null && typeof expiresAt !== 'number'))
    throw new Error('The column auth_client.secrets holds no secret')
  return {
    digest: decodeText(digest) as Digest, // Only digests are written there.
    createdAt: new Date(createdAt),
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
  }
}
