// One of several processes that do the same at the same time: `racer <url>`. Each message is a task; each answer what it came to.
import { kyselyStores, migrateAuth } from '../../src/index.js'
import { connectTo } from './databases.js'
import { type RaceTask, tasks } from './race-tasks.js'

const db = connectTo(process.argv[2] ?? '')
const racer = { stores: kyselyStores(db, { deadlineMs: 60_000 }), migrate: () => migrateAuth(db) }

process.on('message', async ({ name, ...input }: RaceTask) => {
  process.send?.(await tasks[name]?.(racer, input))
})
process.on('disconnect', () => db.destroy())
process.send?.('ready')
