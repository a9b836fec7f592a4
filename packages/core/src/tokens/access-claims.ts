import { AuthError } from '../errors.js'
import type { JsonObject } from './json-object.js'

/** What a verified access token says (RFC 9068, section 2.2). Frozen throughout. Times are seconds since 1970. */
export interface AccessClaims {
  /** The issuer. */
  readonly iss: string
  /** The user's id; the client's own id in a token that acts for no user. */
  readonly sub: string
  /** Whom it is for. */
  readonly aud: string | readonly string[]
  readonly iat: number
  readonly exp: number
  /** Names this token. */
  readonly jti: string
  /** The client it was issued to; `first-party` for the application itself. */
  readonly client_id: string
  /** When a person proved who they are. */
  readonly auth_time?: number
  /** The user's `accessVersion` when it was issued. */
  readonly ver?: number
  /** The session it belongs to. */
  readonly sid?: string
  /** Names of the user's roles; empty in tokens for clients. */
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** The scopes again in OAuth's form: with a space between them. */
  readonly scope: string
}

/** The client id of tokens that are the application's own. */
export const firstPartyClientId = 'first-party'

/** The longest that an access token lives. What is revoked is remembered a little longer. */
export const maxAccessTtlSeconds = 3600

/** What a token is judged by. */
export interface ClaimsPolicy {
  readonly issuer: string
  /** `null`: whatever it is, for who looks at tokens without letting anybody in by them. */
  readonly audience: string | null
  /** How far clocks may differ. */
  readonly clockToleranceSeconds: number
}

/**
 * Judges the payload of a token whose signature was verified.
 * @throws AuthError `token_claims_invalid`; `token_expired` where nothing else is wrong with it
 */
export function readAccessClaims(payload: JsonObject, policy: ClaimsPolicy, now: Date, mayBeExpired = false): AccessClaims {
  const { iss, aud } = payload
  const { issuer, audience } = policy
  require(iss === issuer)
  require(typeof aud === 'string' || isStrings(aud))
  require(audience === null || (typeof aud === 'string' ? aud === audience : aud.includes(audience)))
  const claims = pickClaims(payload)
  const { nbf } = payload
  const latest = now.getTime() / 1000 + policy.clockToleranceSeconds
  require(claims.iat <= latest && (nbf === undefined || (isNumber(nbf) && nbf <= latest)))
  // One that lives longer would outlive the memory of its revocation.
  require(claims.exp - claims.iat <= maxAccessTtlSeconds)
  if (!mayBeExpired) requireUnexpired(claims, policy, now)
  return claims
}

/** @throws AuthError `token_expired` */
export function requireUnexpired(claims: AccessClaims, policy: ClaimsPolicy, now: Date): void {
  if (isExpired(claims, policy, now)) throw new AuthError('token_expired')
}

/** Whether a token has expired. */
export function isExpired(
  { exp }: AccessClaims,
  { clockToleranceSeconds }: Pick<ClaimsPolicy, 'clockToleranceSeconds'>,
  now: Date,
): boolean {
  return now.getTime() / 1000 >= exp + clockToleranceSeconds
}

function pickClaims(payload: JsonObject): AccessClaims {
  const { iss, sub, aud, iat, exp, jti, client_id, auth_time, ver, sid, roles, scopes, scope } = payload
  require(isText(iss) && isText(sub) && isText(jti) && isText(client_id))
  require(isNumber(exp) && isNumber(iat) && (auth_time === undefined || isNumber(auth_time)))
  require(ver === undefined || (Number.isSafeInteger(ver) && (ver as number) >= 0))
  require(sid === undefined || isText(sid))
  require(isStrings(roles) && isStrings(scopes) && typeof scope === 'string')
  return freezeClaims({
    iss,
    sub,
    aud: aud as string | readonly string[], // The caller has looked at it.
    iat,
    exp,
    jti,
    client_id,
    ...(auth_time === undefined ? {} : { auth_time }),
    ...(ver === undefined ? {} : { ver: ver as number }),
    ...(sid === undefined ? {} : { sid }),
    roles,
    scopes,
    scope,
  })
}

/** Claims that nobody can change, not even their lists. */
export function freezeClaims(claims: AccessClaims): AccessClaims {
  const { aud, roles, scopes } = claims
  return Object.freeze({
    ...claims,
    aud: typeof aud === 'string' ? aud : Object.freeze([...aud]),
    roles: Object.freeze([...roles]),
    scopes: Object.freeze([...scopes]),
  })
}

function require(isRight: boolean): asserts isRight {
  if (!isRight) throw new AuthError('token_claims_invalid')
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** JSON has numbers that are infinite: `1e309`. */
function isNumber(value: unknown): value is number {
  return Number.isFinite(value)
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
