import type { AuditStore } from '../audit/index.js'
import type { ClientRecord, ClientStore } from '../oauth-server/index.js'
import type { DeploymentMark } from '../shared/deployment-mark.js'
import { tell } from './tell.js'

/**
 * Keeps OAuth clients in this process, for tests and trials: all is gone with it.
 * @param clients Where the records are kept, by id.
 */
export function memoryClientStore(
  deployment: DeploymentMark | null = null,
  clients: Map<string, ClientRecord> = new Map(),
  trail?: AuditStore,
): ClientStore {
  return {
    deployment,
    async insert(client, event) {
      if (clients.has(client.id)) return false
      clients.set(client.id, structuredClone(client))
      tell(trail, event)
      return true
    },
    async find(id) {
      return structuredClone(clients.get(id) ?? null)
    },
    async list(after, limit) {
      const ids = [...clients.keys()].sort().filter((id) => after === null || id > after)
      return ids.slice(0, limit).flatMap((id) => structuredClone(clients.get(id)) ?? [])
    },
    async swap(fromVersion, client, event) {
      if (clients.get(client.id)?.version !== fromVersion) return false
      clients.set(client.id, structuredClone(client))
      tell(trail, event)
      return true
    },
    async delete(id, event) {
      if (!clients.delete(id)) return false
      tell(trail, event)
      return true
    },
  }
}
