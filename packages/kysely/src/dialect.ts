import { ConfigError } from '@auth/core'
import { sql } from 'kysely'
import type { AnyKysely, Fragment } from './database.js'
import type { Dialect, Kind } from './values.js'

/**
 * Finds out what a Kysely writes SQL for, by the way it quotes a name and binds a value: classes and their names tell
 * nothing where a driver brings a Kysely or a dialect of its own.
 * @throws ConfigError
 */
export function findDialect(db: AnyKysely): Dialect {
  const written = sql`${sql.id('a')} = ${1}`.compile(db).sql
  if (written === '"a" = $1') return 'postgres'
  if (written === '"a" = ?') return 'sqlite'
  throw new ConfigError([{ path: 'db', message: 'must be a Kysely for Postgres or SQLite' }])
}

const postgresTypes: { readonly [K in Kind]: string } = {
  text: 'text',
  time: 'timestamptz',
  integer: 'int8',
  list: 'jsonb',
  json: 'jsonb',
}

/** A bound value of a kind. It names its type, so that nothing depends on what a driver or a database would guess. */
export function boundValue(dialect: Dialect, kind: Kind, value: unknown): Fragment {
  const bound = sql.val(value)
  if (dialect === 'sqlite') return kind === 'time' || kind === 'integer' ? sql`cast(${bound} as integer)` : bound
  const type = sql.raw(postgresTypes[kind])
  // As text first: some drivers encode whatever Postgres asks for as JSON once more.
  return kind === 'list' || kind === 'json' ? sql`cast(cast(${bound} as text) as ${type})` : sql`cast(${bound} as ${type})`
}

/** How a column is read, so that nothing depends on how a driver is set up to parse times and JSON. */
export function readColumn(dialect: Dialect, kind: Kind, column: Fragment): Fragment {
  if (dialect === 'sqlite') return column
  if (kind === 'time') return sql`cast(date_part('epoch', ${column}) * 1000 as int8)`
  return kind === 'list' || kind === 'json' ? sql`cast(${column} as text)` : column
}
