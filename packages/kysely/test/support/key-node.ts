// One of several nodes that use API keys at the same time, on the machine's clock: `key-node <url>`. Each message is a task.
import { AuthError } from '@auth/core'
import { kyselyStores } from '../../src/index.js'
import { connectTo } from './databases.js'
import { openRealNode } from './key-app.js'

/** What a node is asked. */
export type KeyTask =
  | { readonly name: 'guard'; readonly key: string; readonly times: number }
  | { readonly name: 'guard-limited'; readonly key: string; readonly times: number }
  | { readonly name: 'create'; readonly userId: string; readonly times: number }
  | { readonly name: 'rotate'; readonly id: string; readonly overlap: number; readonly times: number }
  | { readonly name: 'revoke'; readonly id: string; readonly times: number }
  | { readonly name: 'flush' }

const db = connectTo(process.argv[2] ?? '')
const node = openRealNode(kyselyStores(db))
const limited = openRealNode(kyselyStores(db), { apiKeys: { limits: { quota: { requests: 100, per: '366d' } } } })

/** Answers the outcome of each call. */
async function perform(task: KeyTask): Promise<readonly string[]> {
  switch (task.name) {
    case 'guard':
      return all(task.times, () => node.guard(task.key))
    case 'guard-limited':
      return all(task.times, () => limited.guard(task.key))
    case 'create': {
      const wish = { userId: task.userId, name: 'one more', scopes: [] }
      return all(task.times, () => outcomeOf('created', node.auth.apiKeys.create(wish)))
    }
    case 'rotate':
      return all(task.times, () => outcomeOf('rotated', node.auth.apiKeys.rotate(task.id, { overlap: task.overlap })))
    case 'revoke':
      return all(task.times, async () => String(await node.auth.apiKeys.revoke(task.id)))
    case 'flush':
      await node.auth.apiKeys.flushUses()
      return []
  }
}

async function outcomeOf(done: string, work: Promise<unknown>): Promise<string> {
  try {
    await work
    return done
  } catch (error) {
    if (error instanceof AuthError) return error.code
    throw error
  }
}

function all(times: number, call: () => Promise<string>): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: times }, call))
}

process.on('message', async (task: KeyTask) => {
  process.send?.(await perform(task))
})
process.on('disconnect', () => db.destroy())
await node.auth.ready()
process.send?.('ready')
