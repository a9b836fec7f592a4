import type { AccountMails } from './accounts/index.js'
import type { AuditContext, AuditRecorder } from './audit/index.js'
import type { SecurityAlert } from './auth-config.js'
import type { ResolvedConfig } from './config.js'
import { type SocialParts, toRefusal } from './http/index.js'
import {
  createAttempts,
  createExchange,
  createExchangeTickets,
  createIdentities,
  createIdentityService,
  createProviderClient,
  createSocialAccounts,
  createSocialSignIn,
  type Identities,
  type LinkingUser,
  sealProviderTokens,
} from './oauth-client/index.js'
import type { SessionService, UserAccessDeps } from './sessions/index.js'
import type { Secrets } from './shared/secrets.js'
import type { AuthStores } from './stores.js'
import type { Throttle } from './throttle/index.js'

/** What social sign-in shares with the other parts. */
export interface SocialWiring extends UserAccessDeps {
  /** With deadlines. */
  readonly stores: AuthStores
  readonly secrets: Secrets
  readonly audit: AuditRecorder
  readonly throttle: Throttle
  readonly sessionService: SessionService
  /** `null` where no mails are sent. */
  readonly mails: AccountMails | null
  readonly alert: (alert: SecurityAlert) => void
  /** Ends a user's API keys, and what was mailed to them. @throws StoreError */
  readonly endCredentials: (userId: string) => Promise<void>
}

/** What social sign-in is made of. */
export interface SocialWired {
  /** What the routes stand on; `null` where no provider is configured. */
  readonly routes: SocialParts | null
  readonly identities: Identities
}

/** Puts together what signs people in with providers. */
export function wireSocial(config: ResolvedConfig, wiring: SocialWiring): SocialWired {
  const { social: settings, issuer, basePath, clock, logger, registration, defaultRole } = config
  const { stores, secrets, audit, users, sessionService, alert } = wiring
  const { identities, tickets } = stores
  if (!settings || !identities || !tickets) return { routes: null, identities: createIdentities(null) }

  const onLinked = (userId: string, provider: string, { ip }: AuditContext): void =>
    alert({ kind: 'identity_linked', userId, provider, at: clock.now(), ...(ip === undefined ? {} : { ip }) })
  const clients = new Map(
    [...settings.providers].map(([id, provider]) => {
      const redirectUri = new URL(`${basePath}/callback/${id}`, issuer).href
      return [id, createProviderClient({ provider, redirectUri, clock })]
    }),
  )
  const identityService = createIdentityService({ identities, audit, clock, settings, onLinked })
  const exchangeTickets = createExchangeTickets({ secrets, tickets, clock })

  async function findLinking({ userId, sessionId, sessionEpoch }: LinkingUser) {
    const user = await users.find(userId)
    if (!user || user.disabledAt || user.sessionEpoch !== sessionEpoch) return null
    const live = await sessionService.list(user)
    return live.some(({ id }) => id === sessionId) ? user : null
  }

  const routes: SocialParts = {
    issuer,
    identities: identityService,
    signIn: createSocialSignIn({
      attempts: createAttempts({ secrets, tickets, clock }),
      clients,
      settings,
      identities: identityService,
      findAccount: createSocialAccounts({ ...wiring, identities, clock, settings, registration, defaultRole, onLinked }),
      sealTokens: async (userId, provider, tokens) =>
        settings.keepTokens ? sealProviderTokens(secrets, { userId, provider }, tokens) : null,
      findLinking,
      audit,
      clock,
      throttle: wiring.throttle,
      // Not the error's cause: what a provider answers may hold tokens.
      onFault: ({ name, message }, provider) => logger.warn({ provider, error: name, reason: message }, 'a sign-in failed'),
    }),
    issueTicket: (grant) => exchangeTickets.issue(grant),
    exchange: createExchange({ tickets: exchangeTickets, users, throttle: wiring.throttle, audit }),
    refuse: (error) => toRefusal(error, logger),
  }
  return { routes, identities: createIdentities({ identities, service: identityService, clients, secrets, clock }) }
}
