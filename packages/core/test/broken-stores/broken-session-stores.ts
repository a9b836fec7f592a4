import { memorySessionStore } from '../../src/memory/session-store.js'
import { decideRotation, isLive, type SessionRecord, type SessionStore } from '../../src/sessions/index.js'
import { sessionStoreSuite } from '../../src/testing/index.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { commonFlaws, housekeepingFlaws } from './common-flaws.js'

type Flawed = (store: SessionStore, rows: Map<string, SessionRecord>) => Partial<SessionStore>

/** A memory store with some methods replaced by flawed ones, which get at its rows. */
function broken(flaw: string, breaks: string, flawed: Flawed): BrokenStore<SessionStore> {
  const make = (): SessionStore => {
    const rows = new Map<string, SessionRecord>()
    const store = memorySessionStore(null, rows)
    return { ...store, ...flawed(store, rows) }
  }
  return { flaw, breaks, make }
}

const now = 'ST-06 listLive: the sessions of a user that are neither revoked nor expired at `now`, newest first'
const alike = 'ST-01 takes users, clients and secrets that look alike for different ones'
const rule = 'ST-06 rotate: each outcome is what `decideRotation` says, at the `now` passed in'
const histories = 'ST-01 rotate, touch, swapEpoch, revoke: give over random histories what the rule gives'
const erases =
  'eraseSuccessors: forgets sealed successors of rotations before `rotatedBefore`, at most `limit`, and nothing else'
const outlasts = 'RT-02 revoke: once it resolved, no rotation succeeds, however many are on the way'
const noRevival = 'revoke: once it resolved, neither touch nor swapEpoch brings the session back'
const remembers = 'revoke: an end without a row is remembered at least until `rememberUntil`'
const swaps = 'swapEpoch: moves a live session from the old epoch to the new one, with a new secret where one is given'
const lower = 'revokeAll: ends the user’s sessions of lower epochs, and answers how many were live'

/** Reads, lets others in between, and writes the row. */
function slowRotate(store: SessionStore, rows: Map<string, SessionRecord>): SessionStore['rotate'] {
  return async (rotation) => {
    const { outcome, write } = decideRotation(await store.find(rotation.id), rotation)
    await gap()
    if (write) rows.set(write.id, write)
    return outcome
  }
}

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
]

const rotating: readonly BrokenStore<SessionStore>[] = [
  broken(
    'reads before it rotates',
    'RT-02 rotate: of N racers with one secret one is rotated, one reused, the rest revoked',
    (store, rows) => ({
      rotate: slowRotate(store, rows),
    }),
  ),
  broken(
    'reads before it rotates within a window',
    'RT-04 rotate: within the window all other racers are given the same successor',
    (store, rows) => ({
      rotate: slowRotate(store, rows),
    }),
  ),
  broken(
    'rotates once, but leaves a reuse unanswered',
    'RT-02 rotate: of N racers with one secret one is rotated, one reused, the rest revoked',
    (store, rows) => ({
      rotate: async (rotation) => {
        const row = rows.get(rotation.id)
        const answer = await store.rotate(rotation)
        if (row && answer.outcome === 'reused') rows.set(row.id, row)
        return answer
      },
    }),
  ),
  broken(
    'gives a retry its own successor',
    'RT-04 rotate: within the window all other racers are given the same successor',
    (store) => ({
      rotate: async (rotation) => {
        const answer = await store.rotate(rotation)
        return answer.outcome === 'retried' ? { ...answer, sealedSuccessor: rotation.successor.sealed ?? '' } : answer
      },
    }),
  ),
  broken('lets the idle end pass the absolute one', rule, (store, rows) => ({
    rotate: async (rotation) => {
      const answer = await store.rotate(rotation)
      if (answer.outcome !== 'rotated') return answer
      const session = { ...answer.session, idleExpiresAt: rotation.idleExpiresAt }
      rows.set(session.id, session)
      return { ...answer, session }
    },
  })),
  broken('judges the window to the second', rule, (store) => ({
    rotate: (rotation) => store.rotate({ ...rotation, now: new Date(Math.floor(rotation.now.getTime() / 1000) * 1000) }),
  })),
  broken('asks neither for the client nor for the carrier', rule, (store, rows) => ({
    rotate: (rotation) => {
      const { carrier = rotation.carrier, clientId = rotation.clientId } = rows.get(rotation.id) ?? {}
      return store.rotate({ ...rotation, carrier, clientId })
    },
  })),
  broken('keeps a spent secret for retries when the epoch moves on', histories, (store, rows) => ({
    swapEpoch: async (swap) => {
      const row = rows.get(swap.id)
      const isSwapped = await store.swapEpoch(swap)
      const after = rows.get(swap.id)
      if (row && after && isSwapped) rows.set(after.id, { ...after, previousDigest: row.currentDigest })
      return isSwapped
    },
  })),
  broken('swaps from any epoch', swaps, (store, rows) => ({
    swapEpoch: (swap) => store.swapEpoch({ ...swap, fromEpoch: rows.get(swap.id)?.epoch ?? 0 }),
  })),
  broken('puts a secret in place at the same generation', swaps, (store, rows) => ({
    swapEpoch: async (swap) => {
      const row = rows.get(swap.id)
      const isSwapped = await store.swapEpoch(swap)
      const after = rows.get(swap.id)
      if (row && after && isSwapped) rows.set(after.id, { ...after, generation: row.generation })
      return isSwapped
    },
  })),
  broken(
    'reads before it swaps epochs',
    'ST-02 swapEpoch: of racers with one epoch exactly one gets true',
    (store, rows) => ({
      swapEpoch: async ({ id, fromEpoch, toEpoch, now: at }) => {
        const row = await store.find(id)
        if (row?.epoch !== fromEpoch || !isLive(row, at)) return false
        await gap()
        rows.set(id, { ...row, epoch: toEpoch })
        return true
      },
    }),
  ),
  broken('writes the whole row with an epoch', 'swapEpoch, rotate: neither loses what the other wrote', (store, rows) => ({
    swapEpoch: async ({ id, fromEpoch, toEpoch, now: at }) => {
      const row = await store.find(id)
      if (row?.epoch !== fromEpoch || !isLive(row, at)) return false
      await gap()
      rows.set(id, { ...row, epoch: toEpoch })
      return true
    },
  })),
]

const ending: readonly BrokenStore<SessionStore>[] = [
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
    ...rotating,
    ...ending,
  ],
}
