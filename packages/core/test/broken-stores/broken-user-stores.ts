import type { UserRecord, UserStore } from '../../src/accounts/index.js'
import { memoryUserStore } from '../../src/memory/user-store.js'
import { userStoreSuite } from '../../src/testing/index.js'
import { brokenEmailSwaps } from './broken-email-swaps.js'
import { brokenRoleHolders } from './broken-role-holders.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { brokenRevocations } from './broken-user-revocations.js'
import { broken } from './broken-user-store.js'
import { commonFlaws } from './common-flaws.js'

const unknown = 'ST-01 find, findByEmailKey: null for what was never inserted, whatever text it is'
const addresses = 'ST-01 takes canonical addresses that look alike for different ones'
const unique = 'ST-02 insert: false where the id or the address exists, and nothing changes'
const swaps = 'swapPasswordHash: replaces the hash while it is still `from`, and nothing else'
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
  broken('lets a deleted id come back', 'delete: the id never comes back', (store, rows) => ({
    insert: async (user) => (await store.insert(user)) || (!rows.has(user.id) && Boolean(rows.set(user.id, user))),
  })),
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
    ...brokenEmailSwaps,
    ...brokenRevocations,
    ...brokenRoleHolders,
  ],
}
