import { expect, it, vi } from 'vitest'
import { openOwn as open } from './support/clients.js'
import { startOwnRedis } from './support/own-redis.js'
import { later, now, revocationOf, rotationOf, session } from './support/samples.js'

async function openUser() {
  const server = await startOwnRedis()
  const { sessions } = open(server.port)
  const userId = crypto.randomUUID()
  const [lasting, ...ending] = Array.from({ length: 5 }, () => session({ userId }))
  if (!lasting) throw new Error('No session')
  for (const each of [lasting, ...ending]) await sessions.insert(each)
  const index = String(([] as unknown[]).concat(await server.ask('KEYS', 'test:user-sessions:*'))[0])
  const noted = async (): Promise<readonly string[]> => {
    const entries = [await server.ask('ZRANGE', index, '0', '-1')].flat().map(String)
    return entries.map((entry) => entry.slice(entry.indexOf(':') + 1)).sort()
  }
  const note = ({ id, createdAt }: typeof lasting): Promise<unknown> =>
    server.ask('ZADD', index, `${Date.now() + 1e6}`, `${createdAt.getTime()}:${id}`)
  const reads = async (): Promise<number> =>
    Number(/cmdstat_hgetall:calls=(\d+)/.exec(String(await server.ask('INFO', 'commandstats')))?.[1])
  const notes = (...left: (typeof lasting)[]): Promise<void> =>
    vi.waitFor(async () => expect(await noted()).toEqual(left.map(({ id }) => id).sort()), { timeout: 10_000, interval: 5 })
  return { sessions, userId, lasting, ending, notes, note, reads }
}

it('a session that ends, however it does, is not read for its user’s list again', async () => {
  const { sessions, userId, lasting, ending, notes, reads } = await openUser()
  const [left, reused, rolledBack, other] = ending
  if (!left || !reused || !rolledBack || !other) throw new Error('No sessions')
  await sessions.revoke(revocationOf(left))
  await sessions.rotate(rotationOf(reused))
  expect((await sessions.rotate(rotationOf(reused))).outcome).toBe('reused')
  expect((await sessions.rotate(rotationOf(rolledBack, { generation: 7 }))).outcome).toBe('rolled_back')
  await notes(lasting, other)
  const before = await reads()
  expect((await sessions.listLive(userId, now)).length).toBe(2)
  expect((await reads()) - before).toBe(2)
  expect(await sessions.revokeAll(userId, null, 'revoked', now)).toBe(2)
  await notes()
})

it('what is still noted of ended sessions, as after a crash, is read once', async () => {
  const { sessions, userId, lasting, ending, notes, note, reads } = await openUser()
  for (const each of ending) await sessions.revoke(revocationOf(each))
  await notes(lasting)
  for (const each of ending) await note(each)
  expect(await sessions.listLive(userId, now)).toEqual([lasting])
  await notes(lasting)
  for (const each of ending) await note(each)
  expect(await sessions.revokeAll(userId, 0, 'revoked', now)).toBe(0)
  await notes(lasting)
  const before = await reads()
  expect(await sessions.listLive(userId, now)).toEqual([lasting])
  expect((await reads()) - before).toBe(1)
})

it('what may live, here or by another clock, or is about to be inserted, stays noted', async () => {
  const { sessions, userId, lasting, ending, notes, note } = await openUser()
  const unborn = session({ userId })
  await note(unborn)
  const justOver = later(lasting.idleExpiresAt, 3599)
  expect(await sessions.listLive(userId, justOver)).toEqual([])
  expect(await sessions.revokeAll(userId, 0, 'revoked', justOver)).toBe(0)
  expect((await sessions.listLive(userId, now)).length).toBe(5)
  await notes(lasting, ...ending, unborn)
  await sessions.insert(unborn)
  expect((await sessions.listLive(userId, now)).length).toBe(6)
  expect(await sessions.listLive(userId, later(justOver, 1))).toEqual([])
  await notes()
})
