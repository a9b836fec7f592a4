import type { ApiKeyRecord, ApiKeyRotation } from '../../api-keys/index.js'
import { later } from '../../shared/duration.js'
import { afterMs, eras, present, uniqueDigest, uniqueText, uniqueUuid } from './samples.js'

/** A live key no other test knows. */
export function apiKeyRecord(fields: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return {
    id: uniqueText('key'),
    userId: uniqueUuid(),
    prefix: 'acme_live',
    name: 'Deploy bot',
    digest: uniqueDigest(),
    scopes: ['write:orders', 'read:orders', 'Read:orders'],
    allowedIps: null,
    createdAt: present,
    expiresAt: null,
    lastUsedAt: null,
    uses: 0,
    revokedAt: null,
    replacedBy: null,
    ...fields,
  }
}

/** Keys with every field full, every field empty, and times far from any clock. */
export function variedKeys(): readonly ApiKeyRecord[] {
  const times = (from: Date): Partial<ApiKeyRecord> => ({
    createdAt: from,
    expiresAt: afterMs(from, 334),
    lastUsedAt: afterMs(from, 111),
    revokedAt: afterMs(from, 222),
  })
  return [
    apiKeyRecord(),
    apiKeyRecord({ scopes: [], allowedIps: [] }),
    apiKeyRecord({
      ...times(present),
      allowedIps: ['10.0.0.0/8', '2001:db8::/32'],
      uses: 2_000_000_000,
      replacedBy: uniqueText('key'),
    }),
    ...eras.map((era) => apiKeyRecord(times(era))),
  ]
}

/** A rotation of a key a minute after it was made, to a successor no other test knows. */
export function apiKeyRotationOf(key: ApiKeyRecord, fields: Partial<ApiKeyRotation> = {}): ApiKeyRotation {
  const { id, userId, createdAt } = key
  const now = later(createdAt, 60)
  return { id, userId, successor: apiKeyRecord({ userId, createdAt: now }), validUntil: later(now, 300), now, ...fields }
}
