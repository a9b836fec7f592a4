import { execFileSync } from 'node:child_process'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createDeployment, type Deployment, type TestNode } from './support/deployment.js'
import { expectOutage } from './support/outages.js'
import { onSqlite } from './support/storages.js'

describe('SQLite', { timeout: 300_000 }, () => {
  let deployment: Deployment
  let node: TestNode
  beforeAll(async () => {
    deployment = await createDeployment(onSqlite[1])
    node = await deployment.start()
  })
  afterAll(() => deployment.remove())

  it('F-21 that another process writes to for long is 503 where something is to be written, and goes on after', () =>
    expectOutage(
      deployment,
      node,
      async () => {
        const transaction = await deployment.opened.db.startTransaction().execute()
        await sql`update auth_meta set content = content`.execute(transaction)
        return async () => void (await transaction.rollback().execute())
      },
      ['bearer', 'cookie'],
    ))

  it('F-22 on a disk without room is 503 where something is to be written, and goes on when there is some', () =>
    expectOutage(
      deployment,
      node,
      async () => {
        // No file that this process writes may grow beyond its first byte.
        limitFiles(node, '1')
        return () => limitFiles(node, 'unlimited')
      },
      ['bearer', 'cookie'],
    ))
})

function limitFiles({ pid }: TestNode, bytes: string): void {
  execFileSync('prlimit', ['--pid', `${pid}`, `--fsize=${bytes}:unlimited`])
}
