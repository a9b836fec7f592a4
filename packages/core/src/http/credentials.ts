import { AuthError } from '../errors.js'
import { readCookie } from './cookies.js'
import { headerLines, type RequestSource } from './request-source.js'

/** A credential as it came: unverified. */
export type PresentedCredential =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'api-key'; readonly key: string }
  | { readonly kind: 'cookie'; readonly token: string }

/** Whether a bearer credential claims to be an API key, by how it begins. */
export type ClaimsKey = (text: string) => boolean

/**
 * Finds the one credential of a request. An explicit one (`Authorization: Bearer`, `X-API-Key`) makes cookies ignored
 * entirely, also when it is no good. Nothing is read from the URL or the body (RFC 6750, section 2.1 alone).
 * @throws AuthError `ambiguous_credentials`, `token_malformed`, `session_invalid`
 */
export function readCredential(source: RequestSource, sessionCookie: string, claimsKey: ClaimsKey): PresentedCredential {
  const bearer = bearerLine(source)
  const keys = headerLines(source, 'x-api-key')
  if (keys.length + (bearer === null ? 0 : 1) > 1) throw new AuthError('ambiguous_credentials')
  if (bearer !== null) {
    const token = bearerToken(bearer)
    return claimsKey(token) ? { kind: 'api-key', key: token } : { kind: 'bearer', token }
  }
  const [key] = keys
  if (key !== undefined) return { kind: 'api-key', key: singleValue(key) }
  const value = readCookie(headerLines(source, 'cookie').join(';'), sessionCookie)
  if (value === null) throw new AuthError('session_invalid')
  return value === undefined ? { kind: 'none' } : { kind: 'cookie', token: value }
}

/**
 * The bearer token of a request, where no other credential counts; `null` where there is none.
 * @throws AuthError `ambiguous_credentials`, `token_malformed`
 */
export function readBearer(source: RequestSource): string | null {
  const line = bearerLine(source)
  return line === null ? null : bearerToken(line)
}

function bearerLine(source: RequestSource): string | null {
  const lines = headerLines(source, 'authorization')
  const bearers = lines.filter(mentionsBearer)
  if (bearers.length > 0 && lines.length > 1) throw new AuthError('ambiguous_credentials')
  return bearers[0] ?? null
}

/** Whether an `Authorization` line holds a bearer credential, alone or joined to another by a comma. Schemes know no case. */
function mentionsBearer(line: string): boolean {
  return line.split(',').some((part) => /^bearer(?:\s|$)/i.test(part.trimStart()))
}

function bearerToken(line: string): string {
  const token = line.trim().slice('bearer'.length).trim()
  if (!/^bearer(?:\s|$)/i.test(line.trim())) throw new AuthError('ambiguous_credentials')
  if (token === '') throw new AuthError('token_malformed')
  return singleValue(token)
}

function singleValue(value: string): string {
  if (/[\s,]/.test(value.trim())) throw new AuthError('ambiguous_credentials')
  return value.trim()
}
