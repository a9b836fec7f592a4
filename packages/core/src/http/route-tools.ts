import type { AccountService, EmailConfirmation, NewDevices, Recovery, UserRecord, UserRights } from '../accounts/index.js'
import type { ApiKeyService } from '../api-keys/index.js'
import type { Audit, AuditContext } from '../audit/index.js'
import type { Principal, Roles } from '../rbac/index.js'
import type { RefreshService, SessionRecord, SessionService } from '../sessions/index.js'
import type { Clock } from '../shared/clock.js'
import type { DeviceMarks } from '../throttle/index.js'
import type { IssuedToken, TokenService } from '../tokens/index.js'
import type { Answers } from './answers.js'
import type { Authenticator, Identified } from './authenticate.js'
import type { CookieNames } from './cookies.js'
import type { OAuthParts } from './oauth-parts.js'
import type { RequestSource } from './request-source.js'
import type { SocialParts } from './social-parts.js'

/** What the routes need. */
export interface RouteDeps {
  readonly authenticator: Authenticator
  readonly accounts: AccountService
  readonly rights: UserRights
  readonly roles: Roles
  readonly sessions: SessionService
  /** `null` where there are no API keys. */
  readonly apiKeys: ApiKeyService | null
  /** `null` where no events are kept. */
  readonly audit: Audit | null
  /** `null` where no mails are sent. */
  readonly mailed: { readonly emails: EmailConfirmation; readonly recovery: Recovery } | null
  /** `null` where nobody signs in with a provider. */
  readonly social: SocialParts | null
  /** `null` where there is no OAuth server. */
  readonly oauth: OAuthParts | null
  readonly refresh: RefreshService
  readonly deviceMarks: DeviceMarks
  readonly newDevices: Pick<NewDevices, 'note'>
  readonly tokens: TokenService
  readonly issueAccess: (user: UserRecord, session: SessionRecord) => Promise<IssuedToken>
  readonly cookies: CookieNames
  readonly origins: ReadonlySet<string>
  readonly clock: Clock
}

/** What the handlers share. */
export interface RouteTools extends RouteDeps {
  readonly answers: Answers
  /** The person in a session of their own who is calling. @throws AuthError */
  requireUser(call: { readonly source: RequestSource }): Promise<CallingUser>
  /** The principal who is calling. @throws AuthError */
  requirePrincipal(call: { readonly source: RequestSource }): Promise<Identified>
  /** The principal who is calling and has these scopes. @throws AuthError */
  requireScopes(call: { readonly source: RequestSource }, scopes: readonly string[]): Promise<Identified>
}

/** A person, and the session they call from. */
export interface CallingUser {
  readonly principal: Principal
  readonly user: UserRecord
  readonly sessionId: string
  /** What the events of this call say of it. */
  readonly context: AuditContext
}
