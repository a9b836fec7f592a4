import type { DeploymentMark, TicketRecord, TicketStore } from '@auth/core'
import { sql } from 'kysely'
import type { Changes } from './changes.js'
import type { Database } from './database.js'
import { defineTable, upTo } from './table.js'
import { integerOf } from './values.js'

/** Keeps tickets in a database. A used one stays and counts its uses. */
export function createTicketStore(database: Database, changes: Changes, deployment: DeploymentMark): TicketStore {
  const tickets = defineTable<TicketRecord>(database, 'auth_ticket', {
    digest: 'text',
    purpose: 'text',
    binding: 'text',
    userId: 'text',
    grantId: 'text',
    payload: 'text',
    createdAt: 'time',
    expiresAt: 'time',
    rememberUntil: 'time',
  })
  const { name } = tickets

  const insert = database.statement(
    tickets.kinds,
    (ticket) => sql`
      insert into ${name} (${tickets.columns}) values (${tickets.values(ticket)})
      on conflict do nothing returning digest`,
  )
  const find = database.statement(
    { digest: 'text', purpose: 'text', now: 'time' },
    ({ digest, purpose, now }) => sql`
      select ${tickets.selection} from ${name}
      where digest = ${digest} and purpose = ${purpose} and uses = 0 and ${now} < expires_at`,
  )
  // Racers wait for each other at the row: the count that each of them gets back is its own.
  const consume = changes.statement(
    { digest: 'text', purpose: 'text', binding: 'text', now: 'time' },
    ({ digest, purpose, binding, now }) => ({
      madeIn: 'consumed',
      statement: sql`
        update ${name} set uses = case when purpose = ${purpose} and binding = ${binding} then uses + 1 else uses end
        where digest = ${digest} and ${now} < case when uses = 0 then expires_at else remember_until end
        returning
          case when uses = 1 and purpose = ${purpose} and binding = ${binding} then 1 else 0 end as consumed,
          ${tickets.selection}`,
    }),
  )
  const revokeAll = database.statement(
    { purpose: 'text', userId: 'text' },
    ({ purpose, userId }) =>
      sql`delete from ${name} where user_id = ${userId} and purpose = ${purpose} and uses = 0 returning digest`,
  )
  const deleteExpired = database.statement(
    { before: 'time', limit: 'integer' },
    ({ before, limit }) =>
      sql`delete from ${name} where ${upTo(database, name, sql`remember_until < ${before}`, limit)} returning digest`,
  )

  return {
    deployment,
    async insert(ticket) {
      return (await insert(ticket)).length > 0
    },
    async find(digest, purpose, now) {
      return tickets.first(await find({ digest, purpose, now }))
    },
    async consume({ event, ...use }) {
      const [row] = await consume(use, event)
      if (!row) return { outcome: 'absent' }
      const ticket = tickets.read(row)
      if (ticket.purpose !== use.purpose || ticket.binding !== use.binding) return { outcome: 'mismatch' }
      return { outcome: integerOf('auth_ticket.consumed', row.consumed) === 1 ? 'consumed' : 'replayed', ticket }
    },
    async revokeAll(purpose, userId) {
      return (await revokeAll({ purpose, userId })).length
    },
    async deleteExpired(before, limit) {
      return (await deleteExpired({ before, limit })).length
    },
  }
}
