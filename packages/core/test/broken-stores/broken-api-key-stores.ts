import type { ApiKeyRecord, ApiKeyStore } from '../../src/api-keys/index.js'
import { memoryApiKeyStore } from '../../src/memory/api-key-store.js'
import { apiKeyStoreSuite } from '../../src/testing/index.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { commonFlaws, housekeepingFlaws } from './common-flaws.js'

type Flawed = (store: ApiKeyStore, rows: Map<string, ApiKeyRecord>) => Partial<ApiKeyStore>

/** A memory store with some methods replaced by flawed ones, which get at its rows. */
function broken(flaw: string, breaks: string, flawed: Flawed): BrokenStore<ApiKeyStore> {
  const make = (): ApiKeyStore => {
    const rows = new Map<string, ApiKeyRecord>()
    const store = memoryApiKeyStore(null, rows)
    return { ...store, ...flawed(store, rows) }
  }
  return { flaw, breaks, make }
}

const newest = 'list: the owner’s keys, dead or alive, newest first'
const most = 'list: at most 1,000, the newest'
const limits = 'ST-02 insert: adds none to an owner who has `limit` keys, dead ones included'
const limitsRacers = 'ST-02 insert: of racers for one owner no more get in than `limit` leaves room for'
const adds = 'rotate: adds the successor and shortens the old key’s life, never lengthens it'
const refuses = 'ST-06 rotate: says why it refuses, by the `now` passed in, and changes nothing'
const once = 'ST-02 rotate: of N racers one gets rotated, the others replaced, also without overlap'
const outlasts = 'revoke: once it resolved, no rotation on the way has brought the key back'
const outlastsAll = 'revokeAll: once it resolved, no rotation on the way has kept a key'
const revokes = 'revoke: true once, for the owner’s own key only, and the first end stands'
const revokesAll = 'revokeAll: ends all keys of an owner, and answers how many'
const uses = 'recordUses: adds uses up and moves `lastUsedAt` forward, never back'
const noUseLost = 'recordUses: no use is lost in a race, nor the end of a key'

const keeping: readonly BrokenStore<ApiKeyStore>[] = [
  broken('keeps keys in a plain object', 'ST-01 find: null for what was never inserted, whatever text it is', (store) => ({
    find: async (id) => (id in {} ? ({} as ApiKeyRecord) : store.find(id)),
  })),
  broken('finds the dead absent', 'ST-01 find: gives back every field as it was inserted, dead or alive', (store) => ({
    find: async (id) => {
      const key = await store.find(id)
      return key?.revokedAt ? null : key
    },
  })),
  broken(
    'takes no networks for any network',
    'ST-01 find: gives back every field as it was inserted, dead or alive',
    (store) => ({
      insert: (key, limit) => store.insert({ ...key, allowedIps: key.allowedIps?.length ? key.allowedIps : null }, limit),
    }),
  ),
  broken('overwrites', 'ST-02 insert: says where the id exists, and never overwrites', (_, rows) => ({
    insert: async (key) => {
      rows.set(key.id, structuredClone(key))
      return 'inserted'
    },
  })),
  broken('looks an id up before it inserts', 'ST-02 insert: of racers with one id exactly one gets inserted', (_, rows) => ({
    insert: async (key) => {
      if (rows.has(key.id)) return 'exists'
      await gap()
      rows.set(key.id, structuredClone(key))
      return 'inserted'
    },
  })),
  broken('lists the oldest first', newest, (store) => ({
    list: async (userId) => [...(await store.list(userId))].reverse(),
  })),
  broken('lists the living only', newest, (store) => ({
    list: async (userId) => (await store.list(userId)).filter(({ revokedAt }) => revokedAt === null),
  })),
  broken('lists without end', most, (_, rows) => ({
    list: async (userId) =>
      [...rows.values()]
        .filter((key) => key.userId === userId)
        .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime()),
  })),
  broken('records the last use alone', uses, (store) => ({
    recordUses: async (given) => store.recordUses([...new Map(given.map((each) => [each.id, each])).values()]),
  })),
  broken('moves the last use back', uses, (store, rows) => ({
    recordUses: async (given) => {
      await store.recordUses(given)
      for (const { id, lastUsedAt } of given) {
        const key = rows.get(id)
        if (key) rows.set(id, { ...key, lastUsedAt })
      }
    },
  })),
  broken('fails where a key is gone', uses, (store, rows) => ({
    recordUses: async (given) => {
      if (given.some(({ id }) => !rows.has(id))) throw new Error('no such key')
      await store.recordUses(given)
    },
  })),
  broken('reads before it records', noUseLost, (store, rows) => ({
    recordUses: async (given) => {
      const keys = await Promise.all(given.map(({ id }) => store.find(id)))
      await gap()
      for (const key of keys) if (key) rows.set(key.id, key)
      await store.recordUses(given)
    },
  })),
]

/** How many keys are counted, of those that a store holds. */
type Counted = (key: ApiKeyRecord, inserted: ApiKeyRecord) => boolean

/** A store that counts other keys than the owner's, dead or alive. */
function counting(counted: Counted): Flawed {
  return (store, rows) => ({
    insert: async (key, limit = Number.POSITIVE_INFINITY) => {
      const count = [...rows.values()].filter((each) => counted(each, key)).length
      return count >= limit && !rows.has(key.id) ? 'limit' : store.insert(key)
    },
  })
}

