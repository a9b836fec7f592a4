import { AuthError, ConfigError, type ConfigProblem } from '../errors.js'
import { base64url, utf8 } from '../shared/bytes.js'
import type { Clock } from '../shared/clock.js'
import { randomUuid } from '../shared/random.js'
import type { KeyRing } from '../signing-keys/index.js'
import { type AccessClaims, firstPartyClientId, freezeClaims, isExpired, maxAccessTtlSeconds } from './access-claims.js'
import type { VerifiedToken } from './claims-cache.js'
import { maxTokenLength } from './compact-jws.js'
import type { RevocationFeed } from './revocation-feed.js'
import { createTokenVerifier, type TokenVerifier, tokenType } from './token-verifier.js'

/** What an access token is issued for. */
export interface AccessTokenGrant {
  /** The user's id; the client's own where it acts for no user. */
  readonly subject: string
  /** The client; `firstPartyClientId` for the application itself. */
  readonly clientId: string
  readonly sessionId?: string
  /** When a person proved who they are; copied unchanged through refreshes. */
  readonly authenticatedAt?: Date
  /** The user's, as read in the same query as the roles. */
  readonly accessVersion?: number
  /** Written into tokens of the application itself alone: what is delegated carries scopes and no roles. */
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** Default: the deployment's. */
  readonly audience?: string
  /** Default: the deployment's. At most an hour. */
  readonly ttlSeconds?: number
}

/** A new access token. */
export interface IssuedToken {
  readonly token: string
  readonly claims: AccessClaims
  /** Seconds until it expires. */
  readonly expiresIn: number
}

/** Issues and verifies access tokens: JWTs as RFC 9068 has them. */
export interface TokenService {
  /** Issues a token. @throws ConfigError where it would live too long or be too long, StoreError */
  issue(grant: AccessTokenGrant): Promise<IssuedToken>
  /** The claims of a token that was issued here, also once it has expired or been taken back; `null` for any other string. For ending, never for letting in. */
  recognise(token: string, options?: { readonly anyAudience?: boolean }): Promise<AccessClaims | null>
  /**
   * The claims of a token for whatever audience that was issued here and is in force now, by the stores and not by what is
   * remembered; `null` for any other string. For telling others, never for letting in. @throws StoreError
   */
  inspect(token: string): Promise<AccessClaims | null>
  /**
   * Verifies a token, its revocation included. Reads no store as long as keys and revocations are fresh.
   * @throws AuthError `token_malformed`, `token_signature_invalid`, `token_expired`, `token_claims_invalid` or `token_revoked`;
   * StoreError
   */
  verify(token: string): Promise<AccessClaims>
}

/** What tokens are issued and judged by. */
export interface TokenSettings {
  readonly issuer: string
  readonly audience: string
  /** From 1 s to an hour. */
  readonly accessTtlSeconds: number
  /** From 0 to 60 s. */
  readonly clockToleranceSeconds: number
}

/** What the service needs. */
export interface TokenServiceDeps extends TokenSettings {
  readonly keyRing: KeyRing
  readonly feed: RevocationFeed
  readonly clock: Clock
}

/** How far clocks may be said to differ. */
export const maxClockToleranceSeconds = 60

/** All that is wrong with settings. */
export function tokenSettingsProblems(settings: TokenSettings): ConfigProblem[] {
  const { issuer, audience, accessTtlSeconds, clockToleranceSeconds } = settings
  const problems: ConfigProblem[] = []
  if (issuer === '') problems.push({ path: 'issuer', message: 'must not be empty' })
  if (audience === '') problems.push({ path: 'audience', message: 'must not be empty' })
  if (!isWithin(accessTtlSeconds, 1, maxAccessTtlSeconds))
    problems.push({ path: 'tokens.accessTtl', message: `must be from 1 to ${maxAccessTtlSeconds} seconds` })
  if (!isWithin(clockToleranceSeconds, 0, maxClockToleranceSeconds))
    problems.push({ path: 'tokens.clockTolerance', message: `must be from 0 to ${maxClockToleranceSeconds} seconds` })
  return problems
}

