/** Every `error` that the endpoints below `/oauth` answer. Each is registered by the RFC named beside it. */
export type OAuthErrorCode =
  /** RFC 6749, section 5.2. */
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  /** RFC 8707, section 2. */
  | 'invalid_target'
  /** RFC 6749, section 4.1.2.1. */
  | 'access_denied'
  | 'unsupported_response_type'
  | 'server_error'
  | 'temporarily_unavailable'
  /** OpenID Connect Core, section 3.1.2.6. */
  | 'login_required'
  | 'consent_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'

/** A refusal in OAuth's terms. Stays within the SDK: what leaves it is an answer or an AuthError. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly code: OAuthErrorCode
  /** For a developer, in printable ASCII; never repeats what was sent. */
  readonly description: string

  constructor(code: OAuthErrorCode, description: string) {
    super(code)
    this.code = code
    this.description = description
  }
}
