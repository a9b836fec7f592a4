import { sql } from 'kysely'
import type { Database, Fragment } from '../database.js'

/** What an OAuth client may do and a grant covers. Rows that are there already, and those of the release before, get the defaults. */
export function addOauthServer({ table, dialect }: Database): readonly Fragment[] {
  const json = sql.raw({ postgres: 'jsonb', sqlite: 'text' }[dialect])
  const time = sql.raw({ postgres: 'timestamptz', sqlite: 'integer' }[dialect])
  const client = table('auth_client')
  const session = table('auth_session')
  const lists = ['auth_methods', 'resources', 'introspects'].map((name) => sql.id(name))
  return [
    ...lists.map((name) => sql`alter table ${client} add column ${name} ${json} not null default '[]'`),
    sql`alter table ${client} add column consent text not null default 'explicit'`,
    sql`alter table ${client} add column grants_since ${time}`,
    sql`alter table ${session} add column scope text`,
    sql`alter table ${session} add column resource text`,
  ]
}