const limiting: readonly BrokenStore<ApiKeyStore>[] = [
  broken('heeds no limit', limits, (store) => ({ insert: (key) => store.insert(key) })),
  broken('takes one key more than the limit', limits, (store) => ({
    insert: (key, limit) => store.insert(key, limit === undefined ? limit : limit + 1),
  })),
  broken(
    'counts the living alone',
    limits,
    counting((each, { userId }) => each.userId === userId && !each.revokedAt),
  ),
  broken(
    'counts the keys of everybody',
    limits,
    counting(() => true),
  ),
  broken('says that the limit is reached of a key that is there', limits, (store) => ({
    insert: async (key, limit) => {
      const outcome = await store.insert(key, limit)
      return outcome === 'exists' && limit !== undefined ? 'limit' : outcome
    },
  })),
  broken('counts the keys first, and adds one then', limitsRacers, (store) => ({
    insert: async (key, limit = Number.POSITIVE_INFINITY) => {
      if ((await store.list(key.userId)).length >= limit) return 'limit'
      await gap()
      return store.insert(key)
    },
  })),
  broken('adds a key first, and takes back what is too much', limitsRacers, (store, rows) => ({
    insert: async (key, limit = Number.POSITIVE_INFINITY) => {
      const outcome = await store.insert(key)
      await gap()
      if (outcome !== 'inserted' || (await store.list(key.userId)).length <= limit) return outcome
      rows.delete(key.id)
      return 'limit'
    },
  })),
]

const rotating: readonly BrokenStore<ApiKeyStore>[] = [
  broken('lengthens the old key’s life', adds, (store, rows) => ({
    rotate: async (rotation) => {
      const outcome = await store.rotate(rotation)
      const key = rows.get(rotation.id)
      if (key && outcome === 'rotated') rows.set(key.id, { ...key, expiresAt: rotation.validUntil })
      return outcome
    },
  })),
  broken('adds a successor even where it refuses', refuses, (store) => ({
    rotate: async (rotation) => {
      const outcome = await store.rotate(rotation)
      if (outcome !== 'rotated') await store.insert(rotation.successor)
      return outcome
    },
  })),
  broken('rotates anybody’s key', refuses, (store, rows) => ({
    rotate: (rotation) => store.rotate({ ...rotation, userId: rows.get(rotation.id)?.userId ?? '' }),
  })),
  broken(
    'overwrites a key with the successor',
    'rotate: never overwrites a key that has the successor’s id',
    (store, rows) => ({
      rotate: async (rotation) => {
        if (rows.has(rotation.successor.id)) rows.delete(rotation.successor.id)
        return store.rotate(rotation)
      },
    }),
  ),
  broken('reads before it rotates', once, (store, rows) => ({
    rotate: async (rotation) => {
      const key = await store.find(rotation.id)
      await gap()
      if (key && rows.get(key.id)?.replacedBy !== key.replacedBy) rows.set(key.id, key)
      return store.rotate(rotation)
    },
  })),
  broken('says expired of what was replaced without overlap', once, (store, rows) => ({
    rotate: async (rotation) => {
      const { expiresAt = null } = rows.get(rotation.id) ?? {}
      const outcome = await store.rotate(rotation)
      return outcome === 'replaced' && expiresAt && expiresAt <= rotation.now ? 'expired' : outcome
    },
  })),
]

const revoking: readonly BrokenStore<ApiKeyStore>[] = [
  broken('revokes anybody’s key', revokes, (store, rows) => ({
    revoke: (id, _, now) => store.revoke(id, rows.get(id)?.userId ?? '', now),
  })),
  broken('moves the end of a revoked key', revokes, (store, rows) => ({
    revoke: async (id, userId, now) => {
      const isRevoked = await store.revoke(id, userId, now)
      const key = rows.get(id)
      if (key?.userId === userId) rows.set(id, { ...key, revokedAt: now })
      return isRevoked
    },
  })),
  broken('tells every racer that it revoked the key', 'ST-02 revoke: of racers exactly one gets true', (store) => ({
    revoke: async (id, userId, now) => {
      const key = await store.find(id)
      await gap()
      await store.revoke(id, userId, now)
      return key?.userId === userId && key.revokedAt === null
    },
  })),
  broken('counts what had ended before', revokesAll, (store) => ({
    revokeAll: async (userId, now) => {
      await store.revokeAll(userId, now)
      return (await store.list(userId)).length
    },
  })),
  broken('ends the keys it read, but not what they were rotated to', outlastsAll, (store, rows) => ({
    revokeAll: async (userId, now) => {
      const keys = [...rows.values()].filter((key) => key.userId === userId && key.revokedAt === null)
      await gap()
      const ended = await Promise.all(keys.map(({ id }) => store.revoke(id, userId, now)))
      return ended.filter(Boolean).length
    },
  })),
  broken('writes the whole row when it rotates', outlasts, (store, rows) => ({
    rotate: async (rotation) => {
      const key = await store.find(rotation.id)
      await gap()
      if (key) rows.set(key.id, key)
      return store.rotate(rotation)
    },
  })),
]

/** API key stores with one flaw each. */
export const brokenApiKeyStores: BrokenStores = {
  name: 'apiKeys',
  suite: apiKeyStoreSuite,
  stores: [
    ...commonFlaws(memoryApiKeyStore, {
      keepsRecords: 'ST-01 find: gives back every field as it was inserted, dead or alive',
      keepsTexts: 'ST-01 keeps hostile texts unchanged',
      keepsCopies: 'ST-01 keeps copies: changing what was passed in or given out changes nothing',
      tellsApart: 'ST-01 takes ids and owners that look alike for different ones',
      judgesByNow: refuses,
    }),
    ...housekeepingFlaws(memoryApiKeyStore),
    ...keeping,
    ...limiting,
    ...rotating,
    ...revoking,
  ],
}
