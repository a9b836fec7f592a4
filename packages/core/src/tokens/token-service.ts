import { AuthError } from '../errors.js'
import { base64url, utf8 } from '../shared/bytes.js'
import type { Clock } from '../shared/clock.js'
import { randomUuid } from '../shared/random.js'
import type { KeyRing } from '../signing-keys/index.js'
import { type AccessClaims, isExpired, readAccessClaims } from './access-claims.js'
import { createClaimsCache, type VerifiedToken } from './claims-cache.js'
import type { RevocationFeed } from './revocation-feed.js'
import { verifySignature } from './verify-signature.js'

/** What an access token is to say. */
export interface AccessTokenGrant {
  /** The user's id, or the client's for its own tokens. */
  readonly subject: string
  readonly clientId: string
  readonly sessionId?: string
  readonly authenticatedAt?: Date
  /** As read in the same query as the roles. */
  readonly accessVersion?: number
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
}

/** A signed access token. */
export interface IssuedToken {
  readonly token: string
  readonly claims: AccessClaims
  /** Seconds until it expires. */
  readonly expiresIn: number
}

/** What the service needs. */
export interface TokenServiceDeps {
  readonly keyRing: KeyRing
  readonly feed: RevocationFeed
  readonly clock: Clock
  readonly issuer: string
  readonly audience: string
  /** At most an hour. */
  readonly accessTtlSeconds: number
  readonly clockToleranceSeconds: number
}

/** Issues and verifies access tokens (RFC 9068). */
export interface TokenService {
  /** Signs an access token. @throws StoreError where no key can be had */
  issue(grant: AccessTokenGrant): Promise<IssuedToken>
  /**
   * Verifies an access token: form, signature, claims, then whether it has been taken back.
   * @throws AuthError `token_malformed`, `token_signature_invalid`, `token_claims_invalid`, `token_expired`, `token_revoked`; StoreError
   */
  verify(token: string): Promise<AccessClaims>
}

/** Makes the service. */
export function createTokenService(deps: TokenServiceDeps): TokenService {
  const { keyRing, feed, clock, issuer, audience, accessTtlSeconds, clockToleranceSeconds } = deps
  const cache = createClaimsCache()
  let cachedUnder = -1

  async function verifyAnew(token: string): Promise<VerifiedToken> {
    const { header, payload } = await verifySignature(token, async (kid) => (kid === undefined ? null : keyRing.find(kid)))
    const expected = { issuer, audience, now: clock.now(), toleranceSeconds: clockToleranceSeconds }
    return {
      claims: readAccessClaims(header, payload, expected),
      kid: typeof header.kid === 'string' ? header.kid : undefined,
    }
  }

  /** What was verified under other keys is verified again. */
  function remembered(token: string): VerifiedToken | undefined {
    if (cachedUnder !== keyRing.version) {
      cache.clear()
      cachedUnder = keyRing.version
    }
    return cache.get(token)
  }

  return {
    async issue(grant) {
      const key = await keyRing.active()
      const claims = claimsOf(grant, { iss: issuer, aud: audience, issuedAt: clock.now(), ttlSeconds: accessTtlSeconds })
      const header = { alg: key.algorithm, typ: 'at+jwt', kid: key.kid }
      const signed = [header, claims].map((part) => base64url(utf8(JSON.stringify(part)))).join('.')
      const signature = await key.sign(utf8(signed))
      return { token: `${signed}.${base64url(signature)}`, claims, expiresIn: accessTtlSeconds }
    },
    async verify(token) {
      await feed.ensureFresh()
      await keyRing.ready()
      const known = remembered(token)
      const { claims, kid } = known ?? (await verifyAnew(token))
      if (isExpired(claims, clock.now().getTime() / 1000, clockToleranceSeconds)) throw new AuthError('token_expired')
      if (feed.isRevoked(claims) || (kid !== undefined && feed.isKeyRevoked(kid))) throw new AuthError('token_revoked')
      if (!known && cachedUnder === keyRing.version) cache.set(token, { claims, kid })
      return claims
    },
  }
}

function claimsOf(
  grant: AccessTokenGrant,
  { iss, aud, issuedAt, ttlSeconds }: { iss: string; aud: string; issuedAt: Date; ttlSeconds: number },
): AccessClaims {
  const iat = Math.floor(issuedAt.getTime() / 1000)
  const { subject, clientId, sessionId, authenticatedAt, accessVersion, roles, scopes } = grant
  return Object.freeze({
    iss,
    sub: subject,
    aud,
    iat,
    exp: iat + ttlSeconds,
    jti: randomUuid(),
    client_id: clientId,
    ...(authenticatedAt ? { auth_time: Math.floor(authenticatedAt.getTime() / 1000) } : {}),
    ...(accessVersion === undefined ? {} : { ver: accessVersion }),
    ...(sessionId === undefined ? {} : { sid: sessionId }),
    roles,
    scopes,
    scope: scopes.join(' '),
  })
}
