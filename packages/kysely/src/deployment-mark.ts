import type { DeploymentMark } from '@auth/core'
import { sql } from 'kysely'
import type { Database } from './database.js'
import { textOf } from './values.js'

/** The mark of a database. */
export function createDeploymentMark(database: Database): DeploymentMark {
  const meta = database.table('auth_meta')
  // Writing the kept value over itself is what makes the statement answer it, whoever was first.
  const claim = database.statement(
    { name: 'text', value: 'text' },
    ({ name, value }) => sql`
      insert into ${meta} as meta (name, content) values (${name}, ${value})
      on conflict (name) do update set content = meta.content returning content`,
  )
  return {
    async claim(name, value) {
      const [row] = await claim({ name, value })
      return textOf('auth_meta.content', row?.content)
    },
  }
}
