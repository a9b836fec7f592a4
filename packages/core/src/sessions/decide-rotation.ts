import type { Rotation, RotationOutcome, SessionEndReason, SessionRecord } from './session-store.js'

/** What a rotation comes to, and the row to write for it; `null` leaves the store as it is. */
export interface RotationDecision {
  readonly outcome: RotationOutcome
  readonly write: SessionRecord | null
}

/**
 * The rule that every store's `rotate` follows: a pure function of the row and the presented secret. Only a live row
 * can be reused, so that a spent secret found later ends nothing more. A store applies it in one step.
 */
export function decideRotation(session: SessionRecord | null, rotation: Rotation): RotationDecision {
  if (!session) return unchanged({ outcome: 'absent' })
  if (session.carrier !== rotation.carrier || session.clientId !== rotation.clientId)
    return unchanged({ outcome: 'invalid' })
  if (session.revokedAt || session.epoch !== rotation.userEpoch) return unchanged({ outcome: 'revoked', session })
  if (!isUnexpired(session, rotation.now)) return unchanged({ outcome: 'expired' })
  if (rotation.generation === session.generation && rotation.digest === session.currentDigest)
    return rotated(session, rotation)
  if (isRetry(session, rotation)) return unchanged({ outcome: 'retried', session, sealedSuccessor: session.sealedSuccessor })
  if (rotation.generation < session.generation) return ended('reused', session, 'reuse', rotation.now)
  return ended('rolled_back', session, 'rollback', rotation.now)
}

/** Whether neither the idle nor the absolute end has come. */
export function isUnexpired(session: SessionRecord, now: Date): boolean {
  return now < session.idleExpiresAt && now < session.expiresAt
}

/** Whether the session is neither revoked nor expired. Its epoch is the caller's to compare. */
export function isLive(session: SessionRecord, now: Date): boolean {
  return session.revokedAt === null && isUnexpired(session, now)
}

function unchanged(outcome: RotationOutcome): RotationDecision {
  return { outcome, write: null }
}

function rotated(session: SessionRecord, rotation: Rotation): RotationDecision {
  const write: SessionRecord = {
    ...session,
    generation: session.generation + 1,
    currentDigest: rotation.successor.digest,
    previousDigest: session.currentDigest,
    sealedSuccessor: rotation.successor.sealed,
    rotatedAt: rotation.now,
    lastSeenAt: rotation.now,
    idleExpiresAt: earlier(rotation.idleExpiresAt, session.expiresAt),
  }
  return { outcome: { outcome: 'rotated', session: write }, write }
}

function isRetry(
  session: SessionRecord,
  rotation: Rotation,
): session is SessionRecord & { readonly sealedSuccessor: string } {
  return (
    rotation.generation === session.generation - 1 &&
    rotation.digest === session.previousDigest &&
    session.sealedSuccessor !== null &&
    session.rotatedAt !== null &&
    rotation.now.getTime() - session.rotatedAt.getTime() < rotation.retryWindowMs
  )
}

function ended(
  outcome: 'reused' | 'rolled_back',
  session: SessionRecord,
  reason: SessionEndReason,
  now: Date,
): RotationDecision {
  const write: SessionRecord = { ...session, sealedSuccessor: null, revokedAt: now, revokedReason: reason }
  return { outcome: { outcome, session: write }, write }
}

/** The earlier of two instants. */
export function earlier(a: Date, b: Date): Date {
  return a < b ? a : b
}
