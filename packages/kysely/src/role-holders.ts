import type { UserRecord } from '@auth/core'
import { sql } from 'kysely'
import type { Database, Fragment } from './database.js'
import type { Table } from './table.js'
import { encodeText } from './text.js'

/** The lock under which roles are taken from holders, so that each such change sees what those before it left. */
export const holdersLock = 'auth_user.holders'

/** A user's state as a condition looks at it. */
interface Held {
  readonly roles: Fragment
  readonly disabledAt: Fragment
}

/** Sets of roles as a statement is given them: their names as the column has them. None are `null`, which plans see through. */
export function roleSets(sets: readonly (readonly string[])[] = []): readonly (readonly string[])[] | null {
  return sets.length > 0 ? sets.map((names) => names.map(encodeText)) : null
}

/**
 * The condition under which a change of a row of `auth_user` is made: each of the sets that the row's user holds they
 * hold after the change too, or somebody else does.
 * @param after The row as it will be; `null` where it is deleted.
 */
export function keepsHolders(
  database: Database,
  users: Table<UserRecord>,
  { id, sets, after }: { readonly id: Fragment; readonly sets: Fragment; readonly after: Held | null },
): Fragment {
  const held = (state: Held): Fragment => holds(database, state, sql.ref('kept.value'))
  const others = held({ roles: sql.ref('other.roles'), disabledAt: sql.ref('other.disabled_at') })
  const kept = database.pick({
    postgres: sql`jsonb_array_elements(${sets}) as kept(value)`,
    sqlite: sql`json_each(${sets}) as kept`,
  })
  // All others are looked at only where the user is about to leave a set: nothing but `case` says so to a planner.
  return sql`(${sets} is null or not exists (
    select 1 from ${kept}
    where case
      when not ${held({ roles: sql.ref('roles'), disabledAt: sql.ref('disabled_at') })} then false
      ${after ? sql`when ${held(after)} then false` : sql``}
      else not exists (
        select 1 from ${users.name} as other where other.id <> ${id} and other.email_key is not null and ${others})
    end))`
}

function holds(database: Database, { roles, disabledAt }: Held, names: Fragment): Fragment {
  const isNamed = database.pick({
    postgres: sql`${roles} ?| array(select jsonb_array_elements_text(${names}))`,
    sqlite: sql`exists (
      select 1 from json_each(${roles}) as given where given.value in (select wanted.value from json_each(${names}) as wanted))`,
  })
  return sql`(${disabledAt} is null and ${isNamed})`
}
