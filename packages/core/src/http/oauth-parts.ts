import type { AuthorizationService, TokenGrants, TokenInspection } from '../oauth-server/index.js'
import type { OAuthPages } from './oauth-pages.js'
import type { Refusal } from './refusal.js'

/** What the routes of the OAuth server need. */
export interface OAuthParts {
  readonly grants: TokenGrants
  readonly inspection: TokenInspection
  readonly authorization: AuthorizationService
  readonly pages: OAuthPages
  /** The page on which people sign in; `null` where none is configured. */
  readonly signIn: string | null
  /** The answer to whatever was thrown; a fault is reported. */
  refuse(error: unknown): Refusal
}
