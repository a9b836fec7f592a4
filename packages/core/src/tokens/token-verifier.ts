import { AuthError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import type { VerificationKey } from '../signing-keys/index.js'
import { type ClaimsPolicy, readAccessClaims, requireUnexpired } from './access-claims.js'
import { type ClaimsCache, createClaimsCache, type VerifiedToken } from './claims-cache.js'
import { parseJsonObject } from './json-object.js'
import { verifySignature } from './verify-signature.js'

/** Keys to verify with, wherever they come from. */
export interface VerifierKeys {
  /** Rises with every change of the set of keys. */
  readonly version: number
  /** Resolves when there are keys to verify with. @throws StoreError */
  ready(): Promise<void>
  /** The key of that name, or `null`. @throws StoreError */
  find(kid: string): Promise<VerificationKey | null>
}

/** Verifies access tokens by their signature and claims; whether one was revoked is not its matter. */
export interface TokenVerifier {
  /** The claims of a token that is good now. @throws AuthError `token_…`, but for `token_revoked`; StoreError */
  verify(token: string): Promise<VerifiedToken>
  /** The claims of a token that is good or once was: it may have expired. @throws AuthError, StoreError */
  read(token: string): Promise<VerifiedToken>
}

/** RFC 9068, section 2.1; media types are compared without case (RFC 7515, section 4.1.9). */
export const tokenType = 'at+jwt'
const acceptedTypes: ReadonlySet<string | undefined> = new Set([tokenType, `application/${tokenType}`])

/** Makes the verifier. It remembers what it verified, for as long as the set of keys is the same. */
export function createTokenVerifier({
  keys,
  policy,
  clock,
}: {
  readonly keys: VerifierKeys
  readonly policy: ClaimsPolicy
  readonly clock: Clock
}): TokenVerifier {
  const cache: ClaimsCache = createClaimsCache()

  async function recall(token: string): Promise<VerifiedToken | undefined> {
    // Only for tokens that were verified before: garbage never makes anybody read keys.
    if (cache.get(token, keys.version)) await keys.ready()
    return cache.get(token, keys.version)
  }

  async function readToken(token: string, mayBeExpired: boolean): Promise<VerifiedToken> {
    const { kid, type, payload } = await verifySignature(token, (name) => keys.find(name))
    if (!acceptedTypes.has(type?.toLowerCase())) throw new AuthError('token_claims_invalid')
    const object = parseJsonObject(payload)
    if (!object) throw new AuthError('token_malformed')
    return { claims: readAccessClaims(object, policy, clock.now(), mayBeExpired), kid }
  }

  async function verifyAnew(token: string): Promise<VerifiedToken> {
    const { version } = keys
    const verified = await readToken(token, false)
    // Where the keys changed meanwhile, the one it is signed with may be gone.
    if (version === keys.version) cache.set(token, verified, version)
    return verified
  }

  return {
    read: (token) => readToken(token, true),
    async verify(token) {
      const verified = (await recall(token)) ?? (await verifyAnew(token))
      requireUnexpired(verified.claims, policy, clock.now())
      return verified
    },
  }
}
