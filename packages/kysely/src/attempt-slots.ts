import type { AttemptSlot } from '@auth/core'
import { sql } from 'kysely'
import type { Database, Fragment } from './database.js'
import { decodeText, encodeText } from './text.js'

/** A slot as JSON in its ledger: id, when it was taken, when it is forgotten (both in milliseconds), 1 once it failed. */
export type StoredSlot = readonly [id: string, at: number, expiresAt: number, failed: 0 | 1]

/** The slots of a ledger. @throws Error where it holds something else */
export function parseSlots(stored: unknown): readonly StoredSlot[] {
  const slots: unknown = typeof stored === 'string' ? JSON.parse(stored) : undefined
  if (!Array.isArray(slots) || !slots.every(isSlot)) throw new Error('The column auth_attempt.slots holds no slots')
  return slots
}

function isSlot(value: unknown): value is StoredSlot {
  return (
    Array.isArray(value) &&
    typeof value[0] === 'string' &&
    Number.isSafeInteger(value[1]) &&
    Number.isSafeInteger(value[2]) &&
    (value[3] === 0 || value[3] === 1)
  )
}

/** What is stored of a new slot. */
export function toStoredSlot(id: string, at: Date, expiresAt: Date): StoredSlot {
  return [encodeText(id), at.getTime(), expiresAt.getTime(), 0]
}

/** The slots of a ledger that have not expired, in the order in which they were taken. */
export function liveSlots(stored: unknown, now: Date): readonly AttemptSlot[] {
  return parseSlots(stored)
    .filter(([, , expiresAt]) => expiresAt > now.getTime())
    .map(([id, at, , failed]) => ({ id: decodeText(id), at: new Date(at), failed: failed === 1 }))
}

/** SQL over the slots of the row called `ledger`. */
export interface SlotSql {
  /** The slots as rows. */
  readonly each: Fragment
  readonly id: Fragment
  readonly expiresAt: Fragment
  /** All rows of a `select` as a list again, in their order. */
  readonly list: Fragment
  /** The same, with the slots that meet a condition marked as failed. */
  listFailing(condition: Fragment): Fragment
  /** The first list with the one slot of the second at its end. */
  append(slots: Fragment, added: Fragment): Fragment
}

/** The dialect's SQL for slots. */
export function slotSql(database: Database): SlotSql {
  return database.dialect === 'postgres' ? postgresSlots : sqliteSlots
}

const inOrder = (slot: Fragment): Fragment => sql`coalesce(jsonb_agg(${slot} order by place), '[]')`

const postgresSlots: SlotSql = {
  each: sql`jsonb_array_elements(ledger.slots) with ordinality as each (slot, place)`,
  id: sql`slot->>0`,
  expiresAt: sql`cast(slot->>2 as int8)`,
  list: inOrder(sql`slot`),
  listFailing: (condition) => inOrder(sql`case when ${condition} then jsonb_set(slot, '{3}', '1') else slot end`),
  append: (slots, added) => sql`${slots} || ${added}`,
}

const sqliteSlots: SlotSql = {
  each: sql`json_each(ledger.slots)`,
  id: sql`value->>0`,
  expiresAt: sql`value->>2`,
  list: sql`json_group_array(json(value))`,
  listFailing: (condition) =>
    sql`json_group_array(json(case when ${condition} then json_set(value, '$[3]', 1) else value end))`,
  append: (slots, added) => sql`json_insert(${slots}, '$[#]', json_extract(${added}, '$[0]'))`,
}
