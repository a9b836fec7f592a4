import type { Issue } from '@auth/client'
import type { Answer } from './http.js'

/** What each code means to the person in front of the page. */
const meanings: Readonly<Record<string, string>> = {
  network: 'The server did not answer. Is it running?',
  unexpected_answer: 'Something else than this server answered.',
  signed_out: 'Nobody is signed in any more.',
  signed_in_anew: 'Somebody else has signed in meanwhile.',
  storage_cleared: 'The browser’s storage was cleared.',
  account_deleted: 'The account is deleted.',
  invalid_request: 'The server could not read the request.',
  ambiguous_credentials: 'Two credentials came at once; the server will not choose between them.',
  ticket_invalid: 'The link has expired, was used, or a newer one took its place. Ask for a new mail.',
  signin_state_invalid: 'The sign-in took too long, was used, or began elsewhere. Begin again.',
  signin_rejected: 'The provider’s answer was not accepted.',
  email_unverified: 'Confirm your address first: open the link in the mail that was sent to you.',
  credentials_missing: 'Nobody is signed in: the request carried no credential.',
  invalid_credentials: 'The e-mail address or the password is wrong.',
  token_malformed: 'That is not an access token.',
  token_signature_invalid: 'The access token was not signed by this server.',
  token_expired: 'The access token has run out. Refresh it and try again.',
  token_claims_invalid: 'The access token is meant for someone else.',
  token_revoked: 'The access token was revoked: its session has ended.',
  session_invalid: 'The session’s cookie is not, or no longer, good for anything.',
  session_expired: 'The session has run out. Sign in again.',
  refresh_invalid: 'That is not a refresh token of this server.',
  refresh_expired: 'The session has run out. Sign in again.',
  refresh_revoked: 'The session has ended. Sign in again.',
  refresh_reused: 'A spent refresh token came back, as from a thief. Every session of the account was ended.',
  api_key_invalid: 'That is not an API key of this server.',
  api_key_expired: 'The API key has run out, or its successor has taken over.',
  api_key_revoked: 'The API key was revoked.',
  insufficient_scope: 'The credential lacks a scope that this call asks for.',
  insufficient_role: 'Only people with a certain role may do this.',
  csrf_rejected: 'The request seems to come from another site’s page.',
  recent_login_required: 'This asks for a recent sign-in. Sign in again, then repeat it.',
  credential_not_allowed: 'This kind of credential is not taken here, or not from this address.',
  registration_closed: 'New accounts are not taken at the moment.',
  account_disabled: 'This account is disabled.',
  not_found: 'There is nothing here, or it belongs to someone else.',
  method_not_allowed: 'The server does not take this method here.',
  last_administrator: 'One administrator has to remain, and this is the last.',
  email_taken: 'There is an account with this e-mail address. Sign in instead?',
  identity_taken: 'That account is connected to somebody else here.',
  last_credential: 'This is the last way to sign in to your account. Set a password, or connect another provider, before.',
  body_too_large: 'That is more than the server reads.',
  unsupported_media_type: 'The server reads JSON alone here.',
  validation_failed: 'Something in the form needs another look.',
  too_many_attempts: 'Too many attempts.',
  internal_error: 'Something went wrong on the server.',
  provider_unavailable: 'The provider does not answer. Try again in a moment.',
  store_unavailable: 'The server cannot reach its store. Try again in a moment.',
  overloaded: 'The server is busy. Try again in a moment.',
}

const passwordMeanings: Readonly<Record<string, string>> = {
  password_too_short: 'Use at least 8 characters.',
  password_too_long: 'That is longer than a password may be.',
  password_blocked: 'That password is too easy to guess. Try a few unrelated words.',
  password_breached: 'That password is known from a leak. Choose another one.',
  required: 'This is needed.',
  too_short: 'This is needed.',
  invalid_email: 'This is not an e-mail address.',
}

/** What an answer means, in a sentence or two. */
export function meaningOf({ ok, status, code, retryAfter, body }: Answer): string {
  if (ok)
    return status === 204
      ? 'Done. There is nothing more to tell.'
      : status === 201
        ? 'Done: it was created.'
        : 'You may, and here it is.'
  const missing = Array.isArray(body?.missingScopes) ? ` Missing: ${body.missingScopes.join(', ')}.` : ''
  const meaning = `${meanings[code] ?? `The server refused with status ${status}.`}${missing}`
  return retryAfter === null ? meaning : `${meaning} Try again ${inTime(retryAfter)}.`
}

/** What a code means, by itself. */
export function meaningOfCode(code: string): string {
  return meanings[code] ?? 'The session has ended.'
}

/** What is wrong with a field. */
export function meaningOfIssue({ code, message }: Issue): string {
  return passwordMeanings[code] ?? `This ${message}.`
}

function inTime(seconds: number): string {
  if (seconds < 90) return `in ${Math.max(1, seconds)} ${seconds === 1 ? 'second' : 'seconds'}`
  return `in ${Math.ceil(seconds / 60)} minutes`
}
