import type { EmailSwap, EmailSwapOutcome, UserRecord } from '@auth/core'
import { sql } from 'kysely'
import type { Changes } from './changes.js'
import type { Database } from './database.js'
import type { Table } from './table.js'

/** The `swapEmail` of a database's users. The unique index decides between racers; what is asked before keeps its error rare. */
export function createEmailSwap(
  database: Database,
  changes: Changes,
  users: Table<UserRecord>,
): (swap: EmailSwap) => Promise<EmailSwapOutcome> {
  const isSomebodyElses = sql`select 1 from ${users.name} as other where other.email_key =`
  const swap = changes.statement(
    { userId: 'text', from: 'text', sessionEpoch: 'integer', email: 'text', emailKey: 'text', verifiedAt: 'time' },
    ({ userId, from, sessionEpoch, email, emailKey, verifiedAt }) => ({
      statement: sql`
        update ${users.name} set email = ${email}, email_key = ${emailKey}, email_verified_at = ${verifiedAt}
        where id = ${userId} and email_key = ${from} and session_epoch = coalesce(${sessionEpoch}, session_epoch)
          and not exists (${isSomebodyElses} ${emailKey} and other.id <> ${userId})
        returning id`,
    }),
  )
  const find = database.statement(
    { userId: 'text', from: 'text', sessionEpoch: 'integer', emailKey: 'text' },
    ({ userId, from, sessionEpoch, emailKey }) => sql`
      select id from ${users.name}
      where id = ${userId} and email_key = ${from} and session_epoch = coalesce(${sessionEpoch}, session_epoch)
        and exists (${isSomebodyElses} ${emailKey} and other.id <> ${userId})`,
  )

  return async ({ event, ...given }) => {
    const isTaken = async (): Promise<boolean> => (await find(given)).length > 0
    try {
      if ((await swap(given, event)).length > 0) return 'swapped'
    } catch (error) {
      // Drivers tell in ways of their own that a unique index refused. Whatever it was, it changed nothing.
      if (await isTaken().catch(() => false)) return 'taken'
      throw error
    }
    return (await isTaken()) ? 'taken' : 'stale'
  }
}
