import { randomBytes } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { createPostgres } from '../../../packages/kysely/test/support/databases.js'
import { type OwnRedis, startOwnRedis, until } from '../../../packages/redis/test/support/own-redis.js'
import { createDeployment } from './support/deployment.js'
import { expectOutage } from './support/outages.js'

const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000', appendonly: 'yes', appendfsync: 'always' }

/** Whether a node knows of every other, and that all slots are served. */
async function isWhole(node: OwnRedis): Promise<boolean> {
  const info = String(await node.ask('CLUSTER', 'INFO'))
  return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:2')
}

it('ST-07 F-26 a cluster that has lost a primary is 503, and nobody has lost anything when it is back', async () => {
  const [first, second] = [await startOwnRedis(settings), await startOwnRedis(settings)]
  await first.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '8191')
  await second.ask('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383')
  await second.ask('CLUSTER', 'MEET', '127.0.0.1', `${first.port}`)
  for (const node of [first, second]) await until(() => isWhole(node))
  const database = await createPostgres()
  const storage = { sql: database.url, redis: first.url, isCluster: true, prefix: `lost-${randomBytes(4).toString('hex')}:` }
  const deployment = await createDeployment(async () => ({ storage, remove: () => database.remove() }))
  onTestFinished(() => deployment.remove())
  const node = await deployment.start()
  await expectOutage(deployment, node, async () => {
    await second.kill()
    await until(async () => String(await first.ask('CLUSTER', 'INFO')).includes('cluster_state:fail'))
    return async () => {
      await second.restart()
      for (const each of [first, second]) await until(() => isWhole(each))
    }
  })
  expect(await isWhole(first)).toBe(true)
})
