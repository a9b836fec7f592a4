import { ConfigError } from '@auth/core'
import {
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { describe, expect, it } from 'vitest'
import { type AnyKysely, openDatabase } from './database.js'

type Answer = (query: CompiledQuery) => readonly Record<string, unknown>[]

/** A Kysely whose database answers as the test says. */
function postgres(answer: Answer = () => [], untilFree: () => Promise<unknown> = async () => undefined): AnyKysely {
  const connection: DatabaseConnection = {
    executeQuery: async (query) => ({ rows: answer(query) as never[] }), // Rows of whatever the statement asks for.
    streamQuery: () => expect.fail('nothing is streamed'),
  }
  const driver = Object.assign(new DummyDriver(), { acquireConnection: () => untilFree().then(() => connection) })
  return new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}

const sqlite: AnyKysely = new Kysely({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

const mysql: AnyKysely = new Kysely({
  dialect: {
    createAdapter: () => new MysqlAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new MysqlIntrospector(db),
    createQueryCompiler: () => new MysqlQueryCompiler(),
  },
})

function failing(codes: readonly string[]): { readonly db: AnyKysely; tries(): number } {
  let tries = 0
  const db = postgres(() => {
    const code = codes[tries++]
    if (code !== undefined) throw Object.assign(new Error('refused'), { code })
    return [{ done: 1 }]
  })
  return { db, tries: () => tries }
}

describe('openDatabase', () => {
  it('knows Postgres and SQLite, and refuses every other database', () => {
    expect(openDatabase(postgres(), {}).dialect).toBe('postgres')
    expect(openDatabase(sqlite, {}).dialect).toBe('sqlite')
    expect(() => openDatabase(mysql, {})).toThrow(ConfigError)
  })

  it('F-47 refuses options that fit no table, and names the option', () => {
    const wrong = [
      [postgres(), { tablePrefix: 'a.b' }, 'tablePrefix'],
      [postgres(), { tablePrefix: '"' }, 'tablePrefix'],
      [postgres(), { tablePrefix: 'x'.repeat(25) }, 'tablePrefix'],
      [postgres(), { schema: '' }, 'schema'],
      [postgres(), { schema: 'a\0' }, 'schema'],
      [sqlite, { schema: 'main' }, 'schema'],
      [sqlite, { deadlineMs: -1 }, 'deadlineMs'],
      [postgres(), { deadlineMs: Number.NaN }, 'deadlineMs'],
    ] as const
    for (const [db, options, path] of wrong) {
      expect(() => openDatabase(db, options)).toThrow(
        expect.objectContaining({ problems: [expect.objectContaining({ path })] }),
      )
    }
  })

  it('ST-04 fixes a statement before there is a value: the text is the same for every value, which is bound', async () => {
    const seen: CompiledQuery[] = []
    const db = postgres((query) => {
      seen.push(query)
      return []
    })
    const statement = openDatabase(db, {}).statement({ id: 'text' }, ({ id }) => sql`select ${id}, ${id}`)
    for (const id of ["'; drop table auth_user; --", '$1', '"', 'a']) await statement({ id })
    expect(new Set(seen.map((query) => query.sql)).size).toBe(1)
    expect(seen[0]?.parameters).toEqual(["'; drop table auth_user; --", "'; drop table auth_user; --"])
    expect(seen[0]?.sql).not.toContain('drop')
  })

  it('F-09 runs again what concurrent transactions undid, until its time is over', async () => {
    const seven = failing(['40001', '40P01', '40001', '40001', '40P01', '40001', '40001'])
    const again = openDatabase(seven.db, { deadlineMs: 60_000 }).statement({}, () => sql`select 1`)
    expect(await again({})).toEqual([{ done: 1 }])
    expect(seven.tries()).toBe(8)

    const deadlineMs = 20
    const always = failing(Array.from({ length: 1_000_000 }, () => '40001'))
    const never = openDatabase(always.db, { deadlineMs }).statement({}, () => sql`select 1`)
    const since = performance.now()
    await expect(never({})).rejects.toThrow(/refused|No connection/)
    expect(performance.now() - since).toBeGreaterThanOrEqual(deadlineMs)
    expect(always.tries()).toBeGreaterThan(1)
  })

  it('runs nothing again that failed otherwise', async () => {
    const broken = failing(['23505'])
    const once = openDatabase(broken.db, {}).statement({}, () => sql`select 1`)
    await expect(once({})).rejects.toThrow('refused')
    expect(broken.tries()).toBe(1)
  })

  it('F-06 ST-05 does not send a statement for which no connection was free in time', async () => {
    const sent: string[] = []
    const deadlineMs = 10
    const busy = async (): Promise<void> => {
      const since = performance.now()
      while (performance.now() - since <= deadlineMs) await new Promise((resolve) => setImmediate(resolve))
    }
    const answer: Answer = ({ sql: text }) => {
      sent.push(text)
      return []
    }
    const late = openDatabase(postgres(answer, busy), { deadlineMs }).statement({}, () => sql`select 1`)
    await expect(late({})).rejects.toThrow('No connection')
    expect(sent).toEqual([])
    const patient = openDatabase(postgres(answer, busy), { deadlineMs: 60_000 }).statement({}, () => sql`select 1`)
    await patient({})
    expect(sent).toHaveLength(1)
  })

  it('F-07 never repeats a statement whose outcome is not known', async () => {
    for (const code of ['57P01', 'ECONNRESET', '08006', '25006', 'SQLITE_BUSY']) {
      const broken = failing([code])
      const statement = openDatabase(broken.db, {}).statement({}, () => sql`select 1`)
      await expect(statement({})).rejects.toThrow('refused')
      expect(broken.tries()).toBe(1)
    }
  })
})
