import type { AuditContext } from '../audit/index.js'
import type { Exchanged, ExchangeGrant, IdentityService, SocialSignIn } from '../oauth-client/index.js'
import type { Refusal } from './refusal.js'

/** What the routes of social sign-in stand on. */
export interface SocialParts {
  readonly signIn: SocialSignIn
  readonly identities: IdentityService
  readonly issuer: URL
  /** Issues the ticket that a page turns into tokens. */
  issueTicket(grant: ExchangeGrant): Promise<string>
  /** Uses one up, under the limit of its address. @throws AuthError `ticket_invalid`, `too_many_attempts` */
  exchange(ticket: string, context: AuditContext): Promise<Exchanged>
  /** The answer to whatever was thrown. */
  refuse(error: unknown): Refusal
}
