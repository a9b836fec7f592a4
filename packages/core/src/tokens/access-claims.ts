import { AuthError } from '../errors.js'
import type { Bytes } from '../shared/bytes.js'
import { parseJsonObject } from './compact-jws.js'

/** The claims of an access token (RFC 9068, section 2.2). Frozen. */
export interface AccessClaims {
  readonly iss: string
  /** The user's id, or a client's for its own tokens. */
  readonly sub: string
  readonly aud: string
  readonly iat: number
  readonly exp: number
  /** The token's own id. */
  readonly jti: string
  /** `first-party` for the application's own logins. */
  readonly client_id: string
  /** When a person proved who they are; seconds since 1970. */
  readonly auth_time?: number
  /** The user's `accessVersion` when the roles were read. */
  readonly ver?: number
  /** The session's id. */
  readonly sid?: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** The scopes once more, joined with spaces. */
  readonly scope: string
}

/** The `client_id` of the application's own logins; no client can register it. */
export const firstPartyClientId = 'first-party'

/** What claims are judged by. */
export interface ClaimExpectations {
  readonly issuer: string
  readonly audience: string
  readonly now: Date
  readonly toleranceSeconds: number
}

/**
 * Reads and judges the claims of a token whose signature is good.
 * @throws AuthError `token_claims_invalid`, `token_expired`
 */
export function readAccessClaims(
  header: Readonly<Record<string, unknown>>,
  payload: Bytes,
  expected: ClaimExpectations,
): AccessClaims {
  const claims = parseJsonObject(payload)
  if (!claims || !isAccessTokenType(header.typ) || !hasShape(claims)) throw new AuthError('token_claims_invalid')
  const { issuer, audience } = expected
  const meant =
    claims.iss === issuer && (claims.aud === audience || (Array.isArray(claims.aud) && claims.aud.includes(audience)))
  const nowSeconds = expected.now.getTime() / 1000
  const latest = nowSeconds + expected.toleranceSeconds
  if (!meant || claims.iat > latest || (claims.nbf !== undefined && claims.nbf > latest))
    throw new AuthError('token_claims_invalid')
  if (isExpired(claims, nowSeconds, expected.toleranceSeconds)) throw new AuthError('token_expired')
  return freeze(claims, audience)
}

/** Whether a token's time is over; refused from `exp` plus tolerance on. */
export function isExpired({ exp }: { readonly exp: number }, nowSeconds: number, toleranceSeconds: number): boolean {
  return nowSeconds >= exp + toleranceSeconds
}

interface ShapedClaims extends Omit<AccessClaims, 'aud'> {
  readonly aud: unknown
  readonly nbf?: number
}

function isAccessTokenType(typ: unknown): boolean {
  return typ === 'at+jwt' || typ === 'application/at+jwt'
}

function hasShape(claims: Readonly<Record<string, unknown>>): claims is Readonly<Record<string, unknown>> & ShapedClaims {
  const { iss, sub, jti, client_id, scope, sid, iat, exp, nbf, auth_time, ver, roles, scopes } = claims
  return (
    [iss, sub, jti, client_id].every((value) => typeof value === 'string' && value !== '') &&
    typeof scope === 'string' &&
    (sid === undefined || typeof sid === 'string') &&
    [iat, exp].every(isTime) &&
    [nbf, auth_time, ver].every((value) => value === undefined || isTime(value)) &&
    [roles, scopes].every(isTextList)
  )
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

function freeze(claims: ShapedClaims, aud: string): AccessClaims {
  const { iss, sub, iat, exp, jti, client_id, auth_time, ver, sid, roles, scopes, scope } = claims
  return Object.freeze({
    iss,
    sub,
    aud,
    iat,
    exp,
    jti,
    client_id,
    ...(auth_time === undefined ? {} : { auth_time }),
    ...(ver === undefined ? {} : { ver }),
    ...(sid === undefined ? {} : { sid }),
    roles: Object.freeze([...roles]),
    scopes: Object.freeze([...scopes]),
    scope,
  })
}
