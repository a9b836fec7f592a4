import { isLive, type Rotation, type SessionRecord } from '../../sessions/index.js'
import type { Digest } from '../../shared/digest.js'
import { later } from '../../shared/duration.js'
import { afterMs, eras, present, uniqueDigest, uniqueText, uniqueUuid } from './samples.js'

/** A live session no other test knows: just made at `now`, with a day of idle life and a week in all. */
export function sessionRecord(fields: Partial<SessionRecord> = {}, now: Date = present): SessionRecord {
  return {
    id: uniqueUuid(),
    userId: uniqueUuid(),
    clientId: null,
    scope: null,
    resource: null,
    carrier: 'refresh',
    epoch: 3,
    generation: 0,
    currentDigest: uniqueDigest(),
    previousDigest: null,
    sealedSuccessor: null,
    rotatedAt: null,
    createdAt: now,
    authenticatedAt: afterMs(now, -334),
    lastSeenAt: afterMs(now, 1),
    idleExpiresAt: afterMs(later(now, 86_400), 2),
    expiresAt: afterMs(later(now, 604_800), 3),
    revokedAt: null,
    revokedReason: null,
    ip: '2001:db8::1',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
    ...fields,
  }
}

/** Sessions with every field full, every field empty, dead ones, and times far from any clock. */
export function variedSessions(): readonly SessionRecord[] {
  const rotated = {
    generation: 2_000_000,
    previousDigest: uniqueDigest(),
    sealedSuccessor: 'sealed',
    rotatedAt: afterMs(present, 5),
  }
  return [
    sessionRecord({ ip: null, userAgent: null }),
    sessionRecord({ ...rotated, clientId: uniqueText('client'), carrier: 'cookie' }),
    sessionRecord({
      clientId: uniqueText('client'),
      scope: 'read:orders write:orders',
      resource: 'https://api.example.com',
    }),
    sessionRecord({ clientId: uniqueText('client'), scope: '' }),
    sessionRecord({ revokedAt: afterMs(present, 9), revokedReason: 'rollback' }),
    sessionRecord({ idleExpiresAt: afterMs(present, -1), expiresAt: present }),
    ...eras.map((era) => sessionRecord({ rotatedAt: afterMs(era, 7) }, era)),
  ]
}

/** Presents the session's current secret, a second after it was made, without a retry window. */
export function rotationOf(session: SessionRecord, fields: Partial<Rotation> = {}): Rotation {
  const now = later(session.createdAt, 1)
  return {
    id: session.id,
    carrier: session.carrier,
    clientId: session.clientId,
    generation: session.generation,
    digest: session.currentDigest,
    successor: { digest: uniqueDigest(), sealed: null },
    userEpoch: session.epoch,
    now,
    retryWindowMs: 0,
    idleExpiresAt: later(now, 86_400),
    ...fields,
  }
}

/** The row after `touch`; `null` where it answers `false`. */
export function touched(session: SessionRecord, now: Date, idleExpiresAt: Date): SessionRecord | null {
  return isLive(session, now) ? { ...session, lastSeenAt: now, idleExpiresAt } : null
}

/** The row after `swapEpoch`; `null` where it answers `false`. */
export function epochSwapped(
  session: SessionRecord,
  { fromEpoch, toEpoch, digest, now }: { fromEpoch: number; toEpoch: number; digest?: Digest; now: Date },
): SessionRecord | null {
  if (!isLive(session, now) || session.epoch !== fromEpoch) return null
  if (digest === undefined) return { ...session, epoch: toEpoch }
  const secret = { generation: session.generation + 1, currentDigest: digest, previousDigest: null, sealedSuccessor: null }
  return { ...session, epoch: toEpoch, ...secret }
}

/** The row after `revoke`. Of a row that was revoked before, nothing changes. */
export function revoked(session: SessionRecord, reason: SessionRecord['revokedReason'], now: Date): SessionRecord {
  return session.revokedAt ? session : { ...session, sealedSuccessor: null, revokedAt: now, revokedReason: reason }
}
