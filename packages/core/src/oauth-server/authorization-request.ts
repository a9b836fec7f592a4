import { isStorable } from '../shared/bytes.js'
import type { ClientRecord } from './client-store.js'
import { OAuthError } from './oauth-error.js'
import { readParameters, requestedResource, requestedScopes, requireParameter } from './parameters.js'

/** An authorization request that can be decided about (RFC 6749, section 4.1.1). */
export interface AuthorizationRequest {
  readonly scopes: readonly string[]
  readonly resource: string | null
  readonly challenge: string
  /** Whether nobody may be asked anything. */
  readonly isSilent: boolean
  /** Whether the person is asked although the client may act without. */
  readonly asksAgain: boolean
  /** The person must have signed in at this time or later. */
  readonly signedInSince: Date | null
}

/** What the server's own parameter for a return from the sign-in page is called: seconds since 1970. */
export const signedInSinceParameter = 'signed_in_since'

const names = [
  ...['client_id', 'redirect_uri', 'state', 'response_type', 'response_mode', 'scope', 'code_challenge'],
  ...['code_challenge_method', 'prompt', 'max_age', 'request', 'request_uri', signedInSinceParameter],
]
const challengePattern = /^[A-Za-z0-9_-]{43}$/
const prompts: readonly string[] = ['none', 'login', 'consent', 'select_account']
const longest = 8192

/**
 * Reads what a client asks, once it and its redirect URI are known.
 * @throws OAuthError for the redirect URI
 */
export function readAuthorizationRequest(
  given: URLSearchParams,
  client: ClientRecord,
  { audience, now }: { readonly audience: string; readonly now: Date },
): AuthorizationRequest {
  const parameters = readParameters(given, names)
  if (given.has('request')) throw new OAuthError('request_not_supported', 'Request objects are not supported')
  if (given.has('request_uri')) throw new OAuthError('request_uri_not_supported', 'Request objects are not supported')
  if (given.toString().length > longest) throw new OAuthError('invalid_request', 'The request is too long')
  if (!isStorable(parameters.get('state') ?? '')) throw new OAuthError('invalid_request', 'state cannot be kept')
  if (requireParameter(parameters, 'response_type') !== 'code')
    throw new OAuthError('unsupported_response_type', 'Only the response type code is supported')
  if ((parameters.get('response_mode') ?? 'query') !== 'query')
    throw new OAuthError('invalid_request', 'Only the response mode query is supported')
  if (!client.grants.includes('authorization_code'))
    throw new OAuthError('unauthorized_client', 'The client may not use this grant')
  const challenge = requireParameter(parameters, 'code_challenge')
  if (parameters.get('code_challenge_method') !== 'S256')
    throw new OAuthError('invalid_request', 'code_challenge_method must be S256')
  if (!challengePattern.test(challenge)) throw new OAuthError('invalid_request', 'code_challenge is no SHA-256 in base64url')
  return {
    scopes: requestedScopes(parameters.get('scope'), client.scopes),
    resource: requestedResource(given, audience, client.resources),
    challenge,
    ...readPrompt(parameters.get('prompt')),
    signedInSince: readSignedInSince(parameters.get('prompt'), {
      maxAge: parameters.get('max_age'),
      since: parameters.get(signedInSinceParameter),
      now,
    }),
  }
}

function readPrompt(prompt: string | null): Pick<AuthorizationRequest, 'isSilent' | 'asksAgain'> {
  const wanted = prompt?.split(' ') ?? []
  const isKnown = wanted.every((value) => prompts.includes(value))
  if (!isKnown || (wanted.includes('none') && wanted.length > 1))
    throw new OAuthError('invalid_request', 'prompt must be none, or of login, consent and select_account')
  return { isSilent: wanted.includes('none'), asksAgain: wanted.includes('consent') }
}

/** When the person must have signed in: now, for `prompt=login`; within `max_age`; after we sent them to do so. */
function readSignedInSince(
  prompt: string | null,
  { maxAge, since, now }: { readonly maxAge: string | null; readonly since: string | null; readonly now: Date },
): Date | null {
  if (maxAge !== null && !/^\d{1,9}$/.test(maxAge)) throw new OAuthError('invalid_request', 'max_age must be whole seconds')
  if (since !== null && !/^\d{1,12}$/.test(since)) throw new OAuthError('invalid_request', 'The request cannot be read')
  const isForced = prompt?.split(' ').some((value) => value === 'login' || value === 'select_account')
  const earliest = [
    ...(isForced ? [now.getTime()] : []),
    ...(maxAge === null ? [] : [now.getTime() - Number(maxAge) * 1000]),
    ...(since === null ? [] : [Math.min(Number(since) * 1000, now.getTime())]),
  ]
  return earliest.length === 0 ? null : new Date(Math.max(...earliest))
}

/** The same request for the way back from the sign-in page: what asked for that is replaced by since when it counts. */
export function afterSigningIn(given: URLSearchParams, request: AuthorizationRequest, now: Date): URLSearchParams {
  const again = new URLSearchParams(given)
  if (request.signedInSince === null) return again
  again.delete('max_age')
  const others = (given.get('prompt') ?? '').split(' ').filter((value) => value === 'consent')
  again.delete('prompt')
  for (const value of others) again.set('prompt', value)
  again.set(signedInSinceParameter, String(Math.floor(now.getTime() / 1000)))
  return again
}
