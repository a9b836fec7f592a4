import type { DeploymentMark } from '../shared/deployment-mark.js'
import type { AuthStores } from '../stores.js'
import { memoryApiKeyStore } from './api-key-store.js'
import { memoryAttemptStore } from './attempt-store.js'
import { memoryAuditStore } from './audit-store.js'
import { memoryClientStore } from './client-store.js'
import { memoryIdentityStore } from './identity-store.js'
import { memoryRevocationStore } from './revocation-store.js'
import { memorySessionStore } from './session-store.js'
import { memorySigningKeyStore } from './signing-key-store.js'
import { memoryTicketStore } from './ticket-store.js'
import { memoryUserStore, userRows } from './user-store.js'

/**
 * Keeps everything in this process, for tests and trials: all is gone with it, and no other process sees it.
 * The reference that other stores are compared with.
 */
export function memoryStores(): Required<AuthStores> {
  const deployment = memoryDeploymentMark()
  const users = userRows()
  const audit = memoryAuditStore(deployment)
  return {
    users: memoryUserStore(deployment, users, audit),
    identities: memoryIdentityStore(deployment, users, undefined, audit),
    sessions: memorySessionStore(deployment, undefined, audit),
    revocations: memoryRevocationStore(deployment),
    attempts: memoryAttemptStore(deployment),
    signingKeys: memorySigningKeyStore(deployment, audit),
    audit,
    tickets: memoryTicketStore(deployment, undefined, audit),
    apiKeys: memoryApiKeyStore(deployment, undefined, audit),
    clients: memoryClientStore(deployment, undefined, audit),
  }
}

function memoryDeploymentMark(): DeploymentMark {
  const kept = new Map<string, string>()
  return {
    async claim(name, value) {
      if (!kept.has(name)) kept.set(name, value)
      return kept.get(name) ?? value
    },
  }
}
