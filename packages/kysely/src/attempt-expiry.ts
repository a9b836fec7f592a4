import type { AttemptStore } from '@auth/core'
import { sql } from 'kysely'
import { parseSlots, type StoredSlot } from './attempt-slots.js'
import type { Database } from './database.js'
import { readColumn } from './dialect.js'
import type { Row } from './values.js'

/** What is to become of a ledger. */
interface Change {
  readonly id: unknown
  /** What it must hold still: whoever took a slot or gave one back meanwhile has precedence. */
  readonly from: unknown
  readonly to: readonly StoredSlot[]
  readonly dropped: number
}

/** The `deleteExpired` of a database's ledgers: three statements, of which the second changes only what is as the first found it. */
export function createDeleteExpiredAttempts(database: Database): AttemptStore['deleteExpired'] {
  const attempts = database.table('auth_attempt')
  const slots = readColumn(database.dialect, 'json', sql`slots`)
  const findDue = database.statement(
    { before: 'time', limit: 'integer' },
    ({ before, limit }) => sql`
      select id, ${slots} as slots from ${attempts} where next_expires_at < ${before}
      order by next_expires_at limit ${limit}`,
  )
  const replace = database.statement({ changes: 'json' }, ({ changes }) =>
    database.pick({
      postgres: sql`
        update ${attempts} as ledger
        set slots = change->2, next_expires_at = timestamptz 'epoch' + cast(change->>3 as int8) * interval '1 millisecond'
        from jsonb_array_elements(${changes}) as change
        where ledger.id = change->>0 and ledger.slots = cast(change->>1 as jsonb)
        returning ledger.id`,
      sqlite: sql`
        update ${attempts} as ledger set slots = change.value->2, next_expires_at = change.value->>3
        from json_each(${changes}) as change
        where ledger.id = change.value->>0 and ledger.slots = change.value->>1
        returning id`,
    }),
  )
  const removeEmpty = database.statement({ ids: 'json' }, ({ ids }) => {
    const each = database.pick({ postgres: sql`jsonb_array_elements_text(${ids})`, sqlite: sql`json_each(${ids})` })
    return sql`delete from ${attempts} where id in (select value from ${each}) and slots = '[]' returning id`
  })

  return async (before, limit) => {
    const changes = planChanges(await findDue({ before, limit }), before, limit)
    if (changes.length === 0) return 0
    const replaced = await replace({ changes: changes.map(({ id, from, to }) => [id, from, to, nextEnd(to)]) })
    await removeEmpty({ ids: changes.filter(({ to }) => to.length === 0).map(({ id }) => id) })
    const done = new Set(replaced.map(({ id }) => id))
    return changes.filter(({ id }) => done.has(id)).reduce((total, { dropped }) => total + dropped, 0)
  }
}

/** Drops what ended before `before`, the oldest ledgers first, until `limit` slots are gone. */
function planChanges(ledgers: readonly Row[], before: Date, limit: number): readonly Change[] {
  const changes: Change[] = []
  let left = limit
  for (const { id, slots: from } of ledgers) {
    if (left <= 0) break
    const slots = parseSlots(from)
    const due = new Set(slots.filter(([, , expiresAt]) => expiresAt < before.getTime()).slice(0, left))
    left -= due.size
    changes.push({ id, from, to: slots.filter((slot) => !due.has(slot)), dropped: due.size })
  }
  return changes
}

/** When the next slot ends; 0 for an empty ledger, which is due at once. */
function nextEnd(slots: readonly StoredSlot[]): number {
  return Math.min(...slots.map(([, , expiresAt]) => expiresAt), slots.length > 0 ? Number.MAX_SAFE_INTEGER : 0)
}
