import type { AuditRecorder, ChangeEvent } from '../audit/index.js'
import type { Clock } from '../shared/clock.js'
import type { ApiKeyLookup } from './api-key-lookup.js'
import type { ApiKeyRecord } from './api-key-store.js'

/** A key of ours was found where it should not be. */
export interface ApiKeyLeak {
  readonly keyId: string
  readonly userId: string
  /** Whether this report ended it; `false` where it had ended before. */
  readonly wasLive: boolean
}

/** What the owner should hear of a leak. */
export interface LeakAlert extends ApiKeyLeak {
  readonly kind: 'api_key_leaked'
  /** Who found it, as the reporter said. */
  readonly source: string
  readonly at: Date
}

/** What reports of leaks need. */
export interface LeakReportDeps {
  readonly lookup: Pick<ApiKeyLookup, 'read'>
  /** Ends a key on every node; answers whether it was live. */
  readonly end: (key: ApiKeyRecord, event: ChangeEvent | undefined) => Promise<boolean>
  readonly clock: Clock
  readonly audit: AuditRecorder
  /** Tells the application. Must not throw. */
  readonly alert: (alert: LeakAlert) => void
}

const longestSource = 200

/**
 * Makes the function that takes reports. A report is believed only with the whole key, whose finder could use it anyway.
 * Each one is recorded and told to the application, also of a key that had ended: whoever reported first may have died
 * before that. Nothing is issued in the key's place.
 */
export function createLeakReports(deps: LeakReportDeps): (text: string, source: string) => Promise<ApiKeyLeak | null> {
  const { lookup, end, clock, audit, alert } = deps
  return async (text, source) => {
    const found = await lookup.read(text)
    if (!found) return null
    const { id: keyId, userId, expiresAt } = found.key
    const isExpired = expiresAt !== null && expiresAt <= clock.now()
    const told = source.slice(0, longestSource)
    const entry = { type: 'api_key.leaked', outcome: 'success', actor: told, subject: keyId } as const
    const hasEnded = await audit.recordChange({ entry, make: (event) => end(found.key, event) })
    if (!hasEnded) await audit.record(entry)
    const leak = { keyId, userId, wasLive: hasEnded && !isExpired }
    alert({ kind: 'api_key_leaked', ...leak, source: told, at: clock.now() })
    return leak
  }
}
