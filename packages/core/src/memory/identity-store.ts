import type { IdentityRecord, IdentityStore } from '../accounts/index.js'
import type { AuditStore } from '../audit/index.js'
import type { DeploymentMark } from '../shared/deployment-mark.js'
import { tell } from './tell.js'
import { insertUserRow, type UserRows, userRows } from './user-store.js'

/**
 * Keeps identities in this process, for tests and trials: all is gone with it.
 * @param users Where the users are kept.
 * @param byId Where the identities are kept. They are replaced, never changed.
 */
export function memoryIdentityStore(
  deployment: DeploymentMark | null = null,
  users: UserRows = userRows(),
  byId: Map<string, IdentityRecord> = new Map(),
  trail?: AuditStore,
): IdentityStore {
  const userById = users.byId

  /** Those of users who are there. What a deleted one leaves is removed by whoever meets it. */
  function all(): readonly IdentityRecord[] {
    for (const { id, userId } of byId.values()) if (!userById.has(userId)) byId.delete(id)
    return [...byId.values()]
  }

  function of(userId: string): readonly IdentityRecord[] {
    return all().filter((identity) => identity.userId === userId)
  }

  function isTaken({ id, provider, subject }: IdentityRecord): boolean {
    return all().some((other) => other.id === id || (other.provider === provider && other.subject === subject))
  }

  function keep(identity: IdentityRecord): void {
    byId.set(identity.id, structuredClone(identity))
  }

  return {
    deployment,
    async find(provider, subject) {
      const found = all().find((identity) => identity.provider === provider && identity.subject === subject)
      return structuredClone(found ?? null)
    },
    async list(userId) {
      return structuredClone(of(userId)).toSorted(byCreation)
    },
    async insertUser({ user, identity, event }) {
      if (isTaken(identity)) return 'identity_taken'
      if (!insertUserRow(users, user)) return 'email_taken'
      keep(identity)
      tell(trail, event)
      return 'inserted'
    },
    async insert({ identity, sessionEpoch, event }) {
      if (isTaken(identity)) return 'taken'
      if (userById.get(identity.userId)?.sessionEpoch !== sessionEpoch) return 'stale'
      keep(identity)
      tell(trail, event)
      return 'inserted'
    },
    async claim({ identity, emailKey, accessVersion, verifiedAt, event }) {
      const user = userById.get(identity.userId)
      if (user?.emailKey !== emailKey || user.accessVersion !== accessVersion) return null
      if (user.emailVerifiedAt || user.disabledAt || isTaken(identity)) return null
      for (const { id } of of(user.id)) byId.delete(id)
      keep(identity)
      const raised = { sessionEpoch: user.sessionEpoch + 1, accessVersion: user.accessVersion + 1 }
      userById.set(user.id, { ...user, ...raised, passwordHash: null, emailVerifiedAt: new Date(verifiedAt) })
      tell(trail, event)
      return { ...raised, announced: false }
    },
    async swapTokens(id, from, to) {
      const identity = all().find((each) => each.id === id)
      if (!identity || identity.sealedTokens !== from) return false
      keep({ ...identity, sealedTokens: to })
      return true
    },
    async delete({ id, userId, usableProviders, event }) {
      const identities = of(userId)
      if (!identities.some((identity) => identity.id === id)) return 'absent'
      const isLeft = identities.some((other) => other.id !== id && usableProviders.includes(other.provider))
      if (!isLeft && userById.get(userId)?.passwordHash === null) return 'last'
      byId.delete(id)
      tell(trail, event)
      return 'deleted'
    },
    async deleteAll(userId) {
      const identities = of(userId)
      for (const { id } of identities) byId.delete(id)
      return identities.length
    },
  }
}

function byCreation(a: IdentityRecord, b: IdentityRecord): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1)
}
