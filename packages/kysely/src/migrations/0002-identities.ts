import { sql } from 'kysely'
import type { Database, Fragment } from '../database.js'

/** Accounts at providers. An identity goes with its user, in the statement that deletes them, whichever release runs it. */
export function createIdentityTable(database: Database): readonly Fragment[] {
  const either = (postgres: string, sqlite: string): Fragment => sql.raw({ postgres, sqlite }[database.dialect])
  const key = either('text collate "C"', 'text')
  const time = either('timestamptz', 'integer')
  const identity = database.table('auth_identity')
  const user = database.table('auth_user')
  const nameOf = (name: string): Fragment => sql.id(database.nameOf(name))
  const condition = sql`when (new.email_key is null and old.email_key is not null)`
  const remove = sql`delete from ${identity} where user_id = old.id;`
  return [
    sql`create table ${identity} (
      id ${key} primary key,
      user_id ${key} not null,
      provider ${key} not null,
      subject ${key} not null,
      email text,
      sealed_tokens text,
      created_at ${time} not null,
      unique (provider, subject)
    )`,
    sql`create index ${nameOf('auth_identity_of_user')} on ${identity} (user_id)`,
    ...(database.dialect === 'sqlite'
      ? [
          sql`create trigger ${nameOf('auth_user_erased')} after update of email_key on ${user} ${condition} begin ${remove} end`,
        ]
      : [
          // Sees a link that was made while the statement waited for the user's row: in a newer snapshot, or because the link
          // has written that row, so that an older one is refused and tried again.
          sql`create function ${database.table('auth_user_erased')}() returns trigger language plpgsql as $erased$
            begin ${remove} return null; end $erased$`,
          sql`create trigger ${nameOf('auth_user_erased')} after update of email_key on ${user}
            for each row ${condition} execute function ${database.table('auth_user_erased')}()`,
        ]),
  ]
}
