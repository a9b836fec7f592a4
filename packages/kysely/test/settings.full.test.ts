import { storeConformance } from '@auth/core/testing'
import { CamelCasePlugin } from 'kysely'
import pg from 'pg'
import * as vitest from 'vitest'
import { kyselyStores, migrateAuth, type TableOptions } from '../src/index.js'
import { type ConnectSettings, connectTo, createPostgres, createSqlite, type TestDatabase } from './support/databases.js'

/** An application's own settings, under which everything holds as well. */
interface Setting {
  readonly name: string
  readonly create: () => Promise<TestDatabase>
  readonly options?: TableOptions
  readonly connect: ConnectSettings
}

/** Parsers of an application that makes times and JSON what it likes, and 64-bit integers bigints. */
const types: pg.CustomTypesConfig = {
  getTypeParser(type, format) {
    if (type === pg.types.builtins.INT8) return BigInt
    const isOwn = [pg.types.builtins.TIMESTAMPTZ, pg.types.builtins.JSON, pg.types.builtins.JSONB].includes(type)
    return isOwn ? () => Symbol('its own') : pg.types.getTypeParser(type, format)
  },
}

const settings: readonly Setting[] = [
  {
    name: 'Postgres with a prefix, a schema, a plugin that renames columns, parsers and habits of its own',
    create: createPostgres,
    options: { tablePrefix: 'Shop_', schema: 'my "auth" schema.v1' },
    connect: {
      plugins: [new CamelCasePlugin()],
      session: '-c timezone=Asia/Kathmandu -c datestyle=German -c intervalstyle=sql_standard -c extra_float_digits=-10',
      types,
    },
  },
  {
    name: 'Postgres under repeatable read',
    create: createPostgres,
    connect: { session: '-c default_transaction_isolation=repeatable\\ read' },
  },
  { name: 'Postgres with prepared statements', create: createPostgres, connect: { prepares: true } },
  {
    name: 'SQLite with a prefix, a plugin that renames columns, and bigints',
    create: createSqlite,
    options: { tablePrefix: 'Shop_' },
    connect: { plugins: [new CamelCasePlugin()], bigints: true },
  },
]
for (const { name, create, options = {}, connect } of settings) {
  vitest.describe(name, () => {
    let database: TestDatabase
    vitest.beforeAll(async () => {
      database = await create()
      await migrateAuth(database.connect(connect), options)
    })
    vitest.afterAll(() => database.remove())

    storeConformance(
      vitest,
      async () => {
        const db = connectTo(database.url, connect)
        return { stores: kyselyStores(db, { ...options, deadlineMs: 60_000 }), close: () => db.destroy() }
      },
      { rounds: 2, concurrency: 4 },
    )
  })
}
