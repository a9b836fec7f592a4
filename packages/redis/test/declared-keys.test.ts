import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { openOwn } from './support/clients.js'
import { startOwnRedis } from './support/own-redis.js'
import { entry, later, now, revocationOf, rotationOf, session, ticket } from './support/samples.js'

/** Every method, so that every script runs. */
async function useEveryMethod({ sessions, tickets, attempts, revocations }: ReturnType<typeof openOwn>): Promise<void> {
  const [first, second, link] = [session(), session(), ticket()]
  for (const each of [first, second]) await sessions.insert(each)
  await sessions.find(first.id)
  await sessions.rotate(rotationOf(first, { successor: { digest: second.currentDigest, sealed: 'sealed' } }))
  await sessions.touch(first.id, now, later(now, 60))
  await sessions.swapEpoch({ id: first.id, fromEpoch: first.epoch, toEpoch: 9, now })
  await sessions.listLive(first.userId, now)
  await sessions.revoke(revocationOf(first))
  await sessions.revoke(revocationOf(session()))
  await sessions.revokeAll(second.userId, null, 'revoked', now)
  await tickets.insert(link)
  await tickets.find(link.digest, link.purpose, now)
  await tickets.consume({ ...link, now })
  await tickets.revokeAll(link.purpose, link.userId ?? 'user')
  for (const slot of ['a', 'b']) await attempts.take({ key: 'key', slot, now, expiresAt: later(now, 60) })
  await attempts.settle('key', 'a', new Date())
  await attempts.giveBack('key', 'a')
  await attempts.find('key', now)
  await attempts.clear('key')
  await revocations.append(entry())
  await revocations.read((await revocations.read(null, now)).cursor, now)
  await sessions.deployment?.claim('name', 'value')
  const end = later(now, 1e9)
  await sessions.eraseSuccessors(end, 10)
  for (const store of [sessions, tickets, attempts, revocations]) await store.deleteExpired(end, 10)
}

it('ST-07 no script touches a key that was not declared with the call, and all of a call lie in one slot', async () => {
  const server = await startOwnRedis()
  const watcher = new Redis(server.port)
  onTestFinished(() => watcher.disconnect())
  const stores = openOwn(server.port)
  // Connected before anybody listens: a greeting that is overheard right after `MONITOR` is more than the driver can take.
  await Promise.all([watcher.ping(), stores.sessions.find('nobody')])
  const monitor = await watcher.monitor()
  onTestFinished(() => monitor.disconnect())
  let declared: ReadonlySet<string> = new Set()
  const scripts = new Set<string>()
  const [undeclared, spread]: [string[], string[]] = [[], []]
  const touched = new Set<string>()
  const ended = new Promise<void>((resolve) => {
    monitor.on('monitor', (_time: string, args: readonly string[], source: string) => {
      const [command = '', ...rest] = args
      if (command.toUpperCase() === 'ECHO') return resolve()
      if (/^EVAL/i.test(command)) {
        const keys = rest.slice(2, 2 + Number(rest[1]))
        declared = new Set(keys)
        scripts.add(rest[0] ?? '')
        if (new Set(keys.map((key) => /\{(.*?)\}/.exec(key)?.[1])).size > 1) spread.push(keys.join(' '))
      } else if (source === 'lua' && command.toUpperCase() !== 'PUBLISH') {
        // A channel is no key.
        for (const key of rest.filter((arg) => arg.startsWith('test:'))) {
          touched.add(key)
          if (!declared.has(key)) undeclared.push(`${command} ${key}`)
        }
      }
    })
  })
  await useEveryMethod(stores)
  await watcher.echo('the end')
  await ended
  expect({ undeclared, spread }).toEqual({ undeclared: [], spread: [] })
  expect(scripts.size).toBeGreaterThan(15)
  expect(touched.size).toBeGreaterThan(10)
})
