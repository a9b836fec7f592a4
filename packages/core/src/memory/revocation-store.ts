import type { DeploymentMark } from '../shared/deployment-mark.js'
import { randomId } from '../shared/random.js'
import type { RevocationEntry, RevocationStore } from '../tokens/index.js'

/** Keeps the revocation feed in this process, for tests and trials: all is gone with it. */
export function memoryRevocationStore(deployment: DeploymentMark | null = null): RevocationStore {
  const epoch = randomId()
  const entries = new Map<string, RevocationEntry & { readonly position: number }>()
  const listeners = new Set<() => void>()
  let last = 0

  /** Where a cursor points to in this very feed; `null` where it is of another one. */
  function positionOf(cursor: string | null): number | null {
    const at = Number(cursor?.slice(epoch.length + 1))
    return cursor === `${epoch}:${at}` && at <= last ? at : null
  }

  return {
    deployment,
    async append(entry) {
      if (entries.has(entry.id)) return
      entries.set(entry.id, Object.freeze({ ...structuredClone(entry), position: ++last }))
      for (const wake of [...listeners]) wake()
    },
    async read(cursor, now) {
      const since = positionOf(cursor)
      const fresh = [...entries.values()].filter(({ position, expiresAt }) => position > (since ?? 0) && expiresAt > now)
      const page = fresh.map(({ id, target, expiresAt }) => ({ id, target: { ...target }, expiresAt: new Date(expiresAt) }))
      return { entries: page, cursor: `${epoch}:${last}`, whole: since === null, storeTime: now }
    },
    subscribe(wake) {
      const listener = (): void => wake()
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async deleteExpired(before, limit) {
      const due = [...entries.values()].filter(({ expiresAt }) => expiresAt < before).slice(0, limit)
      for (const { id } of due) entries.delete(id)
      return due.length
    },
  }
}
