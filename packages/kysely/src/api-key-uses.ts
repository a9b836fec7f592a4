import type { ApiKeyStore, ApiKeyUses } from '@auth/core'
import { sql } from 'kysely'
import type { Database } from './database.js'
import { encodeText } from './text.js'

/** The `recordUses` of a database's API keys: one statement, which locks keys in one order so that nodes do not block each other. */
export function createRecordUses(database: Database): ApiKeyStore['recordUses'] {
  const keys = database.table('auth_api_key')
  const add = database.statement({ uses: 'json' }, ({ uses }) =>
    database.pick({
      postgres: sql`
        with used as (
          select item->>0 as id, cast(item->>1 as int8) as count, timestamptz 'epoch' + cast(item->>2 as int8) * interval '1 millisecond' as at
          from jsonb_array_elements(${uses}) as item
        ),
        locked as materialized (
          select id from ${keys} where id in (select id from used) order by id for update
        )
        update ${keys} as key
        set uses = key.uses + used.count, last_used_at = greatest(key.last_used_at, used.at)
        from used join locked on locked.id = used.id
        where key.id = used.id`,
      sqlite: sql`
        update ${keys} as key
        set uses = key.uses + used.count, last_used_at = max(coalesce(key.last_used_at, used.at), used.at)
        from (select value->>0 as id, value->>1 as count, value->>2 as at from json_each(${uses})) as used
        where key.id = used.id`,
    }),
  )
  return async (uses) => {
    if (uses.length > 0)
      await add({ uses: gather(uses).map((use) => [encodeText(use.id), use.uses, use.lastUsedAt.getTime()]) })
  }
}

/** One entry for each key: a statement changes a row once. */
function gather(all: readonly ApiKeyUses[]): readonly ApiKeyUses[] {
  const byId = new Map<string, ApiKeyUses>()
  for (const use of all) {
    const known = byId.get(use.id)
    const lastUsedAt = known && known.lastUsedAt > use.lastUsedAt ? known.lastUsedAt : use.lastUsedAt
    byId.set(use.id, { id: use.id, lastUsedAt, uses: use.uses + (known?.uses ?? 0) })
  }
  return [...byId.values()]
}
