import { type ApiKeyService, createApiKeyService } from './api-keys/index.js'
import type { AuditRecorder } from './audit/index.js'
import type { SecurityAlert } from './auth-config.js'
import type { ResolvedConfig } from './config.js'
import type { AuthStores } from './stores.js'
import { createLocalAttempts, createThrottle } from './throttle/index.js'
import type { RevocationFeed } from './tokens/index.js'

/** What the service of API keys shares with the others. */
export interface ApiKeyParts {
  /** With deadlines. */
  readonly stores: AuthStores
  readonly feed: RevocationFeed
  readonly audit: AuditRecorder
  readonly alert: (alert: SecurityAlert) => void
}

/** The service of API keys; `null` where there are none. */
export function wireApiKeys(config: ResolvedConfig, { stores, feed, audit, alert }: ApiKeyParts): ApiKeyService | null {
  const { apiKeys: settings, clock, roles, logger, sessionPolicy } = config
  const { apiKeys: store, users, attempts } = stores
  if (!settings || !store) return null
  const limit = { clock, count: 'failures' } as const
  return createApiKeyService({
    store,
    users,
    attempts,
    roles,
    feed,
    clock,
    audit,
    settings,
    alert,
    localThrottle: createThrottle({ ...limit, store: createLocalAttempts() }),
    throttle: createThrottle({ ...limit, store: attempts }),
    maxStalenessMs: sessionPolicy.maxStalenessMs,
    onUsesError: (error) => logger.warn({ err: error }, 'uses of API keys could not be written; they are kept for later'),
  })
}
