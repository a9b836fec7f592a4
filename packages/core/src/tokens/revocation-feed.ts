import { StoreError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { later } from '../shared/duration.js'
import { createSharedRun } from '../shared/shared-run.js'
import { withDeadline } from '../shared/store-deadline.js'
import { type AccessClaims, maxAccessTtlSeconds } from './access-claims.js'
import { createRevocationSet, entryIdOf, type RevocationSet } from './revocation-set.js'
import type { RevocationPage, RevocationStore, RevocationTarget } from './revocation-store.js'

/** What this process knows of revocations: all of the last 65 minutes, not older than `maxStaleness`, without a read per request. */
export interface RevocationFeed {
  /**
   * Resolves while what is known is at most `maxStaleness` old. Older: all who ask share one read. Past half of it, one is
   * made behind their backs.
   * @throws StoreError where that read fails, and before the first has succeeded
   */
  ensureFresh(): Promise<void>
  /** Reads what there is now, however fresh what is known may be: for who asks whether something is in force everywhere. @throws StoreError */
  readNow(): Promise<void>
  /** Whether a token is taken back: by its session, itself, its user or its client. */
  isRevoked(claims: AccessClaims): boolean
  /** Whether a session is taken back. */
  isSessionRevoked(sessionId: string): boolean
  /** Whether a user's tokens of this `accessVersion` are taken back. */
  isUserVersionRevoked(userId: string, version: number): boolean
  /** Whether an API key is taken back. */
  isApiKeyRevoked(keyId: string): boolean
  /** Whether all tokens of an OAuth client are taken back. */
  isClientRevoked(clientId: string): boolean
  /** Whether a signing key is taken back. */
  isKidRevoked(kid: string): boolean
  /**
   * Takes something back: at once in this process, and everywhere once it resolves. Repeatable.
   * @throws StoreError where the others were not told; here it is in force all the same
   */
  announce(target: RevocationTarget, options?: { readonly alreadyAppended?: boolean }): Promise<void>
  /** When an entry made now expires: when nothing it covers can be valid any more. */
  entryExpiresAt(now: Date): Date
  /** Stops listening to the store. What is asked afterwards is still answered. */
  close(): void
}

/** What a feed needs. */
export interface RevocationFeedDeps {
  readonly store: RevocationStore
  readonly clock: Clock
  /** How old what is known may be. */
  readonly maxStalenessMs: number
  /** How long a read may take. Default 2 s. */
  readonly readTimeoutMs?: number
  /** Hears, once each time it begins, that this machine's clock differs from the store's by more than 30 s. */
  readonly onClockSkew?: (skewMs: number) => void
}

/** The longest life of a token and a margin for clocks. */
const rememberSeconds = maxAccessTtlSeconds + 300
const defaultReadTimeoutMs = 2000
/** How often everything is read anew, as a repair for whatever went wrong between. */
const repairMs = 60_000
const reportedSkewMs = 30_000
const tolerableSkewMs = 120_000

/** Makes the feed. It reads when it is asked, and when the store wakes it: there are no timers. */
export function createRevocationFeed(deps: RevocationFeedDeps): RevocationFeed {
  const { clock, maxStalenessMs } = deps
  const store = withDeadline(deps.store, 'revocations', clock, deps.readTimeoutMs ?? defaultReadTimeoutMs)
  const watchSkew = createSkewWatch(deps.onClockSkew)
  // What was announced here is kept apart: nothing that is read takes it out again.
  const own = createRevocationSet()
  let read = createRevocationSet()
  let cursor: string | null = null
  let wholeAtMs = Number.NEGATIVE_INFINITY
  let freshAtMs = Number.NEGATIVE_INFINITY
  let unsubscribe: (() => void) | undefined
  let isClosed = false

  function apply(page: RevocationPage, nowMs: number): void {
    if (page.whole) read = createRevocationSet()
    for (const { target, expiresAt } of page.entries) {
      const remainingMs = expiresAt.getTime() - page.storeTime.getTime()
      if (remainingMs > 0) read.add(target, nowMs, remainingMs)
    }
    cursor = page.cursor
  }

  const reading = createSharedRun(async () => {
    const startedMs = clock.monotonicMs()
    const startedAt = clock.now()
    const isRepair = startedMs - wholeAtMs >= repairMs
    if (isRepair) subscribe()
    const page = await store.read(isRepair ? null : cursor, startedAt)
    apply(page, startedMs)
    if (page.whole) wholeAtMs = startedMs
    if (!watchSkew(page.storeTime, startedAt, clock.now()))
      throw new StoreError("This machine's clock and the revocation store's differ by more than 2 min")
    freshAtMs = startedMs
  })

  function readBehind(run: () => Promise<void>): void {
    // Whoever needs it fresh asks again and learns why it failed.
    run().catch(() => undefined)
  }

  function subscribe(): void {
    if (unsubscribe || isClosed) return
    try {
      unsubscribe = store.subscribe(() => {
        if (!isClosed) readBehind(reading.fresh)
      })
    } catch {
      // A hint that does not come costs time and no promise; the next repair tries again.
    }
  }

  const ageMs = (): number => clock.monotonicMs() - freshAtMs
  const has: RevocationSet['has'] = (kind, id, version) => own.has(kind, id, version) || read.has(kind, id, version)

  function isClientRevoked(clientId: string): boolean {
    const nowMs = clock.monotonicMs()
    return own.hasClient(clientId, nowMs) || read.hasClient(clientId, nowMs)
  }

  return {
    async ensureFresh() {
      if (ageMs() > maxStalenessMs) await reading.join()
      // The read that was joined may have begun long before; one that is under way now has not.
      if (ageMs() > maxStalenessMs) await reading.join()
      if (ageMs() > maxStalenessMs) throw new StoreError('Revocations could not be read in time')
      if (ageMs() > maxStalenessMs / 2) readBehind(reading.join)
    },
    async readNow() {
      await reading.fresh()
    },
    isRevoked({ sid, jti, sub, ver, client_id: clientId }) {
      return (
        (sid !== undefined && has('session', sid)) || has('jti', jti) || has('user', sub, ver) || isClientRevoked(clientId)
      )
    },
    isSessionRevoked: (sessionId) => has('session', sessionId),
    isUserVersionRevoked: (userId, version) => has('user', userId, version),
    isApiKeyRevoked: (keyId) => has('apiKey', keyId),
    isClientRevoked,
    isKidRevoked: (kid) => has('kid', kid),
    async announce(target, { alreadyAppended = false } = {}) {
      own.add(target, clock.monotonicMs(), rememberSeconds * 1000)
      if (alreadyAppended) return
      // A repetition is another entry: what it names may have lived on since the first one, which ends earlier.
      const minute = Math.floor(clock.now().getTime() / 60_000)
      await store.append({ id: `${entryIdOf(target)}@${minute}`, target, expiresAt: entryExpiresAt(clock.now()) })
    },
    entryExpiresAt,
    close() {
      isClosed = true
      unsubscribe?.()
    },
  }
}

function entryExpiresAt(now: Date): Date {
  return later(now, rememberSeconds)
}

/** Judges the store's clock by this machine's before and after a read; answers whether the difference is tolerable. */
function createSkewWatch(
  report: (skewMs: number) => void = () => undefined,
): (store: Date, from: Date, to: Date) => boolean {
  let isOff = false
  return (store, from, to) => {
    const early = store.getTime() - from.getTime()
    const late = store.getTime() - to.getTime()
    const skewMs = early < 0 ? early : Math.max(late, 0)
    const wasOff = isOff
    isOff = Math.abs(skewMs) > reportedSkewMs
    if (isOff && !wasOff) report(skewMs)
    return Math.abs(skewMs) <= tolerableSkewMs
  }
}
