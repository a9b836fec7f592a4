import type { Digest, IdentityRecord, SessionRecord, UserRecord } from '@auth/core'

/** The present of these tests. */
export const at: Date = new Date('2026-11-23T12:00:00.123Z')

/** Seconds after it. */
export function later(seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000)
}

/** A digest; what it is of is nobody's business here. */
export function digestNamed(name: string): Digest {
  return name as Digest
}

/** A user. */
export function user(fields: Partial<UserRecord> = {}): UserRecord {
  return {
    id: 'user-1',
    email: 'Ann@Example.com',
    emailKey: 'ann@example.com',
    emailVerifiedAt: null,
    name: null,
    passwordHash: '$argon2id$…',
    roles: ['user'],
    sessionEpoch: 0,
    accessVersion: 0,
    createdAt: at,
    disabledAt: null,
    ...fields,
  }
}

/** An account of that user's at a provider. */
export function identity(fields: Partial<IdentityRecord> = {}): IdentityRecord {
  return {
    id: 'identity-1',
    userId: 'user-1',
    provider: 'acme',
    subject: 'ann',
    email: null,
    sealedTokens: null,
    createdAt: at,
    ...fields,
  }
}

/** A live session of that user. */
export function session(fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: 'session-1',
    userId: 'user-1',
    clientId: null,
    scope: null,
    resource: null,
    carrier: 'refresh',
    epoch: 0,
    generation: 0,
    currentDigest: digestNamed('first'),
    previousDigest: null,
    sealedSuccessor: null,
    rotatedAt: null,
    createdAt: at,
    authenticatedAt: at,
    lastSeenAt: at,
    idleExpiresAt: later(3600),
    expiresAt: later(86_400),
    revokedAt: null,
    revokedReason: null,
    ip: '192.0.2.1',
    userAgent: 'test',
    ...fields,
  }
}
