import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { kyselyStores, migrateAuth } from '@auth/kysely'
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely'
import Sqlite from 'libsql'
import { StartError } from '../start-error.js'
import type { Database } from './database.js'
import { reasonOf } from './problem.js'
import { type DemoTables, migrateDemo } from './tables.js'

/** Below the deadline that the SDK has for a store, 2 s: who waits longer is answered 503 by then. */
const busyTimeoutMs = 1500
const switchWaitMs = 20_000

/** Opens the database in the data folder, which several processes may share. @throws StartError */
export async function openSqlite(dataDir: string): Promise<Database> {
  const file = join(resolve(dataDir), 'demo.db')
  try {
    // SQLite gives its files to whoever may read the first: its owner alone.
    await (await open(file, 'a', 0o600)).close()
    const database = new Sqlite(file)
    database.pragma(`busy_timeout = ${busyTimeoutMs}`)
    await useWriteAheadLog(database)
    const db = new Kysely<DemoTables>({ dialect: new SqliteDialect({ database: reusingBegin(database) }) })
    await migrateAuth(db)
    await migrateDemo(db, 'sqlite')
    return { dialect: 'sqlite', label: `SQLite in ${file}`, db, stores: kyselyStores(db), close: () => db.destroy() }
  } catch (error) {
    throw new StartError(`cannot use the database ${file}: ${reasonOf(error)}`)
  }
}

/**
 * libsql leaves a statement that found the file locked half-way until it is used again, and nothing is committed until then.
 * Every write begins with this one, which is therefore kept.
 */
function reusingBegin(database: Sqlite.Database): SqliteDatabase {
  const begin = database.prepare('begin immediate')
  return {
    prepare: (text) => (text === 'begin immediate' ? begin : database.prepare(text)),
    close: () => database.close(),
  }
}

/** The change to a write-ahead log, kept in the file, waits for nobody: whoever comes second has to ask again. */
async function useWriteAheadLog(database: Sqlite.Database): Promise<void> {
  const giveUpAt = performance.now() + switchWaitMs
  for (;;) {
    try {
      database.pragma('journal_mode = wal')
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw error
    }
    await wait(20)
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /SQLITE_BUSY|database is locked/.test(`${Reflect.get(error, 'code')} ${error.message}`)
}
