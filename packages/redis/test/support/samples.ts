import { randomBytes, randomUUID } from 'node:crypto'
import type { Digest, RevocationEntry, Rotation, SessionRecord, SessionRevocation, TicketRecord } from '@auth/core'

/** Now, as the tests' clock has it. */
export const now: Date = new Date()

/** The instant so many seconds after another. */
export function later(from: Date, seconds: number): Date {
  return new Date(from.getTime() + seconds * 1000)
}

/** A digest of nothing. */
export function digest(): Digest {
  return randomBytes(32).toString('base64url') as Digest // What a digest looks like is all that stores know.
}

export function session(fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: randomUUID(),
    userId: randomUUID(),
    clientId: null,
    scope: null,
    resource: null,
    carrier: 'refresh',
    epoch: 0,
    generation: 0,
    currentDigest: digest(),
    previousDigest: null,
    sealedSuccessor: null,
    rotatedAt: null,
    createdAt: now,
    authenticatedAt: now,
    lastSeenAt: now,
    idleExpiresAt: later(now, 3600),
    expiresAt: later(now, 86_400),
    revokedAt: null,
    revokedReason: null,
    ip: null,
    userAgent: null,
    ...fields,
  }
}

/** Presents the session's current secret. */
export function rotationOf(of: SessionRecord, fields: Partial<Rotation> = {}): Rotation {
  return {
    id: of.id,
    carrier: of.carrier,
    clientId: of.clientId,
    generation: of.generation,
    digest: of.currentDigest,
    successor: { digest: digest(), sealed: null },
    userEpoch: of.epoch,
    now: later(now, 1),
    retryWindowMs: 0,
    idleExpiresAt: later(now, 3600),
    ...fields,
  }
}

export function revocationOf({ id }: SessionRecord): SessionRevocation {
  return { id, reason: 'logout', now: later(now, 1), rememberUntil: later(now, 3600) }
}

export function ticket(fields: Partial<TicketRecord> = {}): TicketRecord {
  return {
    digest: digest(),
    purpose: 'reset-password',
    binding: digest(),
    userId: randomUUID(),
    grantId: null,
    payload: '{}',
    createdAt: now,
    expiresAt: later(now, 600),
    rememberUntil: later(now, 1200),
    ...fields,
  }
}

export function entry(id: string = randomUUID()): RevocationEntry {
  return { id, target: { session: id }, expiresAt: later(now, 3900) }
}
