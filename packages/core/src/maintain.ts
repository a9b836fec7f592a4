import type { Clock } from './shared/clock.js'
import { later } from './shared/duration.js'
import type { KeyRing } from './signing-keys/index.js'
import type { AuthStores } from './stores.js'

/** How many records a clean-up removed. */
export interface MaintenanceReport {
  readonly sessions: number
  readonly successors: number
  readonly revocations: number
  readonly attempts: number
  readonly signingKeys: number
  readonly tickets: number
  readonly apiKeys: number
  /** Events are kept for `audit.retention`. */
  readonly auditEvents: number
}

/** For how long what is not over at one instant is kept. */
export interface Retention {
  readonly retryWindowMs: number
  readonly auditRetentionSeconds: number
}

const daySeconds = 86_400
const batch = 1000
const mostBatches = 100

/** Removes what expired at least a day ago, in bounded batches. Safe on many nodes at once, and safe to interrupt. */
export async function maintain(
  stores: AuthStores,
  keyRing: KeyRing,
  clock: Clock,
  { retryWindowMs, auditRetentionSeconds }: Retention,
): Promise<MaintenanceReport> {
  const now = clock.now()
  const before = later(now, -daySeconds)
  return {
    successors: await inBatches((limit) => stores.sessions.eraseSuccessors(new Date(now.getTime() - retryWindowMs), limit)),
    sessions: await inBatches((limit) => stores.sessions.deleteExpired(before, limit)),
    revocations: await inBatches((limit) => stores.revocations.deleteExpired(before, limit)),
    attempts: await inBatches((limit) => stores.attempts.deleteExpired(before, limit)),
    signingKeys: await keyRing.maintain(),
    tickets: await inBatches(async (limit) => (await stores.tickets?.deleteExpired(before, limit)) ?? 0),
    apiKeys: await inBatches(async (limit) => (await stores.apiKeys?.deleteExpired(before, limit)) ?? 0),
    auditEvents: await inBatches(
      async (limit) => (await stores.audit?.deleteExpired(later(now, -auditRetentionSeconds), limit)) ?? 0,
    ),
  }
}

async function inBatches(removeSome: (limit: number) => Promise<number>): Promise<number> {
  let total = 0
  for (let i = 0; i < mostBatches; i++) {
    const removed = await removeSome(batch)
    total += removed
    if (removed < batch) break
  }
  return total
}
