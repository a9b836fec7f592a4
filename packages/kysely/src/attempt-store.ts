import type { AttemptStore, DeploymentMark } from '@auth/core'
import { sql } from 'kysely'
import { createDeleteExpiredAttempts } from './attempt-expiry.js'
import { liveSlots, slotSql, toStoredSlot } from './attempt-slots.js'
import type { Database, Fragment } from './database.js'
import { readColumn } from './dialect.js'

/** How long after their end slots stay, so that a node whose clock is ahead takes none from the others. */
const graceMs = 5 * 60_000

/**
 * Keeps the ledger of attempts in a database: one row for each key, which holds its slots in the order in which they
 * were taken. Racers wait for each other at the row, so that each answer has all the slots before its own.
 */
export function createAttemptStore(database: Database, deployment: DeploymentMark): AttemptStore {
  const attempts = database.table('auth_attempt')
  const slots = readColumn(database.dialect, 'json', sql`slots`)
  const { each, id, expiresAt, list, listFailing, append } = slotSql(database)
  const has = (slot: Fragment): Fragment => sql`exists (select 1 from ${each} where ${id} = ${slot})`

  const find = database.statement(
    { key: 'text' },
    ({ key }) => sql`select ${slots} as slots from ${attempts} where id = ${key}`,
  )
  const take = database.statement(
    { key: 'text', added: 'json', expiresAt: 'time', keptSince: 'integer' },
    ({ key, added, keptSince, ...names }) => {
      const kept = sql`(select ${list} from ${each} where ${expiresAt} > ${keptSince})`
      return sql`
        insert into ${attempts} as ledger (id, slots, next_expires_at) values (${key}, ${added}, ${names.expiresAt})
        on conflict (id) do update set
          slots = ${append(kept, sql`excluded.slots`)},
          next_expires_at = case when excluded.next_expires_at < ledger.next_expires_at
            then excluded.next_expires_at else ledger.next_expires_at end
        returning ${slots} as slots`
    },
  )
  const settle = database.statement(
    { key: 'text', slot: 'text' },
    ({ key, slot }) => sql`
      update ${attempts} as ledger set slots = (select ${listFailing(sql`${id} = ${slot}`)} from ${each})
      where ledger.id = ${key} returning ${slots} as slots`,
  )
  const giveBack = database.statement(
    { key: 'text', slot: 'text' },
    ({ key, slot }) => sql`
      update ${attempts} as ledger set slots = (select ${list} from ${each} where ${id} <> ${slot})
      where ledger.id = ${key} and ${has(slot)} returning id`,
  )
  const clear = database.statement({ key: 'text' }, ({ key }) => sql`delete from ${attempts} where id = ${key} returning id`)

  return {
    deployment,
    deleteExpired: createDeleteExpiredAttempts(database),
    async find(key, now) {
      const [ledger] = await find({ key })
      return ledger ? liveSlots(ledger.slots, now) : []
    },
    async take({ key, slot, now, expiresAt }) {
      const added = [toStoredSlot(slot, now, expiresAt)]
      const [ledger] = await take({ key, added, expiresAt, keptSince: now.getTime() - graceMs })
      return liveSlots(ledger?.slots, now)
    },
    async settle(key, slot, now) {
      const [ledger] = await settle({ key, slot })
      return ledger ? liveSlots(ledger.slots, now) : []
    },
    async giveBack(key, slot) {
      return (await giveBack({ key, slot })).length > 0
    },
    async clear(key) {
      await clear({ key })
    },
  }
}
