import type { Clock } from '../shared/clock.js'
import type { ApiKeyStore, ApiKeyUses } from './api-key-store.js'

/** Gathers how often keys are used, so that a use costs no write. */
export interface UseLog {
  /** Counts one use. Never throws and waits for nothing. */
  note(id: string): void
  /** Writes what was gathered. Those who ask meanwhile share one write. @throws StoreError; then it stays gathered */
  flush(): Promise<void>
}

/** What the log needs. */
export interface UseLogDeps {
  readonly store: Pick<ApiKeyStore, 'recordUses'>
  readonly clock: Clock
  /** Hears of a write that failed behind everybody's back. */
  readonly onError: (error: unknown) => void
}

const flushEveryMs = 60_000
/** Keys whose uses are gathered at once. Uses of more keys within a minute are not counted. */
const capacity = 10_000

/**
 * Makes the log. It writes about once a minute while keys are used: all keys in one call. A process that dies takes the
 * counts of its last minute with it, and a write whose answer was lost may be counted twice.
 */
export function createUseLog({ store, clock, onError }: UseLogDeps): UseLog {
  let gathered = new Map<string, ApiKeyUses>()
  let sinceMs = 0
  let isTimed = false
  let writing: Promise<void> | undefined

  function add(use: ApiKeyUses): void {
    const known = gathered.get(use.id)
    if (!known && gathered.size >= capacity) return
    const lastUsedAt = known && known.lastUsedAt > use.lastUsedAt ? known.lastUsedAt : use.lastUsedAt
    gathered.set(use.id, { id: use.id, lastUsedAt, uses: use.uses + (known?.uses ?? 0) })
  }

  async function write(): Promise<void> {
    const batch = gathered
    gathered = new Map()
    sinceMs = clock.monotonicMs()
    if (batch.size === 0) return
    try {
      await store.recordUses([...batch.values()])
    } catch (error) {
      for (const use of batch.values()) add(use)
      flushIn(flushEveryMs)
      throw error
    }
  }

  function flush(): Promise<void> {
    writing ??= write().finally(() => {
      writing = undefined
    })
    return writing
  }

  const flushBehind = (): void => void flush().catch(onError)

  /** One wait at a time, and none while no key is used. */
  function flushIn(ms: number): void {
    if (isTimed) return
    isTimed = true
    const wake = (): void => {
      isTimed = false
      const leftMs = sinceMs + flushEveryMs - clock.monotonicMs()
      if (gathered.size === 0) return
      if (leftMs > 0) flushIn(leftMs)
      else flushBehind()
    }
    // A clock that cannot wait leaves it to the next use and to `maintain`.
    clock.wait(ms).then(wake, () => undefined)
  }

  return {
    flush,
    note(id) {
      const nowMs = clock.monotonicMs()
      if (gathered.size === 0) sinceMs = Math.max(sinceMs, nowMs)
      add({ id, lastUsedAt: clock.now(), uses: 1 })
      flushIn(flushEveryMs)
      // Where a process is frozen between requests, timers do not run: the next request does it.
      if (nowMs - sinceMs >= flushEveryMs) flushBehind()
    },
  }
}
