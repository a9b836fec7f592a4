import type { ApiKeyRecord, ApiKeyStore } from '../api-keys/index.js'
import type { AuditStore } from '../audit/index.js'
import type { DeploymentMark } from '../shared/deployment-mark.js'
import { tell } from './tell.js'

const listLimit = 1000

/**
 * Keeps API keys in this process, for tests and trials: all is gone with it.
 * @param keys Where the records are kept, by id. They are replaced, never changed.
 */
export function memoryApiKeyStore(
  deployment: DeploymentMark | null = null,
  keys: Map<string, ApiKeyRecord> = new Map(),
  trail?: AuditStore,
): ApiKeyStore {
  function put(key: ApiKeyRecord): void {
    keys.set(key.id, structuredClone(key))
  }

  function ownedBy(userId: string): ApiKeyRecord[] {
    return [...keys.values()].filter((key) => key.userId === userId)
  }

  return {
    deployment,
    async insert(key, limit = Number.POSITIVE_INFINITY, event) {
      if (keys.has(key.id)) return 'exists'
      if (ownedBy(key.userId).length >= limit) return 'limit'
      put(key)
      tell(trail, event)
      return 'inserted'
    },
    async find(id) {
      return structuredClone(keys.get(id) ?? null)
    },
    async list(userId) {
      return structuredClone(
        ownedBy(userId)
          .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
          .slice(0, listLimit),
      )
    },
    async rotate({ id, userId, successor, validUntil, now, event }) {
      const key = keys.get(id)
      if (key?.userId !== userId || keys.has(successor.id)) return 'absent'
      if (key.revokedAt) return 'revoked'
      // Before expiry, which a rotation without overlap brings about at once.
      if (key.replacedBy !== null) return 'replaced'
      if (key.expiresAt && key.expiresAt <= now) return 'expired'
      const expiresAt = key.expiresAt && key.expiresAt < validUntil ? key.expiresAt : validUntil
      put({ ...key, expiresAt, replacedBy: successor.id })
      put(successor)
      tell(trail, event)
      return 'rotated'
    },
    async revoke(id, userId, now, event) {
      const key = keys.get(id)
      if (key?.userId !== userId || key.revokedAt) return false
      put({ ...key, revokedAt: now })
      tell(trail, event)
      return true
    },
    async revokeAll(userId, now) {
      const live = ownedBy(userId).filter(({ revokedAt }) => !revokedAt)
      for (const key of live) put({ ...key, revokedAt: now })
      return live.length
    },
    async recordUses(uses) {
      for (const { id, lastUsedAt, uses: count } of uses) {
        const key = keys.get(id)
        if (!key) continue
        const latest = key.lastUsedAt && key.lastUsedAt > lastUsedAt ? key.lastUsedAt : lastUsedAt
        put({ ...key, lastUsedAt: latest, uses: key.uses + count })
      }
    },
    async deleteExpired(before, limit) {
      const ended = ({ expiresAt, revokedAt }: ApiKeyRecord): boolean =>
        (expiresAt !== null && expiresAt < before) || (revokedAt !== null && revokedAt < before)
      const due = [...keys.values()].filter(ended).slice(0, limit)
      for (const { id } of due) keys.delete(id)
      return due.length
    },
  }
}
