import { ConfigError, type ConfigProblem } from '@auth/core'
import { CompiledQuery, type Kysely, type QueryResult, type RawBuilder, sql } from 'kysely'
import { boundValue, findDialect } from './dialect.js'
import { ownMark } from './prepared-statements.js'
import { allCommitted, committed, plain, runUntil, underLock } from './run-statement.js'
import { type Dialect, encodeValue, type Given, type Kind, type Kinds, type Row } from './values.js'

// biome-ignore lint/suspicious/noExplicitAny: whatever tables an application declares, its Kysely fits; none is used here.
export type AnyKysely = Kysely<any>

/** Where the tables are. */
export interface TableOptions {
  /** Put before every table's name: letters, digits and underscores, at most 24. Default: nothing. */
  readonly tablePrefix?: string
  /** The Postgres schema of the tables. Default: the first one on the connection's search path. SQLite has none. */
  readonly schema?: string
}

/** How long statements may wait. */
export interface DeadlineOptions {
  /**
   * How long a statement may wait for a connection, in milliseconds; one that gets none until then is never sent. Default 1,000.
   * With Postgres's `statement_timeout` it stays below the 2 seconds that the core waits, so that nothing happens after a
   * request was refused.
   */
  readonly deadlineMs?: number
}

/** A piece of SQL. */
export type Fragment = RawBuilder<unknown>

/**
 * Runs one statement with a value for each of its names. Under a lock, those under the same one run one after another,
 * each seeing what those before it left: Postgres holds it for a transaction around the statement, SQLite has one
 * writer at a time anyway.
 */
export interface Statement<Named extends Kinds> {
  (given: Given<Named>, lock?: string): Promise<readonly Row[]>
  /** The same as one step of several that are done as one: see `Database.asOne`. */
  readonly step: (given: Given<Named>) => Step
}

/** A statement with its values. */
export type Step = CompiledQuery

/** The application's database as the stores see it. */
export interface Database {
  readonly dialect: Dialect
  /** A table's name with its prefix, as the catalogue knows it. */
  nameOf(table: string): string
  /** A table's name as statements write it: quoted, with prefix and schema. */
  table(table: string): Fragment
  /** The fragment for this dialect. */
  pick(fragments: { readonly postgres: Fragment; readonly sqlite: Fragment }): Fragment
  /**
   * Prepares a statement. Its text is fixed here, before there is any value to put into it: values are only ever bound.
   * One that lost against concurrent ones has done nothing and is run again, three times in all. One whose turn comes too
   * late, because every connection was taken or its lock was, is not run: nobody waits for it any more.
   */
  statement<const Named extends Kinds>(
    kinds: Named,
    build: (names: { readonly [Name in keyof Named]: Fragment }) => Fragment,
  ): Statement<Named>
  /**
   * Runs steps as one, under a lock as a statement's: nobody sees some of them without the others. Whatever `work` has
   * done when it resolves is committed: what must not stay it takes back itself. It waits for nothing but its steps.
   */
  asOne<Result>(lock: string, work: (run: (step: Step) => Promise<readonly Row[]>) => Promise<Result>): Promise<Result>
}

/** What stands in a prepared statement for a value. */
interface Binding {
  readonly name: string
  readonly kind: Kind
}

const longestPrefix = 24
const defaultDeadlineMs = 1000

/** Opens the application's database for the stores. Its plugins have no say here: names and values stay as written. @throws ConfigError */
export function openDatabase(given: AnyKysely, options: TableOptions & DeadlineOptions): Database {
  const db = given.withoutPlugins()
  const dialect = findDialect(db)
  const { tablePrefix = '', schema, deadlineMs } = checkOptions(options, dialect)
  const nameOf = (table: string): string => `${tablePrefix}${table}`
  return {
    dialect,
    nameOf,
    table: (table) => (schema === undefined ? sql.id(nameOf(table)) : sql.id(schema, nameOf(table))),
    pick: (fragments) => fragments[dialect],
    statement(kinds, build) {
      const names = Object.entries(kinds).map(([name, kind]) => [name, boundValue(dialect, kind, { name, kind })])
      const statement = build(Object.fromEntries(names)) // The names of `kinds`.
      const { sql: written, parameters } = statement.compile(db)
      const text = dialect === 'postgres' ? `${ownMark} ${written}` : written
      const bindings = parameters as readonly Binding[] // Nothing else is bound.
      const usual = dialect === 'sqlite' && !text.trimStart().startsWith('select') ? committed : plain
      const step = (given: Given<typeof kinds>): Step =>
        CompiledQuery.raw(
          text,
          bindings.map(({ name, kind }) => encodeValue(kind, given[name], dialect)),
        )
      const run = async (given: Given<typeof kinds>, lock?: string): Promise<readonly Row[]> => {
        const query = step(given)
        const giveUpAt = performance.now() + deadlineMs
        const held = dialect === 'postgres' && lock !== undefined
        const work = (connection: AnyKysely): Promise<QueryResult<Row>> => {
          if (!held) return usual(connection, query)
          return underLock(connection, { name: nameOf(lock), giveUpAt }, (on) => plain(on, query))
        }
        return (await again(giveUpAt, () => runUntil(db, giveUpAt, work))).rows
      }
      return Object.assign(run, { step })
    },
    asOne(lock, work) {
      const giveUpAt = performance.now() + deadlineMs
      const on = (connection: AnyKysely) => work(async (step) => (await plain(connection, step)).rows)
      return again(giveUpAt, () =>
        runUntil(db, giveUpAt, (connection) =>
          dialect === 'postgres'
            ? underLock(connection, { name: nameOf(lock), giveUpAt }, on)
            : allCommitted(connection, on),
        ),
      )
    },
  }
}

function checkOptions(
  { tablePrefix = '', schema, deadlineMs = defaultDeadlineMs }: TableOptions & DeadlineOptions,
  dialect: Dialect,
): TableOptions & Required<DeadlineOptions> {
  const problems: ConfigProblem[] = []
  if (!Number.isSafeInteger(deadlineMs) || deadlineMs < 0)
    problems.push({ path: 'deadlineMs', message: 'must be a whole number, 0 or more' })
  if (!/^\w*$/.test(tablePrefix) || tablePrefix.length > longestPrefix) {
    const message = `must be letters, digits and underscores, at most ${longestPrefix}`
    problems.push({ path: 'tablePrefix', message })
  }
  if (schema !== undefined && dialect === 'sqlite') problems.push({ path: 'schema', message: 'is for Postgres alone' })
  if (schema === '' || schema?.includes('\0')) problems.push({ path: 'schema', message: 'must be the name of a schema' })
  if (problems.length > 0) throw new ConfigError(problems)
  return { tablePrefix, deadlineMs, ...(schema === undefined ? {} : { schema }) }
}

/** Runs what Postgres undid for the sake of a concurrent transaction again, while there is time: each try that loses lets another win. */
async function again<Result>(giveUpAt: number, run: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await run()
    } catch (error) {
      if (!isConflict(error) || performance.now() >= giveUpAt) throw error
    }
  }
}

/** A serialization failure or a deadlock: both undo the whole statement. */
function isConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01')
}
