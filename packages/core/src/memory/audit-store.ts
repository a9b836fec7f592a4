import type { AuditRecord, AuditStore } from '../audit/index.js'
import type { DeploymentMark } from '../shared/deployment-mark.js'

/**
 * Keeps the audit trail in this process, for tests and trials: all is gone with it.
 * @param events Where the events are kept, by id, in the order in which they came.
 */
export function memoryAuditStore(
  deployment: DeploymentMark | null = null,
  events: Map<string, AuditRecord> = new Map(),
): AuditStore {
  /** Of events of the same instant, the one that came later is the newer. */
  function newestFirst(): AuditRecord[] {
    return [...events.values()].reverse().sort((a, b) => b.at.getTime() - a.at.getTime())
  }

  return {
    deployment,
    async insert(event) {
      if (events.has(event.id)) return false
      events.set(event.id, structuredClone(event))
      return true
    },
    async list({ type, subject, after, limit }) {
      const all = newestFirst()
      const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1
      // What came after an event that is gone, was older than it and is gone too.
      if (after !== undefined && start === 0) return []
      const asked = all.slice(start).filter((event) => {
        return (type === undefined || event.type === type) && (subject === undefined || event.subject === subject)
      })
      return structuredClone(asked.slice(0, limit))
    },
    async deleteExpired(before, limit) {
      const due = newestFirst().filter(({ at }) => at < before)
      const oldest = due.reverse().slice(0, limit)
      for (const { id } of oldest) events.delete(id)
      return oldest.length
    },
  }
}
