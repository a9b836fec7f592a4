import type { UserRecord } from '@auth/core'
import { sql } from 'kysely'
import type { Database, Fragment } from './database.js'
import type { Table } from './table.js'

/** The lock under which roles are taken from holders, so that each such change sees what those before it left. */
export const holdersLock = 'auth_user.holders'

/** A user's state as a condition looks at it. */
interface Held {
  readonly roles: Fragment
  readonly disabledAt: Fragment
}

/**
 * The condition under which a change of a row of `auth_user` is made: `names` is null, or the row's user holds none of
 * these roles, or does so after the change too, or somebody else does.
 * @param after The row as it will be; `null` where it is deleted.
 */
export function keepsHolder(
  database: Database,
  users: Table<UserRecord>,
  { id, names, after }: { readonly id: Fragment; readonly names: Fragment; readonly after: Held | null },
): Fragment {
  const held = (state: Held): Fragment => holds(database, state, names)
  const others = held({ roles: sql.ref('other.roles'), disabledAt: sql.ref('other.disabled_at') })
  return sql`(
    ${names} is null
    or not ${held({ roles: sql.ref('roles'), disabledAt: sql.ref('disabled_at') })}
    ${after ? sql`or ${held(after)}` : sql``}
    or exists (select 1 from ${users.name} as other where other.id <> ${id} and other.email_key is not null and ${others})
  )`
}

function holds(database: Database, { roles, disabledAt }: Held, names: Fragment): Fragment {
  const each = (list: Fragment, as: string): Fragment =>
    database.pick({
      postgres: sql`jsonb_array_elements_text(${list}) as ${sql.id(as)}(value)`,
      sqlite: sql`json_each(${list}) as ${sql.id(as)}`,
    })
  return sql`(${disabledAt} is null and exists (
    select 1 from ${each(roles, 'given')} where given.value in (select wanted.value from ${each(names, 'wanted')})))`
}
