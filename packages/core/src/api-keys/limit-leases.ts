import { AuthError } from '../errors.js'
import { createBoundedMap } from '../shared/bounded-map.js'
import type { Clock } from '../shared/clock.js'
import { digestOf } from '../shared/digest.js'
import { durationSeconds } from '../shared/duration.js'
import { randomId } from '../shared/random.js'
import type { AttemptStore } from '../throttle/index.js'
import type { ApiKeyLimit } from './api-key-settings.js'

/** Holds keys to what they may use up, over all processes together. */
export interface LimitLeases {
  /**
   * Uses up one request. In any span all processes together let through at most as many as the limit says.
   * @param name The limit's name, as in `RateLimit-Policy`.
   * @throws AuthError `too_many_attempts` with `retryAfterSeconds` and `rateLimit`; StoreError
   */
  spend(keyId: string, name: string, limit: ApiKeyLimit): Promise<void>
}

/** A part of a span's requests that this process may let through without asking anybody. */
interface Lease {
  left: number
  /** Whether the store has no further part. */
  isLast: boolean
  renewal?: Promise<void> | undefined
}

/** Into so many parts a span's requests are divided: so many writes it costs at most, and so much a process may leave unused. */
const parts = 50
const capacity = 10_000

/**
 * Makes it, over the ledger that limits attempts: each slot of a span's ledger is one part of its requests, and the order
 * in which slots were taken, which all racers see alike, says which part.
 */
export function createLimitLeases(store: Pick<AttemptStore, 'take' | 'giveBack'>, clock: Clock): LimitLeases {
  const leases = createBoundedMap<string, Lease>(capacity)

  async function renew(lease: Lease, ledger: string, requests: number, spanEnd: Date): Promise<void> {
    const slot = randomId()
    const key = await digestOf('api-key-limit', ledger)
    const taken = await store.take({ key, slot, now: clock.now(), expiresAt: spanEnd })
    const size = Math.ceil(requests / parts)
    const before = taken.findIndex(({ id }) => id === slot)
    // A slot that is not there has expired on the way: its span is over, and nothing of it can be used.
    lease.left = before < 0 ? 0 : Math.min(size, Math.max(0, requests - before * size))
    lease.isLast = before < 0 || lease.left === 0
    if (lease.left === 0 && before >= 0) await store.giveBack(key, slot)
  }

  return {
    async spend(keyId, name, limit) {
      const spanMs = (durationSeconds(limit.per) ?? 1) * 1000
      const span = Math.floor(clock.now().getTime() / spanMs)
      const spanEnd = new Date((span + 1) * spanMs)
      const ledger = `${name}:${keyId}:${spanMs}:${limit.requests}:${span}`
      const lease = leases.get(ledger) ?? { left: 0, isLast: false }
      leases.set(ledger, lease)
      while (lease.left === 0 && !lease.isLast) {
        lease.renewal ??= renew(lease, ledger, limit.requests, spanEnd).finally(() => {
          lease.renewal = undefined
        })
        await lease.renewal
      }
      if (lease.left === 0) throw refusal(name, limit.requests, spanMs, spanEnd.getTime() - clock.now().getTime())
      lease.left--
    },
  }
}

function refusal(policy: string, quota: number, spanMs: number, leftMs: number): AuthError {
  const resetSeconds = Math.max(1, Math.ceil(leftMs / 1000))
  const rateLimit = { policy, quota, windowSeconds: spanMs / 1000, remaining: 0, resetSeconds }
  return new AuthError('too_many_attempts', { retryAfterSeconds: resetSeconds, rateLimit })
}
