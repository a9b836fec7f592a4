import type { RaisedVersions, UserRecord, UserRevocation, UserStore } from '../../src/accounts/index.js'
import { memoryUserStore } from '../../src/memory/user-store.js'
import { userStoreSuite } from '../../src/testing/index.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { commonFlaws } from './common-flaws.js'

type Flawed = (store: UserStore, rows: Map<string, UserRecord>) => Partial<UserStore>

/** A memory store with some methods replaced by flawed ones, which get at its rows. */
function broken(flaw: string, breaks: string, flawed: Flawed): BrokenStore<UserStore> {
  const make = (): UserStore => {
    const rows = new Map<string, UserRecord>()
    const store = memoryUserStore(null, rows)
    return { ...store, ...flawed(store, rows) }
  }
  return { flaw, breaks, make }
}

function raised({ sessionEpoch, accessVersion }: UserRecord, { ends }: UserRevocation): Omit<RaisedVersions, 'announced'> {
  return { sessionEpoch: sessionEpoch + (ends === 'sessions' ? 1 : 0), accessVersion: accessVersion + 1 }
}

const unknown = 'ST-01 find, findByEmailKey: null for what was never inserted, whatever text it is'
const addresses = 'ST-01 takes canonical addresses that look alike for different ones'
const unique = 'ST-02 insert: false where the id or the address exists, and nothing changes'
const swaps = 'swapPasswordHash: replaces the hash while it is still `from`, and nothing else'
const refuses = 'revoke: null where there is no such user or an expectation fails, and nothing changes'
const announces = 'revoke: `announced` is true only where the feed has the entry, and a refused change announces nothing'
const deletes = 'delete: true once, and the address is free at once'

const reading: readonly BrokenStore<UserStore>[] = [
  broken('answers undefined for absent', unknown, (store) => ({
    find: async (id) => (await store.find(id)) ?? (undefined as unknown as null),
  })),
  broken('keeps users in a plain object', unknown, (store) => ({
    find: async (id) => (id in {} ? ({} as UserRecord) : store.find(id)),
  })),
  broken('finds ids by their beginning', 'ST-01 takes ids that look alike for different ones', (store, rows) => ({
    find: async (id) => [...rows.values()].find((user) => user.id.startsWith(id) && id !== '') ?? store.find(id),
  })),
  broken('finds addresses by a pattern', addresses, (_, rows) => ({
    findByEmailKey: async (emailKey) => {
      const pattern = new RegExp(
        `^${emailKey
          .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
          .replaceAll('%', '.*')
          .replaceAll('_', '.')}$`,
      )
      return [...rows.values()].find((user) => pattern.test(user.emailKey)) ?? null
    },
  })),
  broken('finds addresses in any normal form', addresses, (store, rows) => ({
    findByEmailKey: async (emailKey) =>
      [...rows.values()].find((user) => user.emailKey.normalize() === emailKey.normalize()) ??
      store.findByEmailKey(emailKey),
  })),
  broken(
    'reads the hash and the epoch one after the other',
    'find, findByEmailKey: all fields are of one moment',
    (store) => ({
      find: async (id) => {
        const user = await store.find(id)
        await gap()
        const { passwordHash = null } = (await store.find(id)) ?? {}
        return user && { ...user, passwordHash }
      },
    }),
  ),
]

const writing: readonly BrokenStore<UserStore>[] = [
  broken('overwrites', unique, (store, rows) => ({
    insert: async (user) => !rows.has(user.id) || Boolean(rows.set(user.id, user)) || store.insert(user),
  })),
  broken('takes the address even where the id exists', unique, (store) => {
    const taken = new Set<string>()
    const insert: UserStore['insert'] = async (user) => {
      const isTaken = taken.has(user.emailKey)
      taken.add(user.emailKey)
      return !isTaken && store.insert(user)
    }
    return { insert }
  }),
  broken(
    'looks an address up before it inserts',
    'ST-02 insert: of racers with one address exactly one gets true',
    (store, rows) => ({
      insert: async (user) => {
        if (rows.has(user.id) || (await store.findByEmailKey(user.emailKey))) return false
        await gap()
        if (!(await store.insert(user))) rows.set(user.id, user)
        return true
      },
    }),
  ),
  broken('looks an id up before it inserts', 'ST-02 insert: of racers with one id exactly one gets true', (store, rows) => ({
    insert: async (user) => {
      if (rows.has(user.id) || (await store.findByEmailKey(user.emailKey))) return false
      await gap()
      if (!(await store.insert(user))) rows.set(user.id, user)
      return true
    },
  })),
  broken('swaps whatever the hash is', swaps, (_, rows) => ({
    swapPasswordHash: async (id, __, passwordHash) => {
      const user = rows.get(id)
      if (user) rows.set(id, { ...user, passwordHash })
      return user !== undefined
    },
  })),
  broken('raises versions with a hash', swaps, (store, rows) => ({
    swapPasswordHash: async (id, from, to) => {
      const isSwapped = await store.swapPasswordHash(id, from, to)
      const user = rows.get(id)
      if (isSwapped && user) rows.set(id, { ...user, accessVersion: user.accessVersion + 1 })
      return isSwapped
    },
  })),
  broken(
    'reads the hash before it swaps',
    'ST-02 swapPasswordHash: of racers with one `from` exactly one gets true',
    (store, rows) => ({
      swapPasswordHash: async (id, from, to) => {
        const user = await store.find(id)
        if (user?.passwordHash !== from) return false
        await gap()
        rows.set(id, { ...user, passwordHash: to })
        return true
      },
    }),
  ),
  broken(
    'writes the whole row with a hash',
    'revoke, swapPasswordHash: neither loses what the other wrote',
    (store, rows) => ({
      swapPasswordHash: async (id, from, to) => {
        const user = await store.find(id)
        if (user?.passwordHash !== from) return false
        for (let turn = 0; turn < 8; turn++) await null
        if (rows.has(id)) rows.set(id, { ...user, passwordHash: to })
        return true
      },
    }),
  ),
  broken('keeps the address of a deleted user', deletes, (store, rows) => ({
    delete: async (id) => rows.delete(id) || store.delete(id),
  })),
  broken('finds the user before it deletes', 'ST-02 delete: of racers exactly one gets true', (store) => ({
    delete: async (id) => {
      const user = await store.find(id)
      await gap()
      await store.delete(id)
      return user !== null
    },
  })),
]

