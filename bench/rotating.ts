import type { Digest, Rotation, SessionRecord, SessionStore } from '@auth/core'

const start = new Date()
const monthMs = 30 * 86_400_000
const end = new Date(start.getTime() + 3 * monthMs)

/** The digest that a session has in a generation: as long as a real one, and of nothing. */
export function digestOf(session: number, generation: number): Digest {
  return `${session}:${generation}`.padEnd(43, '=') as Digest // What a digest is of is no store's business.
}

/** A session that nobody has rotated yet. */
export function sessionOf(session: number): SessionRecord {
  return {
    id: idOf(session),
    userId: idOf(Math.floor(session / 5)),
    clientId: null,
    scope: null,
    resource: null,
    carrier: 'refresh',
    epoch: 0,
    generation: 0,
    currentDigest: digestOf(session, 0),
    previousDigest: null,
    sealedSuccessor: null,
    rotatedAt: null,
    createdAt: start,
    authenticatedAt: start,
    lastSeenAt: start,
    idleExpiresAt: end,
    expiresAt: end,
    revokedAt: null,
    revokedReason: null,
    ip: '192.0.2.1',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  }
}

/** An id as long as a UUID. */
export function idOf(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`
}

/** Rotates sessions of a store, each time with the secret that is current. */
export interface Rotor {
  /** Rotates one of the sessions, any of a worker's own. */
  rotate(worker: number): Promise<void>
}

/** Makes a rotor. Workers share nothing, so that none of them meets a secret that is spent. */
export function createRotor(store: Pick<SessionStore, 'rotate'>, sessions: number, workers: number): Rotor {
  const generations = new Uint32Array(sessions)
  const share = Math.floor(sessions / workers)
  return {
    async rotate(worker) {
      const session = worker * share + Math.floor(Math.random() * share)
      const generation = generations[session] ?? 0
      const { outcome } = await store.rotate(rotationOf(session, generation))
      if (outcome !== 'rotated') throw new Error(`A rotation came to ${outcome}`)
      generations[session] = generation + 1
    },
  }
}

function rotationOf(session: number, generation: number): Rotation {
  const now = new Date()
  return {
    id: idOf(session),
    carrier: 'refresh',
    clientId: null,
    generation,
    digest: digestOf(session, generation),
    successor: { digest: digestOf(session, generation + 1), sealed: null },
    userEpoch: 0,
    now,
    retryWindowMs: 0,
    idleExpiresAt: new Date(now.getTime() + monthMs),
  }
}
