import { memorySessionStore } from '../../src/memory/session-store.js'
import { isLive, type SessionRecord, type SessionStore } from '../../src/sessions/index.js'
import { sessionStoreSuite } from '../../src/testing/index.js'
import { brokenEnds } from './broken-session-ends.js'
import { brokenRotations } from './broken-session-rotations.js'
import { broken } from './broken-session-store.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { commonFlaws, housekeepingFlaws } from './common-flaws.js'

const now = 'ST-06 listLive: the sessions of a user that are neither revoked nor expired at `now`, newest first'
const alike = 'ST-01 takes users, clients and secrets that look alike for different ones'
const erases =
  'eraseSuccessors: forgets sealed successors of rotations before `rotatedBefore`, at most `limit`, and nothing else'
const withUser = 'findWithUser: the session as `find` gives it, dead or alive, with its user of the given store'
const noRevival = 'revoke: once it resolved, neither touch nor swapEpoch brings the session back'

const reading: readonly BrokenStore<SessionStore>[] = [
  broken(
    'keeps sessions in a plain object',
    'ST-01 find: null for what was never inserted, whatever text it is',
    (store) => ({
      find: async (id) => (id in {} ? ({} as SessionRecord) : store.find(id)),
    }),
  ),
  broken('finds ids by their beginning', 'ST-01 takes ids that look alike for different ones', (store, rows) => ({
    find: async (id) => [...rows.values()].find((row) => id !== '' && row.id.startsWith(id)) ?? store.find(id),
  })),
  broken('lists the sessions of users with the same beginning', alike, (_, rows) => ({
    listLive: async (userId, at) =>
      [...rows.values()]
        .filter((row) => row.userId.startsWith(userId) && isLive(row, at))
        .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
        .slice(0, 1000),
  })),
  broken('compares digests without case', alike, (store, rows) => ({
    rotate: async (rotation) => {
      const row = rows.get(rotation.id)
      const isSame = row?.currentDigest.toLowerCase() === rotation.digest.toLowerCase()
      return store.rotate(row && isSame ? { ...rotation, digest: row.currentDigest } : rotation)
    },
  })),
  broken('finds the dead absent', 'ST-01 find: gives back every field as it was inserted, dead or alive', (store) => ({
    find: async (id) => {
      const row = await store.find(id)
      return row?.revokedAt ? null : row
    },
  })),
  broken('finds no user', withUser, (store) => ({
    findWithUser: async (id) => {
      const session = await store.find(id)
      return session && { session, user: null }
    },
  })),
  broken('finds no user of the dead', withUser, (store) => ({
    findWithUser: async (id, users) => {
      const found = await store.findWithUser(id, users)
      return found?.session.revokedAt ? null : found
    },
  })),
  broken('finds a user without a session', 'findWithUser: null for what is no session, which asks for no user', (store) => ({
    findWithUser: async (id, users) => {
      const session = await store.find(id)
      const user = await users.find(session?.userId ?? id)
      return session && { session, user }
    },
  })),
  broken('lists the oldest first', now, (store) => ({
    listLive: async (userId, at) => [...(await store.listLive(userId, at))].reverse(),
  })),
  broken('lists what is idle for too long', now, (_, rows) => ({
    listLive: async (userId, at) =>
      [...rows.values()].filter((row) => row.userId === userId && !row.revokedAt && at < row.expiresAt),
  })),
  broken('lists without end', 'listLive: at most 1,000, the newest', (_, rows) => ({
    listLive: async (userId, at) =>
      [...rows.values()]
        .filter((row) => row.userId === userId && isLive(row, at))
        .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime()),
  })),
  broken('lists some 1,000', 'listLive: at most 1,000, the newest', (_, rows) => ({
    listLive: async (userId, at) =>
      [...rows.values()]
        .filter((row) => row.userId === userId && isLive(row, at))
        .slice(-1000)
        .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime()),
  })),
]

