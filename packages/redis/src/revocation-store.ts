import { randomBytes } from 'node:crypto'
import type { RevocationEntry, RevocationStore, RevocationTarget } from '@auth/core'
import type { Database } from './database.js'
import { decodeText, encodeText, encodeTime } from './fields.js'
import { appendEntry, deleteEntries, readEntries } from './revocation-scripts.js'
import { type Reply, toList, toText } from './scripts.js'
import { createWakeUps, type RedisSubscriber } from './wake-ups.js'

const cursorPattern = /^([\w-]{12}):(\d{1,16}):([\w-]{12})$/

/** How many entries one script removes. */
const batch = 1000

/**
 * Keeps the revocation feed in Redis: a stream whose ids count up, in one slot. A cursor names the feed, the last entry
 * and that entry's own random mark, so that a feed that was lost, restored or taken over by a replica that lacked some
 * of it is noticed, also once it has grown past the cursor again.
 */
export function createRevocationStore(
  { scripts, keys, deployment }: Database,
  subscriber: RedisSubscriber | undefined,
): RevocationStore {
  const feed = (kind: string): string => keys.single('revocations', kind)
  const feedKeys = [feed('feed'), feed('feed-log'), feed('feed-ids'), feed('feed-ends')] as const
  const channel = feed('feed-channel')

  return {
    deployment,
    subscribe: createWakeUps(channel, subscriber),
    async append({ id, target, expiresAt }) {
      const args = [randomMark(), channel, encodeText(id), encodeTime(expiresAt), JSON.stringify(target)]
      await scripts.run(appendEntry, feedKeys, args, { isReplicated: true })
    },
    async read(cursor, now) {
      const [, epoch = '', last = '0', mark = ''] = cursorPattern.exec(cursor ?? '') ?? []
      const { reply, at } = await scripts.run(readEntries, feedKeys, [randomMark(), epoch, last, mark])
      const [whole, next, entries = []] = toList(reply)
      const page = toList(entries).map(toEntry)
      return {
        entries: page.filter(({ expiresAt }) => expiresAt > now),
        cursor: toText(next),
        whole: whole === '1',
        storeTime: new Date(at),
      }
    },
    async deleteExpired(before, limit) {
      let deleted = 0
      while (deleted < limit) {
        const most = Math.min(limit - deleted, batch)
        const { reply } = await scripts.run(deleteEntries, feedKeys, [randomMark(), `(${encodeTime(before)}`, `${most}`])
        deleted += Number(reply)
        if (Number(reply) < most) break
      }
      return deleted
    },
  }
}

function randomMark(): string {
  return randomBytes(9).toString('base64url')
}

function toEntry(reply: Reply): RevocationEntry {
  const [id, expiresAt, target] = toList(reply).map(toText)
  if (id === undefined || expiresAt === undefined) throw new Error('Redis gave no revocation')
  return { id: decodeText(id), target: toTarget(JSON.parse(target ?? 'null')), expiresAt: new Date(Number(expiresAt)) }
}

const kinds = ['session', 'jti', 'apiKey', 'client', 'kid'] as const

function toTarget(stored: unknown): RevocationTarget {
  const fields = new Map(Object.entries(stored ?? {}))
  const [user, minVersion] = [fields.get('user'), fields.get('minVersion')]
  if (typeof user === 'string' && Number.isSafeInteger(minVersion)) return { user, minVersion: Number(minVersion) }
  for (const kind of kinds) {
    const id = fields.get(kind)
    if (typeof id === 'string') return { [kind]: id } as RevocationTarget // Of one of the kinds that hold an id alone.
  }
  throw new Error('Redis holds a revocation of a kind that is not known here')
}
