import type { ChangeEvent } from '../audit/index.js'
import { AuthError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { later } from '../shared/duration.js'
import { type IssuedApiKey, publicApiKey } from './api-key.js'
import { createApiKey, digestApiKey, maskApiKey } from './api-key-format.js'
import type { ApiKeySettings } from './api-key-settings.js'
import type { ApiKeyRecord, ApiKeyStore } from './api-key-store.js'
import { checkKeyCount } from './key-count.js'

/** What rotating needs. */
export interface RotateKeyDeps {
  readonly store: Pick<ApiKeyStore, 'list' | 'rotate'>
  readonly clock: Clock
  readonly settings: Pick<ApiKeySettings, 'prefixes'>
  /** Ends a key on every node. */
  readonly revoke: (key: ApiKeyRecord) => Promise<unknown>
}

/** A rotation that was made. */
export interface RotatedKey {
  readonly old: ApiKeyRecord
  readonly successor: IssuedApiKey
}

/**
 * Makes the function that replaces a key by a new one, which may do the same and lives as long as the old one was meant
 * to. The old one stays valid for the overlap, but never beyond its own end. Of N racers one gets the successor.
 * It throws `not_found` where the key is not in force any more.
 */
export function createRotateKey(
  deps: RotateKeyDeps,
): (old: ApiKeyRecord, overlapSeconds: number, event?: ChangeEvent) => Promise<RotatedKey> {
  const { store, clock, settings } = deps

  /** A key that is still in its overlap must not see a second one begin: at most two are valid at any time. */
  async function endPredecessor({ id }: ApiKeyRecord, keys: readonly ApiKeyRecord[], now: Date): Promise<void> {
    for (const key of keys) {
      if (key.replacedBy === id && isInForce(key, now)) await deps.revoke(key)
    }
  }

  return async (old, overlapSeconds, event) => {
    const now = clock.now()
    if (!isInForce(old, now) || old.replacedBy !== null) throw new AuthError('not_found')
    const keys = await store.list(old.userId)
    // A successor must not push another key that is in force off the list of its owner.
    checkKeyCount(keys)
    await endPredecessor(old, keys, now)
    const made = createApiKey(settings.prefixes[0])
    const lifeMs = old.expiresAt && old.expiresAt.getTime() - old.createdAt.getTime()
    const successor: ApiKeyRecord = {
      ...old,
      id: made.id,
      prefix: maskApiKey(made),
      digest: await digestApiKey(made.key),
      createdAt: now,
      expiresAt: lifeMs === null ? null : new Date(now.getTime() + lifeMs),
      lastUsedAt: null,
      uses: 0,
    }
    const { id, userId } = old
    const outcome = await store.rotate({ id, userId, successor, validUntil: later(now, overlapSeconds), now, event })
    if (outcome !== 'rotated') throw new AuthError('not_found')
    return { old, successor: { ...publicApiKey(successor), key: made.key } }
  }
}

function isInForce({ revokedAt, expiresAt }: ApiKeyRecord, now: Date): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now)
}
