import type { SessionRecord, SessionStore, UserStore } from '@auth/core'
import { sql } from 'kysely'
import type { Database } from './database.js'
import type { Table } from './table.js'
import { defineUserTable } from './user-store.js'

/**
 * The `findWithUser` of a database's sessions: one query where the users are those of the same database.
 * @param ownUsers The store that keeps those.
 */
export function createFindWithUser(
  database: Database,
  sessions: Table<SessionRecord>,
  ownUsers: UserStore,
  find: SessionStore['find'],
): SessionStore['findWithUser'] {
  const users = defineUserTable(database)
  const findBoth = database.statement(
    { id: 'text' },
    ({ id }) => sql`
      select ${sessions.selectionAs('session')}, ${users.selectionAs('owner')}
      from ${sessions.name} as session
        left join ${users.name} as owner on owner.id = session.user_id and owner.email_key is not null
      where session.id = ${id} and session.carrier <> 'none'`,
  )
  return async (id, givenUsers) => {
    if (givenUsers !== ownUsers) {
      const session = await find(id)
      return session && { session, user: await givenUsers.find(session.userId) }
    }
    const [row] = await findBoth({ id })
    const session = row && sessions.readAs('session', row)
    return session ? { session, user: users.readAs('owner', row) } : null
  }
}
