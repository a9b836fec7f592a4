import { isLive, type SessionStore } from '../../src/sessions/index.js'
import { broken, slowRotate } from './broken-session-store.js'
import { type BrokenStore, gap } from './broken-store.js'

const outlasts = 'RT-02 revoke: once it resolved, no rotation succeeds, however many are on the way'
const remembers = 'revoke: an end without a row is remembered at least until `rememberUntil`'
const lower = 'revokeAll: ends the user’s sessions of lower epochs, and answers how many were live'

/** Session stores with a flaw in `revoke` or `revokeAll`. */
export const brokenEnds: readonly BrokenStore<SessionStore>[] = [
  broken('misses rotations in flight', outlasts, (store, rows) => ({ rotate: slowRotate(store, rows) })),
  broken('ends the present secret instead of the session', outlasts, (store, rows) => ({
    revoke: async (revocation) => {
      const row = await store.find(revocation.id)
      await gap()
      const after = rows.get(revocation.id)
      return row && after?.generation !== row.generation ? true : store.revoke(revocation)
    },
  })),
  broken(
    'marks what is ended once more',
    'ST-06 revoke: ends a session for good; true only where it was live at `now`',
    (store, rows) => ({
      revoke: async (revocation) => {
        const row = rows.get(revocation.id)
        if (row) rows.set(row.id, { ...row, revokedAt: null })
        return store.revoke(revocation)
      },
    }),
  ),
  broken(
    'leaves the sealed successor',
    'ST-06 revoke: ends a session for good; true only where it was live at `now`',
    (store, rows) => ({
      revoke: async (revocation) => {
        const sealedSuccessor = rows.get(revocation.id)?.sealedSuccessor ?? null
        const isEnded = await store.revoke(revocation)
        const row = rows.get(revocation.id)
        if (row) rows.set(row.id, { ...row, sealedSuccessor })
        return isEnded
      },
    }),
  ),
  broken('tells every racer that it ended the session', 'ST-02 revoke: of racers exactly one gets true', (store) => ({
    revoke: async (revocation) => {
      const row = await store.find(revocation.id)
      await gap()
      await store.revoke(revocation)
      return row !== null && isLive(row, revocation.now)
    },
  })),
  broken(
    'revokes without a tombstone',
    'revoke: an id that was revoked before it was inserted is refused later',
    (store, rows) => ({
      revoke: async (revocation) => rows.has(revocation.id) && store.revoke(revocation),
    }),
  ),
  broken(
    'takes a tombstone for a session',
    'revoke: an id that was revoked before it was inserted is refused later',
    (store, rows) => ({
      rotate: async (rotation) => (rows.has(rotation.id) ? store.rotate(rotation) : { outcome: 'expired' }),
    }),
  ),
  broken('forgets tombstones with any housekeeping', remembers, (store, rows) => {
    let isSwept = false
    return {
      deleteExpired: (before, limit) => {
        isSwept = true
        return store.deleteExpired(before, limit)
      },
      insert: async (session) => {
        if (isSwept && !rows.has(session.id)) rows.set(session.id, structuredClone(session))
        return isSwept || store.insert(session)
      },
    }
  }),
  broken('shortens a tombstone', remembers, (store) => {
    const until = new Map<string, Date>()
    return {
      revoke: (revocation) => {
        until.set(revocation.id, revocation.rememberUntil)
        return store.revoke(revocation)
      },
      deleteExpired: async (before, limit) => {
        for (const [id, end] of until) if (end < before) until.set(id, new Date(0))
        return store.deleteExpired(before, limit)
      },
      insert: async (session) => until.get(session.id)?.getTime() === 0 || store.insert(session),
    }
  }),
  broken(
    'looks for a tombstone before it inserts',
    'revoke, insert: whichever comes first, the session is not live afterwards',
    (store, rows) => {
      const ended = new Set<string>()
      return {
        revoke: async (revocation) => {
          ended.add(revocation.id)
          return rows.has(revocation.id) && store.revoke(revocation)
        },
        insert: async (session) => {
          if (ended.has(session.id) || rows.has(session.id)) return false
          await gap()
          return store.insert(session)
        },
      }
    },
  ),
  broken('ends the sessions of the epoch itself', lower, (store) => ({
    revokeAll: (userId, epoch, reason, at) => store.revokeAll(userId, epoch === null ? null : epoch + 1, reason, at),
  })),
  broken('counts the dead', lower, (store, rows) => ({
    revokeAll: async (userId, epoch, reason, at) => {
      const due = [...rows.values()].filter((row) => row.userId === userId && (epoch === null || row.epoch < epoch))
      await store.revokeAll(userId, epoch, reason, at)
      return due.length
    },
  })),
  broken(
    'ends nothing where no epoch is given',
    'ST-06 revokeAll: `null` ends the sessions of every epoch, counted at `now`',
    (store) => ({
      revokeAll: async (userId, epoch, reason, at) => (epoch === null ? 0 : store.revokeAll(userId, epoch, reason, at)),
    }),
  ),
  broken(
    'ends the sessions it read, while others rotate',
    'revokeAll: once it resolved, no rotation on the way has kept a session',
    (store, rows) => ({
      rotate: slowRotate(store, rows),
    }),
  ),
]
