import type { AuditRecorder } from './audit/index.js'
import type { ResolvedConfig } from './config.js'
import { createOAuthPages, type OAuthParts, toRefusal } from './http/index.js'
import {
  type ClientService,
  createAuthorizationCodes,
  createAuthorizationService,
  createClientAuthentication,
  createClientService,
  createConsentRequests,
  createGrantedAccess,
  createTokenGrants,
  createTokenInspection,
  type PublicDocument,
  resourceMetadata,
  serverMetadata,
} from './oauth-server/index.js'
import type { RefreshService, SessionService } from './sessions/index.js'
import type { Secrets } from './shared/secrets.js'
import type { AuthStores } from './stores.js'
import { createLocalAttempts, createThrottle } from './throttle/index.js'
import type { RevocationFeed, TokenService } from './tokens/index.js'

/** What the OAuth server shares with the others. */
export interface OAuthDeps {
  /** With deadlines. */
  readonly stores: AuthStores
  readonly feed: RevocationFeed
  readonly secrets: Secrets
  readonly tokens: TokenService
  readonly sessions: SessionService
  readonly refresh: RefreshService
  readonly audit: AuditRecorder
}

/** The OAuth server. */
export interface OAuthServer {
  readonly clients: ClientService
  readonly routes: OAuthParts
}

/** What anybody may read of the OAuth server, and where guards say that one finds it. */
export interface OAuthDocuments {
  readonly documents: readonly PublicDocument[]
  /** The URL that challenges name; `null` where there is none. */
  readonly resourceMetadata: string | null
}

/** Puts the OAuth server together; `null` where there is none. */
export function wireOAuth(config: ResolvedConfig, deps: OAuthDeps): OAuthServer | null {
  const { oauth: settings, clock, roles, issuerId: issuer, audience, basePath, signInLink: signIn, logger } = config
  const { stores, feed, secrets, tokens, sessions, refresh, audit } = deps
  const { clients: store, tickets, users, attempts } = stores
  if (!settings || !store || !tickets) return null
  const limit = { clock, count: 'failures' } as const
  const authentication = createClientAuthentication({
    store,
    feed,
    clock,
    audit,
    localThrottle: createThrottle({ ...limit, store: createLocalAttempts() }),
    throttle: createThrottle({ ...limit, store: attempts }),
  })
  const codes = createAuthorizationCodes({ store: tickets, secrets, clock, lifeSeconds: settings.codeLifeSeconds })
  const consents = createConsentRequests({ store: tickets, secrets, clock })
  const access = createGrantedAccess({ tokens, roles, audience })
  const shared = { authentication, users, tokens, sessions, audit }
  return {
    clients: createClientService({ store, feed, roles, clock, audit }),
    routes: {
      grants: createTokenGrants({ ...shared, codes, access, refresh, audience }),
      inspection: createTokenInspection({ ...shared, clients: store, feed, issuer }),
      authorization: createAuthorizationService({ store, codes, consents, access, feed, clock, audit, issuer, audience }),
      pages: createOAuthPages(`${basePath}/oauth/authorize`, settings.scopeDescriptions),
      signIn,
      refuse: (error) => toRefusal(error, logger),
    },
  }
}

/** The documents of the OAuth server; none where there is none. */
export function oauthDocuments(config: ResolvedConfig): OAuthDocuments {
  if (!config.oauth) return { documents: [], resourceMetadata: null }
  const resource = resourceMetadata(config)
  return {
    documents: [serverMetadata(config), ...(resource ? [resource] : [])],
    resourceMetadata: resource && `${config.issuer.origin}${resource.path}`,
  }
}
