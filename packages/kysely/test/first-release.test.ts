// A release may meet the tables of the one after it: nodes are replaced one by one. What the first release asks is kept in
// `first-release/`, as it was sent then, and is answered as it was then by whatever tables there are today.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CompiledQuery, sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { databases, type TestDatabase } from './support/databases.js'
import { useEveryMethod } from './support/every-method.js'

interface Kept {
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** What is another at each run. */
const volatile = ['epoch', 'next_place', 'store_time']

describe.each(databases)('the first release on %s', (_, create) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await create()
    await migrateAuth(database.connect())
  })
  afterEach(() => database.remove())

  async function answer({ sql: text, parameters }: Pick<Kept, 'sql' | 'parameters'>): Promise<Kept['rows']> {
    const query = CompiledQuery.raw(text, [...parameters])
    const { rows } = await database.connect({ connections: 1 }).executeQuery<Record<string, unknown>>(query)
    const steady = rows.map((row) => Object.entries(row).filter(([name]) => !volatile.includes(name)))
    return JSON.parse(JSON.stringify(steady.map((row) => Object.fromEntries(row))))
  }

  it('F-44 all that it asks is answered by the newest tables as it was by its own', async () => {
    const file = fileURLToPath(new URL(`first-release/${database.dialect}.json`, import.meta.url))
    if (!existsSync(file)) await record(file)
    const kept: readonly Kept[] = JSON.parse(readFileSync(file, 'utf8'))
    expect(kept.length).toBeGreaterThan(45)
    for (const { rows, ...query } of kept) expect(await answer(query), query.sql).toEqual(rows)
  })

  it('F-44 finds out a change of the tables that the first release does not survive', async () => {
    const file = fileURLToPath(new URL(`first-release/${database.dialect}.json`, import.meta.url))
    const kept: readonly Kept[] = JSON.parse(readFileSync(file, 'utf8'))
    await sql`alter table auth_user rename column name to full_name`.execute(database.connect())
    const [first] = kept
    await expect(answer(first ?? { sql: '', parameters: [] })).rejects.toThrow(/name/)
  })

  /** Writes down what this release asks. Delete the file to have it done, which is right only before a first release. */
  async function record(file: string): Promise<void> {
    const own = await create()
    try {
      await migrateAuth(own.connect())
      const sent: CompiledQuery[] = []
      await useEveryMethod(kyselyStores(own.connect({ log: ({ query }) => void sent.push(query) })))
      const kept: Kept[] = []
      for (const { sql: text, parameters } of sent) {
        kept.push({ sql: text, parameters, rows: await answer({ sql: text, parameters }) })
      }
      writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`)
    } finally {
      await own.remove()
      await database.remove()
      database = await create()
      await migrateAuth(database.connect())
    }
  }
})
