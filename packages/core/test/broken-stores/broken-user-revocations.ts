import type { RaisedVersions, UserRecord, UserRevocation, UserStore } from '../../src/accounts/index.js'
import { type BrokenStore, gap } from './broken-store.js'
import { broken } from './broken-user-store.js'

const refuses = 'revoke: null where there is no such user or an expectation fails, and nothing changes'
const announces = 'revoke: `announced` is true only where the feed has the entry, and a refused change announces nothing'

function raised({ sessionEpoch, accessVersion }: UserRecord, { ends }: UserRevocation): Omit<RaisedVersions, 'announced'> {
  return { sessionEpoch: sessionEpoch + (ends === 'sessions' ? 1 : 0), accessVersion: accessVersion + 1 }
}

/** User stores with a flaw in `revoke`. */
export const brokenRevocations: readonly BrokenStore<UserStore>[] = [
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
