import type { AuthErrorCode } from '../errors.js'

/** How a refusal answers on the wire. */
export interface RefusalKind {
  readonly status: number
  /** The problem's title: the same words for every occurrence. */
  readonly title: string
  /** The `error` of the `WWW-Authenticate` challenge (RFC 6750, section 3.1); `null` for a challenge without one. */
  readonly challenge?: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | null
}

/** Every code's status, title and challenge. */
export const refusals: Readonly<Record<AuthErrorCode, RefusalKind>> = {
  invalid_request: { status: 400, title: 'The request could not be read' },
  ambiguous_credentials: { status: 400, title: 'More than one credential was sent', challenge: 'invalid_request' },
  ticket_invalid: { status: 400, title: 'The link has expired or was used' },
  signin_state_invalid: { status: 400, title: 'The sign-in has expired, was used or began elsewhere' },
  signin_rejected: { status: 400, title: 'The sign-in was not accepted' },

  credentials_missing: { status: 401, title: 'No credential was sent', challenge: null },
  invalid_credentials: { status: 401, title: 'The e-mail address or the password is wrong', challenge: null },
  token_malformed: { status: 401, title: 'The access token is not a token', challenge: 'invalid_token' },
  token_signature_invalid: {
    status: 401,
    title: 'The access token was not signed by this issuer',
    challenge: 'invalid_token',
  },
  token_expired: { status: 401, title: 'The access token has expired', challenge: 'invalid_token' },
  token_claims_invalid: {
    status: 401,
    title: 'The access token is not meant for this resource',
    challenge: 'invalid_token',
  },
  token_revoked: { status: 401, title: 'The access token has been revoked', challenge: 'invalid_token' },
  api_key_invalid: { status: 401, title: 'The API key is not valid', challenge: 'invalid_token' },
  api_key_expired: { status: 401, title: 'The API key has expired', challenge: 'invalid_token' },
  api_key_revoked: { status: 401, title: 'The API key has been revoked', challenge: 'invalid_token' },
  session_invalid: { status: 401, title: 'The session is not valid', challenge: null },
  session_expired: { status: 401, title: 'The session has expired', challenge: null },
  refresh_invalid: { status: 401, title: 'The refresh token is not valid', challenge: null },
  refresh_expired: { status: 401, title: 'The refresh token has expired', challenge: null },
  refresh_revoked: { status: 401, title: 'The session of the refresh token has ended', challenge: null },
  refresh_reused: { status: 401, title: 'The refresh token was used before', challenge: null },

  insufficient_scope: { status: 403, title: 'The credential does not allow this', challenge: 'insufficient_scope' },
  insufficient_role: { status: 403, title: 'The account lacks the role for this', challenge: 'insufficient_scope' },
  csrf_rejected: { status: 403, title: 'The request did not come from an allowed page', challenge: null },
  recent_login_required: { status: 403, title: 'This needs a recent sign-in', challenge: 'insufficient_scope' },
  credential_not_allowed: { status: 403, title: 'This credential cannot be used here', challenge: 'insufficient_scope' },
  registration_closed: { status: 403, title: 'New accounts cannot be made here', challenge: null },
  account_disabled: { status: 403, title: 'The account is disabled', challenge: null },
  email_unverified: { status: 403, title: 'The e-mail address is not confirmed yet', challenge: null },

  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'The method is not offered here' },
  last_administrator: { status: 409, title: 'One administrator has to remain' },
  email_taken: { status: 409, title: 'The e-mail address has an account already' },
  identity_taken: { status: 409, title: 'The account at the provider is connected already' },
  last_credential: { status: 409, title: 'One way to sign in has to remain' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  validation_failed: { status: 422, title: 'Some fields are not valid' },
  too_many_attempts: { status: 429, title: 'Too many attempts' },

  internal_error: { status: 500, title: 'Something went wrong on our side' },
  provider_unavailable: { status: 502, title: 'The provider does not answer' },
  store_unavailable: { status: 503, title: 'The service cannot reach its storage' },
  overloaded: { status: 503, title: 'The service is busy' },
}
