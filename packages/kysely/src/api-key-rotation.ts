import type { ApiKeyRecord, ApiKeyRotation, ApiKeyRotationOutcome, ApiKeyStore } from '@auth/core'
import { sql } from 'kysely'
import type { Changes } from './changes.js'
import type { Database, Fragment } from './database.js'
import type { Table } from './table.js'

type Find = (id: string) => Promise<ApiKeyRecord | null>

/** The `rotate` of a database's API keys: one statement that changes both rows or none, and a look at why it did not. */
export function createRotateKey(
  database: Database,
  changes: Changes,
  keys: Table<ApiKeyRecord>,
  find: Find,
): ApiKeyStore['rotate'] {
  const rotate = changes.statement(
    { ...keys.kinds, oldId: 'text', owner: 'text', validUntil: 'time', now: 'time' },
    ({ oldId, owner, validUntil, now, ...successor }) => {
      const canRotate = sql`
        id = ${oldId} and user_id = ${owner} and revoked_at is null and (expires_at is null or ${now} < expires_at)
        and replaced_by is null and not exists (select 1 from ${keys.name} as taken where taken.id = ${successor.id})`
      const values = keys.values(successor)
      if (database.dialect === 'postgres')
        return {
          before: sql`
            old as (
              update ${keys.name} set replaced_by = ${successor.id}, expires_at = least(expires_at, ${validUntil})
              where ${canRotate} returning id
            )`,
          statement: sql`insert into ${keys.name} (${keys.columns}) select ${values} from old returning id`,
        }
      return {
        statement: sql`
          insert into ${keys.name} (${keys.columns})
          select ${values} from ${keys.name} where ${canRotate}
          union all
          select ${replacedRow(keys, successor.id, validUntil)} from ${keys.name} where ${canRotate}
          on conflict (id) do update set replaced_by = excluded.replaced_by, expires_at = excluded.expires_at
          returning id`,
      }
    },
  )
  return async (rotation) => {
    const { id, userId, successor, validUntil, now, event } = rotation
    const rows = await rotate({ ...successor, oldId: id, owner: userId, validUntil, now }, event)
    return rows.length > 0 ? 'rotated' : refusal(await find(id), rotation)
  }
}

/** The old key's row as it is to be: SQLite, which writes one table a statement, takes it for a second row to insert. */
function replacedRow(keys: Table<ApiKeyRecord>, successorId: Fragment, validUntil: Fragment): Fragment {
  const own = (column: string): Fragment => sql.ref(column)
  return keys.values({
    id: own('id'),
    userId: own('user_id'),
    prefix: own('prefix'),
    name: own('name'),
    digest: own('digest'),
    scopes: own('scopes'),
    allowedIps: own('allowed_ips'),
    createdAt: own('created_at'),
    expiresAt: sql`min(coalesce(expires_at, ${validUntil}), ${validUntil})`,
    lastUsedAt: own('last_used_at'),
    uses: own('uses'),
    revokedAt: own('revoked_at'),
    replacedBy: successorId,
  })
}

/** Why a key could not be rotated. None of the reasons ever goes away again, so that looking afterwards tells the truth. */
function refusal(key: ApiKeyRecord | null, { userId, now }: ApiKeyRotation): ApiKeyRotationOutcome {
  if (key?.userId !== userId) return 'absent'
  if (key.revokedAt) return 'revoked'
  // Before expiry, which a rotation without overlap brings about at once.
  if (key.replacedBy !== null) return 'replaced'
  return key.expiresAt && key.expiresAt <= now ? 'expired' : 'absent'
}
