import { ConfigError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import type { AttemptStore } from '../throttle/index.js'
import { publicApiKey } from './api-key.js'
import { type ApiKeyLimits, type ApiKeySettings, limitsProblems } from './api-key-settings.js'
import type { ApiKeyRecord, ApiKeyStore } from './api-key-store.js'
import { createLimitLeases } from './limit-leases.js'
import { createUseLog } from './use-log.js'

/** Counts the uses of keys, and holds them to their limits. */
export interface KeyMeter {
  /** Counts one use of a key that was found good. @throws AuthError `too_many_attempts`; StoreError; ConfigError for limits that are none */
  use(key: ApiKeyRecord): Promise<void>
  /** Writes the counts that were gathered. @throws StoreError */
  flush(): Promise<void>
}

/** What the meter needs. */
export interface KeyMeterDeps {
  readonly store: Pick<ApiKeyStore, 'recordUses'>
  readonly attempts: Pick<AttemptStore, 'take' | 'giveBack'>
  readonly clock: Clock
  readonly settings: Pick<ApiKeySettings, 'limits'>
  /** Hears of counts that could not be written. */
  readonly onUsesError: (error: unknown) => void
}

/** Makes the meter. */
export function createKeyMeter({ store, attempts, clock, settings, onUsesError }: KeyMeterDeps): KeyMeter {
  const leases = createLimitLeases(attempts, clock)
  const log = createUseLog({ store, clock, onError: onUsesError })

  function limitsOf(key: ApiKeyRecord): ApiKeyLimits {
    if (typeof settings.limits !== 'function') return settings.limits ?? {}
    const limits = settings.limits(publicApiKey(key))
    const problems = limitsProblems(limits)
    // No key goes without the limit that it was meant to have.
    if (problems.length > 0) throw new ConfigError(problems)
    return limits
  }

  return {
    async use(key) {
      const { rateLimit, quota } = limitsOf(key)
      if (rateLimit) await leases.spend(key.id, 'api-key-rate', rateLimit)
      if (quota) await leases.spend(key.id, 'api-key-quota', quota)
      log.note(key.id)
    },
    flush: () => log.flush(),
  }
}
