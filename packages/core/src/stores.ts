import type { IdentityStore, UserStore } from './accounts/index.js'
import type { ApiKeyStore } from './api-keys/index.js'
import type { AuditStore } from './audit/index.js'
import type { ClientStore } from './oauth-server/index.js'
import type { SessionStore } from './sessions/index.js'
import type { SigningKeyStore } from './signing-keys/index.js'
import type { AttemptStore } from './throttle/index.js'
import type { TicketStore } from './tickets/index.js'
import type { RevocationStore } from './tokens/index.js'

/** All that is remembered between requests. Stores of several systems may be put together with a spread. */
export interface AuthStores {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly revocations: RevocationStore
  readonly attempts: AttemptStore
  /** Needed unless signing keys are configured. */
  readonly signingKeys?: SigningKeyStore
  /** Needed for `GET /audit`; without it events go to the sinks alone. */
  readonly audit?: AuditStore
  /** Codes and links that work once. */
  readonly tickets?: TicketStore
  readonly apiKeys?: ApiKeyStore
  /** Accounts at providers that users sign in with. Needed where `providers` are configured, in the database of `users`. */
  readonly identities?: IdentityStore
  /** Registered OAuth clients. */
  readonly clients?: ClientStore
}
