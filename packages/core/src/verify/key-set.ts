import { isPlainObject } from '../shared/plain-object.js'
import { loadVerificationKeys, type SigningAlgorithm, type VerificationKey } from '../signing-keys/index.js'
import type { JsonObject } from '../tokens/index.js'

const mostKeys = 64
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const

/**
 * The keys of a JWK set (RFC 7517, section 5) that tokens may be signed with: those that are for signatures and name one of
 * the algorithms. Others are left aside. What must not be in a public set at all, or is no sound key, spoils the whole of it.
 * @throws Error, ConfigError
 */
export async function readKeySet(
  { keys: given }: JsonObject,
  algorithms: readonly SigningAlgorithm[],
): Promise<readonly VerificationKey[]> {
  if (!Array.isArray(given)) throw new Error('the key set has no list of keys')
  if (given.length > mostKeys) throw new Error(`the key set has more than ${mostKeys} keys`)
  if (given.some(isSecret)) throw new Error('the key set has a secret in it: a shared or private key')
  const keys = await loadVerificationKeys(given.filter((jwk) => isForTokens(jwk, algorithms)))
  if (keys.length === 0) throw new Error(`the key set has no key for ${algorithms.join(', ')}`)
  return keys
}

function isSecret(jwk: unknown): boolean {
  return isPlainObject(jwk) && (Reflect.get(jwk, 'kty') === 'oct' || privateMembers.some((name) => name in jwk))
}

function isForTokens(jwk: unknown, algorithms: readonly SigningAlgorithm[]): boolean {
  if (!isPlainObject(jwk)) return false
  const { use, alg, key_ops: operations } = jwk as JsonObject
  const isForSignatures = (use ?? 'sig') === 'sig' && (!Array.isArray(operations) || operations.includes('verify'))
  return isForSignatures && algorithms.some((name) => name === alg)
}
