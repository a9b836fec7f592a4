import type { AuthStores } from '../stores.js'
import { memoryAttemptStore } from './attempt-store.js'
import { memoryAuditStore } from './audit-store.js'
import { memoryRevocationStore } from './revocation-store.js'
import { memorySessionStore } from './session-store.js'
import { memorySigningKeyStore } from './signing-key-store.js'
import { memoryUserStore } from './user-store.js'

/**
 * Keeps everything in this process, for tests and trials: all is gone with it, and no other process sees it.
 * The reference that other stores are compared with.
 */
export function memoryStores(): Required<AuthStores> {
  return {
    users: memoryUserStore(),
    sessions: memorySessionStore(),
    revocations: memoryRevocationStore(),
    attempts: memoryAttemptStore(),
    signingKeys: memorySigningKeyStore(),
    audit: memoryAuditStore(),
  }
}
