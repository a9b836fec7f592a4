import type { UserRecord, UserRevocation, UserStore } from '../../src/accounts/index.js'
import { type BrokenStore, gap } from './broken-store.js'
import { broken } from './broken-user-store.js'

const keeps = 'ST-02 revoke, delete: what would leave no holder of `keepsHolderOf` changes nothing'
const acts = 'revoke, delete: act while another holder of `keepsHolderOf` remains'
const counts = 'revoke, delete: hold nobody back who is no holder, or stays one'
const races = 'ST-02 revoke, delete: of racers that each take another holder away, one holder remains'
const each = 'ST-02 revoke, delete: keep the last holder of each set of `keepsHolderOf`, whoever holds the others'
const racesEach = 'ST-02 revoke, delete: racers leave one holder of each set of `keepsHolderOf`'
const lists = 'list: its pages give every user once, with every field, in one order'

type Rows = Map<string, UserRecord>
type Sets = readonly (readonly string[])[]

function holders(rows: Rows, names: readonly string[], isEnabled = true): readonly string[] {
  const held = [...rows.values()].filter(({ roles }) => roles.some((role) => names.includes(role)))
  return held.filter(({ disabledAt }) => !isEnabled || disabledAt === null).map(({ id }) => id)
}

/** Whether only this user holds one of the sets. */
function isLast(rows: Rows, id: string, sets: Sets = [], isEnabled = true): boolean {
  return sets.some((names) => holders(rows, names, isEnabled).join() === id)
}

/** A store that is given other sets than it was asked to keep. */
function keeping(store: UserStore, change: (sets: Sets) => Sets): Partial<UserStore> {
  return {
    revoke: ({ keepsHolderOf, ...given }) =>
      store.revoke(keepsHolderOf ? { ...given, keepsHolderOf: change(keepsHolderOf) } : given),
    delete: (id, keepsHolderOf) => store.delete(id, keepsHolderOf && change(keepsHolderOf)),
  }
}

function unguarded({ keepsHolderOf: _, ...change }: UserRevocation): UserRevocation {
  return change
}

/** User stores with a flaw in `keepsHolderOf`, in what a change expects of versions, or in `list`. */
export const brokenRoleHolders: readonly BrokenStore<UserStore>[] = [
  broken('keeps nobody', keeps, (store) => ({
    revoke: (change) => store.revoke(unguarded(change)),
    delete: (id) => store.delete(id),
  })),
  broken('guards changes, but no deletion', keeps, (store) => ({ delete: (id) => store.delete(id) })),
  broken('counts disabled holders', keeps, (store, rows) => ({
    revoke: async (change) =>
      isLast(rows, change.userId, change.keepsHolderOf, false) ? null : store.revoke(unguarded(change)),
  })),
  broken('guards roles alone', keeps, (store) => ({
    revoke: (change) => store.revoke(change.set?.disabledAt ? unguarded(change) : change),
  })),
  broken('keeps every holder', acts, (store, rows) => ({
    revoke: async (change) =>
      holders(rows, change.keepsHolderOf?.flat() ?? []).includes(change.userId) ? null : store.revoke(change),
  })),
  broken('keeps the last holder whatever changes', counts, (store, rows) => ({
    revoke: async (change) => (isLast(rows, change.userId, change.keepsHolderOf) ? null : store.revoke(change)),
  })),
  broken('counts the holders first, and acts then', races, (store, rows) => ({
    revoke: async (change) => {
      if (isLast(rows, change.userId, change.keepsHolderOf)) return null
      await gap()
      return store.revoke(unguarded(change))
    },
    delete: async (id, keepsHolderOf) => {
      if (isLast(rows, id, keepsHolderOf)) return false
      await gap()
      return store.delete(id)
    },
  })),
  broken('keeps a holder of the first set alone', each, (store) => keeping(store, (sets) => sets.slice(0, 1))),
  broken('keeps a holder of the last set alone', each, (store) => keeping(store, (sets) => sets.slice(-1))),
  broken('takes all sets for one', each, (store) => keeping(store, (sets) => [sets.flat()])),
  broken('keeps a holder of the first set that anybody holds', each, (store, rows) =>
    keeping(store, (sets) => sets.filter((names) => holders(rows, names).length > 0).slice(0, 1)),
  ),
  broken('guards one set, and counts the holders of the others first', racesEach, (store, rows) => ({
    revoke: async ({ keepsHolderOf: [first = [], ...rest] = [], ...change }) => {
      if (isLast(rows, change.userId, rest)) return null
      await gap()
      return store.revoke({ ...change, keepsHolderOf: [first] })
    },
    delete: async (id, [first = [], ...rest] = []) => {
      if (isLast(rows, id, rest)) return false
      await gap()
      return store.delete(id, [first])
    },
  })),
  broken('expects no version', 'revoke: acts only while `accessVersion` is the expected one', (store) => ({
    revoke: ({ expected: { accessVersion: _, ...expected } = {}, ...change }) => store.revoke({ ...change, expected }),
  })),
  broken(
    'compares the version before it writes',
    'ST-02 revoke: of racers that expect one `accessVersion` exactly one acts',
    (store, rows) => ({
      revoke: async ({ expected: { accessVersion, ...expected } = {}, ...change }) => {
        if (accessVersion !== undefined && rows.get(change.userId)?.accessVersion !== accessVersion) return null
        await gap()
        return store.revoke({ ...change, expected })
      },
    }),
  ),
  broken('lists one more than asked', lists, (store) => ({
    list: ({ after, limit }) => store.list({ after, limit: limit + 1 }),
  })),
  broken('lists in the order of insertion', lists, (_, rows) => ({
    list: async ({ after, limit }) => [...rows.values()].filter(({ id }) => after === null || id > after).slice(0, limit),
  })),
  broken(
    'finds its place by the user before it',
    'list: misses and repeats nobody where users come and go meanwhile',
    (store, rows) => ({
      list: async ({ after, limit }) => (after !== null && !rows.has(after) ? [] : store.list({ after, limit })),
    }),
  ),
  broken('lists who was deleted', 'list: leaves out who was deleted, and takes any text for a place', (store) => {
    const deleted = new Map<string, UserRecord>()
    return {
      delete: async (id, keepsHolderOf) => {
        const user = await store.find(id)
        if (user) deleted.set(id, user)
        return store.delete(id, keepsHolderOf)
      },
      list: async ({ after, limit }) => {
        const all = [
          ...(await store.list({ after, limit })),
          ...[...deleted.values()].filter(({ id }) => id > (after ?? '')),
        ]
        return all.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
      },
    }
  }),
]
