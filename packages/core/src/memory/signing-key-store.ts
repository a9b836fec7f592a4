import type { AuditStore } from '../audit/index.js'
import type { DeploymentMark } from '../shared/deployment-mark.js'
import type { SigningKeyRecord, SigningKeyStore } from '../signing-keys/index.js'
import { tell } from './tell.js'

/** Keeps signing keys in this process, for tests and trials: all is gone with it. */
export function memorySigningKeyStore(deployment: DeploymentMark | null = null, trail?: AuditStore): SigningKeyStore {
  const byKid = new Map<string, SigningKeyRecord>()

  return {
    deployment,
    async list() {
      return structuredClone([...byKid.values()].sort((a, b) => a.ordinal - b.ordinal))
    },
    async insert(key, event) {
      if ([...byKid.values()].some(({ kid, ordinal }) => kid === key.kid || ordinal === key.ordinal)) return false
      byKid.set(key.kid, structuredClone(key))
      tell(trail, event)
      return true
    },
    async swap(fromTag, key) {
      if (byKid.get(key.kid)?.tag !== fromTag) return false
      byKid.set(key.kid, structuredClone(key))
      return true
    },
    async delete(kid, event) {
      if (!byKid.delete(kid)) return false
      tell(trail, event)
      return true
    },
  }
}
