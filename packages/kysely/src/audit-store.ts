import type { AuditStore, DeploymentMark } from '@auth/core'
import { sql } from 'kysely'
import { defineAuditTable, fromStored, toStored } from './audit-table.js'
import type { Database, Fragment, Statement } from './database.js'
import { upTo } from './table.js'

const listKinds = { type: 'text', subject: 'text', after: 'text', limit: 'integer' } as const

/** Keeps the audit trail in a database. */
export function createAuditStore(database: Database, deployment: DeploymentMark): AuditStore {
  const events = defineAuditTable(database)
  const { name } = events

  const insert = database.statement(
    events.kinds,
    (event) => sql`
      insert into ${name} (${events.columns}) values (${events.values(event)})
      on conflict do nothing returning id`,
  )
  const deleteExpired = database.statement(
    { before: 'time', limit: 'integer' },
    ({ before, limit }) => sql`
      delete from ${name} where ${upTo(database, name, sql`at < ${before} order by at`, limit)} returning id`,
  )

  /** A page by whichever conditions are asked for, so that each has an index of its own. The last event's place is read in the same statement. */
  const prepareList = (byType: boolean, bySubject: boolean, isLater: boolean): Statement<typeof listKinds> =>
    database.statement(listKinds, ({ type, subject, after, limit }) => {
      const conditions: Fragment[] = [
        ...(byType ? [sql`type = ${type}`] : []),
        ...(bySubject ? [sql`subject = ${subject}`] : []),
        ...(isLater ? [sql`(at, id) < ((select seen.at from ${name} as seen where seen.id = ${after}), ${after})`] : []),
      ]
      const where = conditions.length > 0 ? sql`where ${sql.join(conditions, sql` and `)}` : sql``
      return sql`select ${events.selection} from ${name} ${where} order by ${name}.at desc, id desc limit ${limit}`
    })
  const lists = [0, 1, 2, 3, 4, 5, 6, 7].map((flags) => prepareList((flags & 1) > 0, (flags & 2) > 0, (flags & 4) > 0))

  return {
    deployment,
    async insert(event) {
      return (await insert(toStored(event))).length > 0
    },
    async list({ type = null, subject = null, after = null, limit }) {
      const list = lists[(type === null ? 0 : 1) + (subject === null ? 0 : 2) + (after === null ? 0 : 4)]
      const rows = (await list?.({ type, subject, after, limit })) ?? []
      return rows.map((row) => fromStored(events.read(row)))
    },
    async deleteExpired(before, limit) {
      return (await deleteExpired({ before, limit })).length
    },
  }
}