const revoking: readonly BrokenStore<UserStore>[] = [
  broken(
    'ends sessions with tokens',
    'revoke: `sessions` raises both versions by one, `tokens` accessVersion alone',
    (store) => ({
      revoke: (change) => store.revoke({ ...change, ends: 'sessions' }),
    }),
  ),
  broken('leaves a field where `set` has null', 'revoke: writes what is in `set` and leaves all else', (store) => ({
    revoke: ({ set = {}, ...change }) => {
      const given = Object.entries(set).filter(([, value]) => value !== null)
      return store.revoke({ ...change, set: Object.fromEntries(given) })
    },
  })),
  broken('expects nothing', refuses, (store) => ({ revoke: ({ expected: _, ...change }) => store.revoke(change) })),
  broken('writes before it compares', refuses, (store) => ({
    revoke: async (change) => {
      const { expected: _, ...unconditional } = change
      const before = await store.find(change.userId)
      const hash = change.expected?.passwordHash
      const isMet = hash === undefined || hash === before?.passwordHash
      const versions = await store.revoke(unconditional)
      return isMet ? versions : null
    },
  })),
  broken(
    'compares with null as SQL does',
    'revoke: acts where every expectation holds, also that there is no password',
    (store) => ({
      revoke: async (change) => (change.expected?.passwordHash === null ? null : store.revoke(change)),
    }),
  ),
  broken('appends to any feed', 'revoke: leaves a feed that the store does not keep to the caller', (store) => ({
    revoke: async (change) => {
      const versions = await store.revoke(change)
      if (!versions) return null
      const target = { user: change.userId, minVersion: versions.accessVersion }
      await change.feed.append({ id: `${target.user}:${target.minVersion}`, target, expiresAt: change.entryExpiresAt })
      return { ...versions, announced: true }
    },
  })),
  broken('says announced without an entry', announces, (store) => ({
    revoke: async (change) => {
      const versions = await store.revoke(change)
      return versions && { ...versions, announced: 'deployment' in change.feed && !('appended' in change.feed) }
    },
  })),
  broken('loses updates', 'ST-02 revoke: each of N racers raises by one, and answers its own versions', (_, rows) => ({
    revoke: async (change) => {
      const user = rows.get(change.userId)
      if (!user) return null
      await gap()
      rows.set(user.id, { ...user, ...change.set, ...raised(user, change) })
      return { ...raised(user, change), announced: false }
    },
  })),
  broken(
    'writes `set` after the versions',
    'ST-02 revoke: each of N racers raises by one, and answers its own versions',
    (store, rows) => ({
      revoke: async ({ set, ...change }) => {
        const versions = await store.revoke(change)
        for (let turn = Number(versions?.accessVersion) % 5; turn > 0; turn--) await null
        const user = rows.get(change.userId)
        if (versions && user) rows.set(user.id, { ...user, ...structuredClone(set) })
        return versions
      },
    }),
  ),
  broken('compares before it writes', 'ST-02 revoke: of racers with one expectation exactly one acts', (store) => ({
    revoke: async ({ expected = {}, ...change }) => {
      const user = await store.find(change.userId)
      if (!user) return null
      if (Object.entries(expected).some(([key, value]) => Reflect.get(user, key) !== value)) return null
      await gap()
      return store.revoke(change)
    },
  })),
  broken('brings back who was deleted', 'delete: no change that races with it brings the user back', (_, rows) => ({
    revoke: async (change) => {
      const user = rows.get(change.userId)
      if (!user) return null
      await gap()
      rows.set(user.id, { ...user, ...change.set, ...raised(user, change) })
      return { ...raised(user, change), announced: false }
    },
  })),
]

/** User stores with one flaw each. */
export const brokenUserStores: BrokenStores = {
  name: 'users',
  suite: userStoreSuite,
  stores: [
    ...commonFlaws(memoryUserStore, {
      keepsRecords: 'ST-01 find, findByEmailKey: give back every field as it was inserted',
      keepsTexts: 'ST-01 keeps hostile texts unchanged',
      keepsCopies: 'ST-01 keeps copies: changing what was passed in or given out changes nothing',
      tellsApart: 'ST-01 takes ids that look alike for different ones',
    }),
    ...reading,
    ...writing,
    ...revoking,
  ],
}
