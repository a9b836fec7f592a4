import type { AuditStore } from '../audit/index.js'
import { decideRotation, isLive, type SessionRecord, type SessionStore } from '../sessions/index.js'
import type { DeploymentMark } from '../shared/deployment-mark.js'
import { tell } from './tell.js'

const listLimit = 1000

/**
 * Keeps sessions in this process, for tests and trials: all is gone with it.
 * @param sessions Where the records are kept, by id. They are replaced, never changed.
 */
export function memorySessionStore(
  deployment: DeploymentMark | null = null,
  sessions: Map<string, SessionRecord> = new Map(),
  trail?: AuditStore,
): SessionStore {
  // Ends of sessions that have no row yet, with the instant until which they are remembered.
  const tombstones = new Map<string, Date>()

  function put(session: SessionRecord): void {
    sessions.set(session.id, structuredClone(session))
  }

  /** A live session, or `undefined`; read and written in one turn of the event loop, which makes each method one step. */
  function live(id: string, now: Date): SessionRecord | undefined {
    const session = sessions.get(id)
    return session && isLive(session, now) ? session : undefined
  }

  return {
    deployment,
    async insert(session, event) {
      if (sessions.has(session.id) || tombstones.has(session.id)) return false
      put(session)
      tell(trail, event)
      return true
    },
    async find(id) {
      return structuredClone(sessions.get(id) ?? null)
    },
    async findWithUser(id, users) {
      const session = sessions.get(id)
      return session ? { session: structuredClone(session), user: await users.find(session.userId) } : null
    },
    async listLive(userId, now) {
      const own = [...sessions.values()].filter((session) => session.userId === userId && isLive(session, now))
      return structuredClone(own.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime()).slice(0, listLimit))
    },
    async rotate(rotation) {
      const { outcome, write } = decideRotation(sessions.get(rotation.id) ?? null, rotation)
      if (write) put(write)
      if (outcome.outcome === 'rotated') tell(trail, rotation.event)
      return structuredClone(outcome)
    },
    async touch(id, now, idleExpiresAt) {
      const session = live(id, now)
      if (session) put({ ...session, lastSeenAt: now, idleExpiresAt })
      return session !== undefined
    },
    async swapEpoch({ id, fromEpoch, toEpoch, digest, now }) {
      const session = live(id, now)
      if (session?.epoch !== fromEpoch) return false
      const rotated = digest
        ? { generation: session.generation + 1, currentDigest: digest, previousDigest: null, sealedSuccessor: null }
        : {}
      put({ ...session, epoch: toEpoch, ...rotated })
      return true
    },
    async revoke({ id, reason, now, rememberUntil, event }) {
      const session = sessions.get(id)
      if (!session) {
        const until = Math.max(rememberUntil.getTime(), tombstones.get(id)?.getTime() ?? Number.NEGATIVE_INFINITY)
        tombstones.set(id, new Date(until))
        return false
      }
      if (session.revokedAt) return false
      put({ ...session, sealedSuccessor: null, revokedAt: now, revokedReason: reason })
      if (!isLive(session, now)) return false
      tell(trail, event)
      return true
    },
    async revokeAll(userId, epoch, reason, now) {
      let ended = 0
      for (const session of sessions.values()) {
        if (session.userId !== userId || session.revokedAt || (epoch !== null && session.epoch >= epoch)) continue
        if (isLive(session, now)) ended++
        put({ ...session, sealedSuccessor: null, revokedAt: now, revokedReason: reason })
      }
      return ended
    },
    async eraseSuccessors(rotatedBefore, limit) {
      const due = [...sessions.values()].filter(
        ({ sealedSuccessor, rotatedAt }) => sealedSuccessor !== null && rotatedAt !== null && rotatedAt <= rotatedBefore,
      )
      for (const session of due.slice(0, limit)) put({ ...session, sealedSuccessor: null })
      return Math.min(due.length, limit)
    },
    async deleteExpired(before, limit) {
      const rows = [...sessions.values()].filter(({ expiresAt }) => expiresAt < before).slice(0, limit)
      for (const { id } of rows) sessions.delete(id)
      const forgotten = [...tombstones].filter(([, until]) => until < before).slice(0, limit - rows.length)
      for (const [id] of forgotten) tombstones.delete(id)
      return rows.length + forgotten.length
    },
  }
}