const writing: readonly BrokenStore<SessionStore>[] = [
  broken('overwrites', 'ST-02 insert: false where the id exists, and never overwrites', (_, rows) => ({
    insert: async (session) => Boolean(rows.set(session.id, structuredClone(session))),
  })),
  broken(
    'takes an id anew once it is revoked',
    'ST-02 insert: false where the id exists, and never overwrites',
    (store, rows) => ({
      insert: async (session) => {
        if (rows.get(session.id)?.revokedAt) rows.delete(session.id)
        return store.insert(session)
      },
    }),
  ),
  broken('looks an id up before it inserts', 'ST-02 insert: of racers with one id exactly one gets true', (store, rows) => ({
    insert: async (session) => {
      const isFree = await store.insert(session)
      if (!isFree) return false
      rows.delete(session.id)
      await gap()
      rows.set(session.id, session)
      return true
    },
  })),
  broken(
    'revives on touch',
    'touch: false for what is revoked, past its absolute end, or absent, and never brings it back',
    (_, rows) => ({
      touch: async (id, at, idleExpiresAt) => {
        const row = rows.get(id)
        if (row) rows.set(id, { ...row, lastSeenAt: at, idleExpiresAt, revokedAt: null, revokedReason: null })
        return row !== undefined
      },
    }),
  ),
  broken(
    'touches what is idle for too long',
    'ST-06 touch: moves `lastSeenAt` and the idle end of what is live at `now`, and nothing else',
    (store, rows) => ({
      touch: async (id, at, idleExpiresAt) => {
        const row = rows.get(id)
        if (row && !row.revokedAt && at < row.expiresAt) rows.set(id, { ...row, idleExpiresAt: row.expiresAt })
        return store.touch(id, at, idleExpiresAt)
      },
    }),
  ),
  broken('writes the whole row on touch', 'touch, rotate: neither loses what the other wrote', (store, rows) => ({
    touch: async (id, at, idleExpiresAt) => {
      const row = await store.find(id)
      if (!row || !isLive(row, at)) return false
      await gap()
      rows.set(id, { ...row, lastSeenAt: at, idleExpiresAt })
      return true
    },
  })),
  broken('brings back on touch what ends meanwhile', noRevival, (store, rows) => ({
    touch: async (id, at, idleExpiresAt) => {
      const row = await store.find(id)
      if (!row || !isLive(row, at)) return false
      await gap()
      rows.set(id, { ...row, lastSeenAt: at, idleExpiresAt })
      return true
    },
  })),
  broken('erases successors over the limit', erases, (store) => ({
    eraseSuccessors: (before) => store.eraseSuccessors(before, 1_000_000),
  })),
  broken('erases the successors of all', erases, (store) => ({
    eraseSuccessors: (_, limit) => store.eraseSuccessors(new Date(8e15), limit),
  })),
  broken(
    'writes back the rows whose successors it erases',
    'eraseSuccessors, rotate: the successor of a rotation meanwhile stays',
    (_, rows) => ({
      eraseSuccessors: async (before, limit) => {
        const due = [...rows.values()].filter(({ rotatedAt }) => rotatedAt !== null && rotatedAt <= before).slice(0, limit)
        await gap()
        for (const row of due) rows.set(row.id, { ...row, sealedSuccessor: null })
        return due.length
      },
    }),
  ),
]

/** Session stores with one flaw each. */
export const brokenSessionStores: BrokenStores = {
  name: 'sessions',
  suite: sessionStoreSuite,
  stores: [
    ...commonFlaws(memorySessionStore, {
      keepsRecords: 'ST-01 find: gives back every field as it was inserted, dead or alive',
      keepsTexts: 'ST-01 keeps hostile texts unchanged',
      keepsCopies: 'ST-01 keeps copies: changing what was passed in or given out changes nothing',
      tellsApart: 'ST-01 takes ids that look alike for different ones',
      judgesByNow: now,
    }),
    ...housekeepingFlaws(memorySessionStore),
    ...reading,
    ...writing,
    ...brokenRotations,
    ...brokenEnds,
  ],
}
