import type { UserRecord, UserStore } from '../accounts/index.js'
import type { AuditStore } from '../audit/index.js'
import type { DeploymentMark } from '../shared/deployment-mark.js'
import { tell } from './tell.js'

/** Where users are kept. Records are replaced, never changed. */
export interface UserRows {
  readonly byId: Map<string, UserRecord>
  readonly idByEmailKey: Map<string, string>
  readonly deletedIds: Set<string>
}

/** Nobody yet, but for who is in `byId`. */
export function userRows(byId: Map<string, UserRecord> = new Map()): UserRows {
  return { byId, idByEmailKey: new Map(), deletedIds: new Set() }
}

/** Adds a user; `false` where the id or the canonical address exists. */
export function insertUserRow({ byId, idByEmailKey, deletedIds }: UserRows, user: UserRecord): boolean {
  if (byId.has(user.id) || deletedIds.has(user.id) || idByEmailKey.has(user.emailKey)) return false
  byId.set(user.id, structuredClone(user))
  idByEmailKey.set(user.emailKey, user.id)
  return true
}

/**
 * Keeps users in this process, for tests and trials: all is gone with it.
 * @param given Where the records are kept.
 */
export function memoryUserStore(
  deployment: DeploymentMark | null = null,
  given: Map<string, UserRecord> | UserRows = userRows(),
  trail?: AuditStore,
): UserStore {
  const rows = given instanceof Map ? userRows(given) : given
  const { byId, idByEmailKey, deletedIds } = rows

  /** Whether each set of roles that has a holder still has one, with another record, or none, in the place of a user's. */
  function keepsHolders(sets: readonly (readonly string[])[], user: UserRecord, changed: UserRecord | null): boolean {
    const left = sets.filter((names) => holds(user, names) && !(changed && holds(changed, names)))
    return left.every((names) => [...byId.values()].some((other) => other.id !== user.id && holds(other, names)))
  }

  return {
    deployment,
    async find(id) {
      return structuredClone(byId.get(id) ?? null)
    },
    async findByEmailKey(emailKey) {
      return structuredClone(byId.get(idByEmailKey.get(emailKey) ?? '') ?? null)
    },
    async insert(user, event) {
      if (!insertUserRow(rows, user)) return false
      tell(trail, event)
      return true
    },
    async swapPasswordHash(userId, from, to) {
      const user = byId.get(userId)
      if (user?.passwordHash !== from) return false
      byId.set(userId, { ...user, passwordHash: to })
      return true
    },
    async swapEmail({ userId, from, sessionEpoch, email, emailKey, verifiedAt, event }) {
      const user = byId.get(userId)
      if (user?.emailKey !== from || (sessionEpoch ?? user.sessionEpoch) !== user.sessionEpoch) return 'stale'
      if ((idByEmailKey.get(emailKey) ?? userId) !== userId) return 'taken'
      idByEmailKey.delete(from)
      idByEmailKey.set(emailKey, userId)
      byId.set(userId, { ...user, email, emailKey, emailVerifiedAt: new Date(verifiedAt) })
      tell(trail, event)
      return 'swapped'
    },
    async revoke({ userId, ends, set = {}, expected = {}, keepsHolderOf = [], event }) {
      const user = byId.get(userId)
      if (!user) return null
      if (expected.sessionEpoch !== undefined && expected.sessionEpoch !== user.sessionEpoch) return null
      if (expected.accessVersion !== undefined && expected.accessVersion !== user.accessVersion) return null
      if (expected.emailKey !== undefined && expected.emailKey !== user.emailKey) return null
      if (expected.passwordHash !== undefined && expected.passwordHash !== user.passwordHash) return null
      if (!keepsHolders(keepsHolderOf, user, { ...user, ...set })) return null
      const sessionEpoch = user.sessionEpoch + (ends === 'sessions' ? 1 : 0)
      const accessVersion = user.accessVersion + 1
      byId.set(userId, { ...user, ...structuredClone(set), sessionEpoch, accessVersion })
      tell(trail, event)
      return { sessionEpoch, accessVersion, announced: false }
    },
    async delete(userId, keepsHolderOf = [], event) {
      const user = byId.get(userId)
      if (!user || !keepsHolders(keepsHolderOf, user, null)) return false
      byId.delete(userId)
      deletedIds.add(userId)
      idByEmailKey.delete(user.emailKey)
      tell(trail, event)
      return true
    },
    async list({ after, limit }) {
      const ids = [...byId.keys()].filter((id) => after === null || id > after).sort()
      return structuredClone(ids.slice(0, limit).flatMap((id) => byId.get(id) ?? []))
    },
  }
}

function holds({ roles, disabledAt }: UserRecord, names: readonly string[]): boolean {
  return disabledAt === null && roles.some((role) => names.includes(role))
}
