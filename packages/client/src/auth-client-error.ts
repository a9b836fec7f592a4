/** A reason that the server gives. */
export type ServerErrorCode =
  | 'invalid_request'
  | 'ambiguous_credentials'
  | 'ticket_invalid'
  | 'signin_state_invalid'
  | 'signin_rejected'
  | 'credentials_missing'
  | 'invalid_credentials'
  | 'token_malformed'
  | 'token_signature_invalid'
  | 'token_expired'
  | 'token_claims_invalid'
  | 'token_revoked'
  | 'session_invalid'
  | 'session_expired'
  | 'api_key_invalid'
  | 'api_key_expired'
  | 'api_key_revoked'
  | 'refresh_invalid'
  | 'refresh_expired'
  | 'refresh_revoked'
  | 'refresh_reused'
  | 'insufficient_scope'
  | 'insufficient_role'
  | 'csrf_rejected'
  | 'recent_login_required'
  | 'credential_not_allowed'
  | 'registration_closed'
  | 'account_disabled'
  | 'email_unverified'
  | 'not_found'
  | 'method_not_allowed'
  | 'email_taken'
  | 'last_administrator'
  | 'identity_taken'
  | 'last_credential'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'validation_failed'
  | 'too_many_attempts'
  | 'internal_error'
  | 'provider_unavailable'
  | 'store_unavailable'
  | 'overloaded'

/**
 * Why a call failed. `network`: no answer came. `unexpected_answer`: one came that is not this server's, such as a
 * proxy's page. `signed_out`, `signed_in_anew`: another tab signed out, or somebody else in, before the call was made.
 * Newer servers may have codes of their own.
 */
export type AuthClientErrorCode =
  | ServerErrorCode
  | 'network'
  | 'unexpected_answer'
  | 'signed_out'
  | 'signed_in_anew'
  | (string & {})

/** One thing wrong with what was sent. */
export interface Issue {
  /** The field, with dots between the steps. */
  readonly path: string
  /** Stable: `required`, `password_too_short`, … */
  readonly code: string
  /** The same for a person, in English. */
  readonly message: string
}

/** What goes with an error. */
export interface AuthClientErrorDetails {
  readonly status?: number
  readonly retryAfter?: number | null
  readonly issues?: readonly Issue[]
  readonly problem?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** A call failed, and `code` says why. */
export class AuthClientError extends Error {
  override readonly name = 'AuthClientError'
  /** The reason. */
  readonly code: AuthClientErrorCode
  /** The answer's status; 0 where no answer decided. */
  readonly status: number
  /** Seconds after which to try again, where the server says so. */
  readonly retryAfter: number | null
  /** What is wrong with the fields; empty unless the code is `validation_failed`. */
  readonly issues: readonly Issue[]
  /** The problem as it came (RFC 9457), for what has no property here, such as `missingScopes`. */
  readonly problem: Readonly<Record<string, unknown>>

  constructor(code: AuthClientErrorCode, details: AuthClientErrorDetails = {}) {
    super(code, { cause: details.cause })
    this.code = code
    this.status = details.status ?? 0
    this.retryAfter = details.retryAfter ?? null
    this.issues = details.issues ?? []
    this.problem = details.problem ?? {}
  }
}