function isWithin(seconds: number, minimum: number, maximum: number): boolean {
  return Number.isSafeInteger(seconds) && seconds >= minimum && seconds <= maximum
}

/** Makes the service. @throws ConfigError */
export function createTokenService(deps: TokenServiceDeps): TokenService {
  const problems = tokenSettingsProblems(deps)
  if (problems.length > 0) throw new ConfigError(problems)
  const { keyRing, feed, clock } = deps
  const verifier = createTokenVerifier({ keys: keyRing, policy: deps, clock })
  const anyAudience = createTokenVerifier({ keys: keyRing, policy: { ...deps, audience: null }, clock })

  /** What a token says that is good or once was; `null` for any other string. */
  async function tryRead(token: string, by: TokenVerifier): Promise<VerifiedToken | null> {
    try {
      return await by.read(token)
    } catch (error) {
      if (error instanceof AuthError) return null
      throw error
    }
  }

  return {
    issue: (grant) => issueToken(deps, grant),
    recognise: async (token, options) =>
      (await tryRead(token, options?.anyAudience ? anyAudience : verifier))?.claims ?? null,
    async inspect(token) {
      const read = await tryRead(token, anyAudience)
      if (!read || isExpired(read.claims, deps, clock.now())) return null
      await feed.readNow()
      return feed.isKidRevoked(read.kid) || feed.isRevoked(read.claims) ? null : read.claims
    },
    async verify(token) {
      const { claims, kid } = await verifier.verify(token)
      // Asked last: garbage never makes anybody read the feed.
      await feed.ensureFresh()
      if (feed.isKidRevoked(kid) || feed.isRevoked(claims)) throw new AuthError('token_revoked')
      return claims
    },
  }
}

async function issueToken(deps: TokenServiceDeps, grant: AccessTokenGrant): Promise<IssuedToken> {
  const { keyRing, feed, clock } = deps
  const expiresIn = grant.ttlSeconds ?? deps.accessTtlSeconds
  if (!isWithin(expiresIn, 1, maxAccessTtlSeconds))
    throw new ConfigError([{ path: 'ttlSeconds', message: `must be from 1 to ${maxAccessTtlSeconds}` }])
  const key = await keyRing.active((kid) => feed.isKidRevoked(kid))
  const payload = payloadOf(deps, grant, Math.floor(clock.now().getTime() / 1000), expiresIn)
  const header = { alg: key.algorithm, kid: key.kid, typ: tokenType }
  const input = `${encode(header)}.${encode(payload)}`
  const token = `${input}.${base64url(await key.sign(utf8(input)))}`
  if (token.length > maxTokenLength)
    throw new ConfigError([{ path: 'scopes', message: `and roles make a token of more than ${maxTokenLength} characters` }])
  return { token, claims: freezeClaims(payload), expiresIn }
}

function payloadOf(deps: TokenServiceDeps, grant: AccessTokenGrant, iat: number, ttlSeconds: number): AccessClaims {
  const { subject, clientId, sessionId, authenticatedAt, accessVersion, roles, scopes, audience } = grant
  return {
    iss: deps.issuer,
    sub: subject,
    aud: audience ?? deps.audience,
    iat,
    exp: iat + ttlSeconds,
    jti: randomUuid(),
    client_id: clientId,
    ...(authenticatedAt === undefined ? {} : { auth_time: Math.floor(authenticatedAt.getTime() / 1000) }),
    ...(accessVersion === undefined ? {} : { ver: accessVersion }),
    ...(sessionId === undefined ? {} : { sid: sessionId }),
    roles: clientId === firstPartyClientId ? roles : [],
    scopes,
    scope: scopes.join(' '),
  }
}

function encode(value: object): string {
  return base64url(utf8(JSON.stringify(value)))
}
