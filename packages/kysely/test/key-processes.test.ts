import type { AuthStores } from '@auth/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { databases, type TestDatabase } from './support/databases.js'
import { fill, makeKey, openNode, type ShownKey, signUp } from './support/key-app.js'
import type { KeyTask } from './support/key-node.js'
import { buildProgram, type TestProcess, type TestProgram } from './support/processes.js'

const processes = 3
const parallel = 10
const rounds = 3
const maxStalenessMs = 5000
const longAgo = new Date(0)

let program: TestProgram
beforeAll(() => {
  program = buildProgram('key-node', 'index')
})
afterAll(() => program.remove())

function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

describe.each(databases)('API keys of several processes on %s', (name, create) => {
  let database: TestDatabase
  let stores: Required<AuthStores>
  let started: readonly TestProcess[] = []
  beforeAll(async () => {
    database = await create()
    await migrateAuth(database.connect())
    stores = kyselyStores(database.connect())
    started = await Promise.all(Array.from({ length: processes }, () => program.start(database.url)))
  })
  afterAll(async () => {
    await Promise.all(started.map((process) => process.end()))
    await database.remove()
  })

  async function newKey(): Promise<ShownKey & { readonly userId: string }> {
    const node = openNode(stores)
    const person = await signUp(node)
    return { ...(await makeKey(node, person)), userId: person.id }
  }

  async function ask(process: TestProcess | undefined, task: KeyTask): Promise<readonly string[]> {
    return (await process?.ask(task)) as readonly string[] // What `key-node` answers.
  }

  async function race(task: KeyTask): Promise<Record<string, number>> {
    return tally((await Promise.all(started.map((process) => ask(process, task)))).flat())
  }

  it('ST-02 rotate one key: one gets the successor, whatever the overlap, and at most two keys are in force', async () => {
    for (let round = 0; round < rounds; round++) {
      const { id, userId } = await newKey()
      const overlap = round % 2 ? 60 : 0
      const outcome = await race({ name: 'rotate', id, overlap, times: parallel })
      expect(outcome).toEqual({ rotated: 1, not_found: processes * parallel - 1 })
      expect(await stores.apiKeys.list(userId)).toHaveLength(2)
    }
  })

  it('ST-02 make keys of one owner: no more than there is room for', async () => {
    const { userId } = await newKey()
    await fill(stores, userId, 999)
    for (let round = 0; round < rounds * 3; round++) {
      const room = 1 + (round % 3)
      for (const { id } of (await stores.apiKeys.list(userId)).slice(0, room)) {
        await stores.apiKeys.revoke(id, userId, longAgo)
        await stores.apiKeys.deleteExpired(new Date(longAgo.getTime() + 1), room)
      }
      const outcome = await race({ name: 'create', userId, times: parallel })
      expect(outcome).toEqual({ created: room, validation_failed: processes * parallel - room })
      expect(await stores.apiKeys.list(userId)).toHaveLength(1000)
    }
  })

  it('AK-04 revoke one key while it is used and rotated: it ends once, and is refused everywhere afterwards', async () => {
    for (let round = 0; round < rounds; round++) {
      const { id, key, userId } = await newKey()
      const [revoked, , rotated] = await Promise.all([
        ask(started[0], { name: 'revoke', id, times: parallel }),
        ask(started[1], { name: 'guard', key, times: parallel }),
        ask(started[2], { name: 'rotate', id, overlap: 0, times: 1 }),
      ])
      expect(tally(revoked).true).toBe(1)
      expect((await stores.apiKeys.find(id))?.revokedAt).not.toBeNull()
      // A rotation that came first made another key, which is its owner's to end.
      expect(await stores.apiKeys.list(userId)).toHaveLength(rotated[0] === 'rotated' ? 2 : 1)
      expect(await ask(started[0], { name: 'guard', key, times: 1 })).toEqual([expect.stringMatching(/^401 /)])
    }
  })

  it('AK-06 count uses of one key: none is lost', async () => {
    const { id, key } = await newKey()
    expect(await race({ name: 'guard', key, times: 100 })).toEqual({ ok: processes * 100 })
    await race({ name: 'flush' })
    expect((await stores.apiKeys.find(id))?.uses).toBe(processes * 100)
  })

  it('use up one quota: together never more than it allows', async () => {
    const { key } = await newKey()
    const outcome = await race({ name: 'guard-limited', key, times: 80 })
    expect(outcome).toEqual({ ok: 100, '429 too_many_attempts': processes * 80 - 100 })
  })

  it('AK-04 a key revoked by one process is refused by another within maxStaleness', async () => {
    const { id, key } = await newKey()
    const [first, second] = started
    expect(await ask(second, { name: 'guard', key, times: 1 })).toEqual(['ok'])
    await ask(first, { name: 'revoke', id, times: 1 })
    expect(await ask(first, { name: 'guard', key, times: 1 })).toEqual(['401 api_key_revoked'])
    const revokedAt = performance.now()
    for (;;) {
      const askedMs = performance.now() - revokedAt
      const [answer] = await ask(second, { name: 'guard', key, times: 1 })
      if (answer === '401 api_key_revoked') {
        console.info(`${name}: a revoked key was refused on another node after ${Math.round(askedMs)} ms`)
        return
      }
      expect(answer).toBe('ok')
      expect(askedMs).toBeLessThanOrEqual(maxStalenessMs)
    }
  })
})
