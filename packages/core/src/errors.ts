/** Every reason for which a caller is refused. The codes are stable: clients may branch on them. */
export type AuthErrorCode =
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
  | 'api_key_invalid'
  | 'api_key_expired'
  | 'api_key_revoked'
  | 'session_invalid'
  | 'session_expired'
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
  | 'identity_taken'
  | 'last_credential'
  | 'last_administrator'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'validation_failed'
  | 'too_many_attempts'
  | 'internal_error'
  | 'provider_unavailable'
  | 'store_unavailable'
  | 'overloaded'

/** One thing wrong with a request's body. */
export interface ValidationIssue {
  /** Where it is, with dots between the steps; empty for the body itself. */
  readonly path: string
  /** What is wrong, stable: `required`, `invalid_type`, `unknown_field`, `password_too_short`, … */
  readonly code: string
  /** The same for a person, in English. Never repeats what was sent. */
  readonly message: string
}

/** The limit that a refused attempt ran into, for the `RateLimit` headers. */
export interface RateLimitState {
  /** The policy's name, as in `RateLimit-Policy`. */
  readonly policy: string
  /** Attempts allowed in a window. */
  readonly quota: number
  /** Length of the window in seconds. */
  readonly windowSeconds: number
  /** Attempts left. */
  readonly remaining: number
  /** Seconds until attempts come back. */
  readonly resetSeconds: number
}

/** What a refusal may tell beside its code. */
export interface AuthErrorDetails {
  /** What exactly was refused, for a person; never anything secret. */
  readonly detail?: string
  /** Scopes that the route asks for. */
  readonly requiredScopes?: readonly string[]
  /** Those of them that the caller lacks. */
  readonly missingScopes?: readonly string[]
  /** Roles of which the route asks for one. */
  readonly requiredRoles?: readonly string[]
  /** What is wrong with the body. */
  readonly issues?: readonly ValidationIssue[]
  /** Methods that the route has. */
  readonly allow?: readonly string[]
  /** Whole seconds after which to try again. */
  readonly retryAfterSeconds?: number
  /** The limit that was met. */
  readonly rateLimit?: RateLimitState
}

const kindOf: symbol = Symbol.for('auth.error')

/**
 * Makes `instanceof` true of what any copy of this module has made: bundlers may load several. A class of somebody's own that
 * extends one of these has its own instances alone.
 */
function brand(errorClass: new (...given: never[]) => Error, kind: string): void {
  Object.defineProperty(errorClass.prototype, kindOf, { value: kind })
  Object.defineProperty(errorClass, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this !== errorClass) return Error[Symbol.hasInstance].call(this, value)
      return typeof value === 'object' && value !== null && Reflect.get(value, kindOf) === kind
    },
  })
}

/** An expected refusal: the caller may not do this, and `code` says why. */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  /** The reason, from a closed list. */
  readonly code: AuthErrorCode
  /** What goes with it; empty for most codes. */
  readonly details: AuthErrorDetails

  constructor(code: AuthErrorCode, details: AuthErrorDetails = {}, options?: ErrorOptions) {
    super(code, options)
    this.code = code
    this.details = details
  }
}

/** One mistake in a configuration. */
export interface ConfigProblem {
  /** The setting, with dots between the steps. Its value is never repeated: it may be a secret. */
  readonly path: string
  /** What is wrong with it and what would be right. */
  readonly message: string
}

/** The calling program's mistake, found when it starts. Lists every mistake at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** All that is wrong. */
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(
      `The auth configuration is not usable:\n${problems.map(({ path, message }) => `- ${path}: ${message}`).join('\n')}`,
    )
    this.problems = problems
  }
}

/** Infrastructure did not answer: a store, a secrets manager, a signer. Never means that somebody is not signed in. */
export class StoreError extends Error {
  override readonly name = 'StoreError'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
  }
}

brand(AuthError, 'AuthError')
brand(ConfigError, 'ConfigError')
brand(StoreError, 'StoreError')
