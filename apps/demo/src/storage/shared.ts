import type { Kysely } from 'kysely'
import type { DemoTables } from './tables.js'

/** Short texts that all processes on a database agree on. */
export interface Shared {
  /** Keeps the first value it is ever given under a name, and answers the one it keeps. Of N racers all get the same answer. */
  claim(name: string, value: string): Promise<string>
  /** Puts another value in its place. */
  replace(name: string, value: string): Promise<void>
}

/** Makes it over the demo's own table. */
export function createShared(db: Kysely<DemoTables>): Shared {
  return {
    async claim(name, content) {
      // Writing the kept value over itself is what makes the statement answer it, whoever was first.
      const { content: kept } = await db
        .insertInto('demo_deployment')
        .values({ name, content })
        .onConflict((on) =>
          on.column('name').doUpdateSet((excluded) => ({ content: excluded.ref('demo_deployment.content') })),
        )
        .returning('content')
        .executeTakeFirstOrThrow()
      return kept
    },
    async replace(name, content) {
      const change = db.updateTable('demo_deployment').set({ content }).where('name', '=', name)
      await change.execute()
    },
  }
}
