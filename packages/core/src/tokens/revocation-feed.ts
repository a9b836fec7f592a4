import { StoreError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { later } from '../shared/duration.js'
import { createRevocationSet, entryIdOf } from './revocation-set.js'
import type { RevocationPage, RevocationStore, RevocationTarget } from './revocation-store.js'

/** What the feed needs. */
export interface RevocationFeedDeps {
  readonly store: RevocationStore
  readonly clock: Clock
  /** How old what this process knows may be when it decides. */
  readonly maxStalenessMs: number
  /** How long a read may take. Default 2 s. */
  readonly readTimeoutMs?: number
  /** Told how far this process's clock is off the store's, where that is more than half a minute. */
  readonly onClockSkew?: (skewMs: number) => void
}

/** What this process knows of the revocation feed. */
export interface RevocationFeed {
  /**
   * Resolves when what is known is no older than `maxStaleness`. Requests share one read.
   * @throws StoreError where that read fails or is late: nobody can say then whether a credential still counts
   */
  ensureFresh(): Promise<void>
  /** Whether a token with these claims has been taken back. */
  isRevoked(claims: RevocableClaims): boolean
  /** Whether a session has been ended. */
  isSessionRevoked(sessionId: string): boolean
  /** Whether a signing key has been taken back. */
  isKeyRevoked(kid: string): boolean
  /** Whether what was read of a user at this `accessVersion` is out of date. */
  isUserVersionRevoked(userId: string, version: number): boolean
  /** Takes something back: here at once, everywhere else when they read. Repeating it changes nothing. @throws StoreError */
  announce(target: RevocationTarget, options?: { readonly alreadyAppended?: boolean }): Promise<void>
  /** When an entry made at `now` has outlived everything it could cover. */
  entryExpiresAt(now: Date): Date
}

/** What of a token's claims decides whether it has been taken back. */
export interface RevocableClaims {
  readonly jti: string
  readonly sub: string
  readonly client_id: string
  readonly sid?: string | undefined
  readonly ver?: number | undefined
}

/** Tokens live an hour at most; the rest is for clocks. */
const entrySeconds = 65 * 60
const wholeEveryMs = 60_000
const reportedSkewMs = 30_000
const toleratedSkewMs = 120_000

/** Makes the feed. It reads when somebody asks; there is no timer. */
export function createRevocationFeed(deps: RevocationFeedDeps): RevocationFeed {
  const { store, clock, maxStalenessMs, readTimeoutMs = 2000, onClockSkew } = deps
  const set = createRevocationSet()
  const ours = new Set<string>()
  let cursor: string | null = null
  let freshSinceMs = Number.NEGATIVE_INFINITY
  let wholeSinceMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  let subscribed = false

  async function read(): Promise<void> {
    const startedMs = clock.monotonicMs()
    const from = startedMs - wholeSinceMs < wholeEveryMs ? cursor : null
    const page = await inTime(store.read(from, clock.now()))
    checkClock(page.storeTime)
    apply(page)
    cursor = page.cursor
    if (page.whole) wholeSinceMs = startedMs
    // From its start on: what was added while it ran may not be in it.
    freshSinceMs = startedMs
  }

  /** What this process announced itself stays, whatever a read that began before says. */
  function apply({ entries, whole }: RevocationPage): void {
    if (whole) set.replace(entries, ({ id }) => ours.has(id))
    else for (const entry of entries) set.add(entry)
    const now = clock.now()
    for (const { id } of set.prune(now)) ours.delete(id)
  }

  function checkClock(storeTime: Date): void {
    const skewMs = clock.now().getTime() - storeTime.getTime()
    if (Math.abs(skewMs) > reportedSkewMs) onClockSkew?.(skewMs)
    if (Math.abs(skewMs) > toleratedSkewMs)
      throw new StoreError(`this clock is ${Math.round(skewMs / 1000)} s off the revocation store's`)
  }

  async function inTime(page: Promise<RevocationPage>): Promise<RevocationPage> {
    const done = new AbortController()
    const late = clock.wait(readTimeoutMs, done.signal).then(
      () => {
        throw new StoreError(`the revocation feed did not answer within ${readTimeoutMs} ms`)
      },
      () => new Promise<never>(() => undefined),
    )
    try {
      return await Promise.race([page, late])
    } finally {
      done.abort()
    }
  }

  function refresh(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  /** A hint that something may have been added. What it brings about is a read like any other. */
  function subscribe(): void {
    if (subscribed) return
    subscribed = true
    store.subscribe(() => void refresh().catch(() => undefined))
  }

  const ageMs = (): number => clock.monotonicMs() - freshSinceMs

  return {
    async ensureFresh() {
      subscribe()
      if (ageMs() <= maxStalenessMs / 2) return
      if (ageMs() <= maxStalenessMs) return void refresh().catch(() => undefined)
      await refresh()
      if (ageMs() > maxStalenessMs) await refresh()
      if (ageMs() > maxStalenessMs) throw new StoreError('the revocation feed is slower than maxStaleness')
    },
    isRevoked({ jti, sub, client_id, sid, ver }) {
      return (
        set.has('jti', jti) ||
        set.has('client', client_id) ||
        (sid !== undefined && set.has('session', sid)) ||
        (ver !== undefined && ver < set.minVersion(sub))
      )
    },
    isSessionRevoked: (sessionId) => set.has('session', sessionId),
    isKeyRevoked: (kid) => set.has('kid', kid),
    isUserVersionRevoked: (userId, version) => version < set.minVersion(userId),
    async announce(target, { alreadyAppended = false } = {}) {
      const entry = { id: entryIdOf(target), target, expiresAt: later(clock.now(), entrySeconds) }
      ours.add(entry.id)
      set.add(entry)
      if (!alreadyAppended) await store.append(entry)
    },
    entryExpiresAt: (now) => later(now, entrySeconds),
  }
}
