import { CompiledQuery, type QueryResult } from 'kysely'
import type { AnyKysely } from './database.js'
import { ownMark } from './prepared-statements.js'
import { inTurn } from './turns.js'
import type { Row } from './values.js'

/** Runs one statement on a connection. */
export type Run = (connection: AnyKysely, query: CompiledQuery) => Promise<QueryResult<Row>>

/** Hands out a connection, if one is free in time: until `giveUpAt`, on the clock of `performance.now()`. */
export async function runUntil<Result>(
  db: AnyKysely,
  giveUpAt: number,
  run: (connection: AnyKysely) => Promise<Result>,
): Promise<Result> {
  if (db.isTransaction) return run(db)
  return db.connection().execute(async (connection) => {
    if (performance.now() > giveUpAt) throw new Error('No connection to the database was free in time')
    return run(connection)
  })
}

/** By itself. */
export const plain: Run = (connection, query) => connection.executeQuery<Row>(query)

/**
 * A write to SQLite in a transaction that is seen to commit. One that found the file locked may be left half-way by its
 * driver (libsql does so until the statement is collected), and whatever is then written without a transaction is not
 * committed, though it looks so from here.
 */
export const committed: Run = (connection, query) =>
  connection.isTransaction ? plain(connection, query) : allCommitted(connection, (on) => plain(on, query))

/** The same of several statements, which an application's own transaction keeps all or none of. */
export async function allCommitted<Result>(
  connection: AnyKysely,
  work: (connection: AnyKysely) => Promise<Result>,
): Promise<Result> {
  if (!connection.isTransaction) return inTurn(() => within(connection, alone, work))
  // One after the other: savepoints of one transaction lie within each other, whoever began them.
  const before = nested.get(connection) ?? Promise.resolve()
  const run = before.then(() => within(connection, savepoint, work))
  nested.set(
    connection,
    run.catch(() => undefined),
  )
  return run
}

/** The last of those that began in an application's transaction. */
const nested = new WeakMap<AnyKysely, Promise<unknown>>()

/** The statements around several others. */
interface Brackets {
  readonly begin: CompiledQuery
  readonly commit: CompiledQuery
  readonly undo: readonly CompiledQuery[]
}

async function within<Result>(
  connection: AnyKysely,
  { begin, commit, undo }: Brackets,
  work: (connection: AnyKysely) => Promise<Result>,
): Promise<Result> {
  await connection.executeQuery(begin)
  try {
    const result = await work(connection)
    await connection.executeQuery(commit)
    return result
  } catch (error) {
    // Some errors have undone it already.
    for (const query of undo) await connection.executeQuery(query).catch(() => undefined)
    throw error
  }
}

const alone: Brackets = {
  begin: CompiledQuery.raw('begin immediate'),
  commit: CompiledQuery.raw('commit'),
  undo: [CompiledQuery.raw('rollback')],
}
const savepoint: Brackets = {
  begin: CompiledQuery.raw('savepoint auth_steps'),
  commit: CompiledQuery.raw('release savepoint auth_steps'),
  undo: [CompiledQuery.raw('rollback to savepoint auth_steps'), CompiledQuery.raw('release savepoint auth_steps')],
}

/** A lock, and until when it is waited for. */
export interface NamedLock {
  readonly name: string
  /** On the clock of `performance.now()`. */
  readonly giveUpAt: number
}

/**
 * On Postgres under a lock, which is waited for until `giveUpAt` and in a statement of its own: the next one then looks at
 * the database as it is once the lock is held. That is so under `read committed` alone, whatever the application's default
 * is. The lock ends with the transaction, also when the process dies.
 */
export async function underLock<Result>(
  connection: AnyKysely,
  { name, giveUpAt }: NamedLock,
  work: (connection: AnyKysely) => Promise<Result>,
): Promise<Result> {
  const locked = async (transaction: AnyKysely, lock: CompiledQuery): Promise<Result> => {
    await transaction.executeQuery(lock)
    if (performance.now() > giveUpAt) throw new Error('The lock was not free in time')
    return work(transaction)
  }
  // How long a transaction of the application's own waits for locks is the application's to say.
  if (connection.isTransaction) return locked(connection, CompiledQuery.raw(takeLock, [name]))
  const waitMs = Math.max(1, Math.ceil(giveUpAt - performance.now())) // 0 would be without end.
  const lock = CompiledQuery.raw(takeLockInTime, [name, String(waitMs)])
  return connection
    .transaction()
    .setIsolationLevel('read committed')
    .execute((transaction) => locked(transaction, lock))
}

const takeLock = `${ownMark} select pg_advisory_xact_lock(hashtextextended(cast($1 as text), 0))`
// What stands behind `from` is done first. The limit is the transaction's, and so also that of the statement under the lock.
const takeLockInTime = `${takeLock} from set_config('lock_timeout', cast($2 as text), true)`
