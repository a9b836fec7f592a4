import { describe, expect, it } from 'vitest'
import { outcomeOf } from '../../test/support/tokens.js'
import { memoryRevocationStore } from '../memory/revocation-store.js'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.js'
import { createRevocationFeed, type RevocationFeed, type RevocationFeedDeps } from './revocation-feed.js'
import type { RevocationPage, RevocationStore } from './revocation-store.js'

interface WatchedStore extends RevocationStore {
  /** The cursors that were read from. */
  readonly cursors: (string | null)[]
  down: boolean
  /** What the next reads wait for, after they have seen what there is. */
  held: Promise<void> | undefined
  listeners: number
  change: (page: RevocationPage) => RevocationPage
}

function watched(inner: RevocationStore = memoryRevocationStore()): WatchedStore {
  const store: WatchedStore = {
    ...inner,
    cursors: [],
    down: false,
    held: undefined,
    listeners: 0,
    change: (page) => page,
    async append(entry) {
      if (store.down) throw new Error('connection refused')
      await inner.append(entry)
    },
    async read(cursor, now) {
      store.cursors.push(cursor)
      if (store.down) throw new Error('connection refused')
      const page = await inner.read(cursor, now)
      await store.held
      return store.change(page)
    },
    subscribe(wake) {
      store.listeners++
      const stop = inner.subscribe(wake)
      return () => {
        store.listeners--
        stop()
      }
    },
  }
  return store
}

/** Lets everything that is ready go on. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

function setUp(options: Partial<RevocationFeedDeps> = {}): {
  clock: VirtualClock
  store: WatchedStore
  feed: RevocationFeed
} {
  const clock = virtualClock()
  const store = watched()
  return { clock, store, feed: createRevocationFeed({ store, clock, maxStalenessMs: 5000, ...options }) }
}

/** A feed without push: only its own reads tell it anything. */
function deaf(options: Partial<RevocationFeedDeps> = {}): {
  clock: VirtualClock
  store: WatchedStore
  feed: RevocationFeed
} {
  const clock = virtualClock()
  const store = Object.assign(watched(), { subscribe: () => () => undefined })
  return { clock, store, feed: createRevocationFeed({ store, clock, maxStalenessMs: 5000, ...options }) }
}
const entry = (id: string, now: Date, minutes = 65): Parameters<RevocationStore['append']>[0] => ({
  id: `session:${id}`,
  target: { session: id },
  expiresAt: new Date(now.getTime() + minutes * 60_000),
})

describe('ensureFresh', () => {
  it('F-03 reads everything before the first answer, once for all who ask, and refuses all where that fails', async () => {
    const { clock, store, feed } = deaf()
    await store.append(entry('before', clock.now()))
    store.down = true
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcomeOf(feed.ensureFresh())))
    expect(outcomes).toEqual(Array(10).fill('StoreError'))
    expect(store.cursors).toEqual([null])
    store.down = false
    await Promise.all(Array.from({ length: 10 }, () => feed.ensureFresh()))
    expect(store.cursors).toEqual([null, null])
    expect(feed.isSessionRevoked('before')).toBe(true)
  })

  it('asks no store while what is known is fresh, one behind the back past half, and waits past the whole', async () => {
    const { clock, store, feed } = deaf()
    await feed.ensureFresh()
    await clock.advance(2500)
    await Promise.all(Array.from({ length: 100 }, () => feed.ensureFresh()))
    expect(store.cursors).toHaveLength(1)

    await clock.advance(1)
    await store.append(entry('a', clock.now()))
    await Promise.all(Array.from({ length: 100 }, () => feed.ensureFresh()))
    await settle()
    expect(store.cursors).toHaveLength(2)
    expect(feed.isSessionRevoked('a')).toBe(true)

    await store.append(entry('b', clock.now()))
    await clock.advance(5001)
    await feed.ensureFresh()
    expect(feed.isSessionRevoked('b')).toBe(true)
  })

  it('D11 counts from the start of a read: one that was slow is no fresher for it', async () => {
    const { clock, store, feed } = deaf({ readTimeoutMs: 10_000 })
    let release = (): void => undefined
    store.held = new Promise((resolve) => {
      release = resolve
    })
    const first = feed.ensureFresh()
    await settle()
    await clock.advance(4000)
    store.down = true
    release()
    await first
    await clock.advance(1001)
    expect(await outcomeOf(feed.ensureFresh())).toBe('StoreError')
  })

  it('D11 reads once more where the read that was joined began too long ago', async () => {
    const { clock, store, feed } = deaf({ readTimeoutMs: 60_000 })
    let release = (): void => undefined
    store.held = new Promise((resolve) => {
      release = resolve
    })
    const first = feed.ensureFresh()
    await settle()
    await store.append(entry('late', clock.now()))
    await clock.advance(6000)
    const second = feed.ensureFresh()
    store.held = undefined
    release()
    await Promise.all([first, second])
    expect(store.cursors).toHaveLength(2)
    expect(feed.isSessionRevoked('late')).toBe(true)
  })

  it('F-03 F-05 is refused within the deadline where the store hangs, and one late answer changes nothing', async () => {
    const { clock, store, feed } = deaf()
    await feed.ensureFresh()
    let release = (): void => undefined
    store.held = new Promise((resolve) => {
      release = resolve
    })
    store.change = (page) => ({ ...page, cursor: 'nonsense', entries: [] })
    await clock.advance(5001)
    const outcome = outcomeOf(feed.ensureFresh())
    await settle()
    await clock.advance(2000)
    expect(await outcome).toBe('StoreError')
    store.held = undefined
    release()
    await settle()
    store.change = (page) => page
    await store.append(entry('a', clock.now()))
    await feed.ensureFresh()
    expect(store.cursors.at(-1)).not.toBe('nonsense')
    expect(feed.isSessionRevoked('a')).toBe(true)
  })

  it('F-03 is refused while reads fail, and recovers by itself', async () => {
    const { clock, store, feed } = deaf()
    await feed.ensureFresh()
    store.down = true
    await clock.advance(4999)
    expect(await outcomeOf(feed.ensureFresh())).toBe('ok')
    await settle()
    await clock.advance(2)
    expect(await outcomeOf(feed.ensureFresh())).toBe('StoreError')
    expect(await outcomeOf(feed.ensureFresh())).toBe('StoreError')
    store.down = false
    expect(await outcomeOf(feed.ensureFresh())).toBe('ok')
  })

  it('F-31 is not impressed by a wall clock that jumps', async () => {
    const { clock, store, feed } = deaf({})
    await feed.announce({ session: 'a' })
    await feed.ensureFresh()
    for (const jump of [86_400_000, -3_600_000, 365 * 86_400_000, 0]) {
      clock.setWallClock(new Date(Date.UTC(2026, 0, 1) + jump))
      store.change = (page) => ({ ...page, storeTime: clock.now() })
      await clock.advance(60_000)
      await feed.ensureFresh()
      expect(feed.isSessionRevoked('a')).toBe(true)
    }
  })
})

describe('what is read', () => {
  it('goes on from the cursor, and is read anew as a whole once a minute', async () => {
    const { clock, store, feed } = deaf()
    for (let second = 0; second < 130; second += 5) {
      await feed.ensureFresh()
      await clock.advance(5001)
    }
    expect(store.cursors.filter((cursor) => cursor === null)).toHaveLength(3)
    expect(store.cursors).toHaveLength(26)
  })

  it('F-24 F-29 loses what the store lost with the next whole page, but never what was announced here', async () => {
    const { clock, store, feed } = deaf()
    await store.append(entry('theirs', clock.now()))
    await feed.announce({ session: 'ours' })
    await feed.ensureFresh()
    expect(feed.isSessionRevoked('theirs')).toBe(true)
    store.change = (page) => ({ ...page, entries: [], whole: true })
    await clock.advance(5001)
    await feed.ensureFresh()
    expect(feed.isSessionRevoked('theirs')).toBe(false)
    expect(feed.isSessionRevoked('ours')).toBe(true)
    await clock.advance(64 * 60_000)
    await feed.ensureFresh()
    expect(feed.isSessionRevoked('ours')).toBe(true)
  })

  it('repairs within a minute what a page passed by', async () => {
    const { clock, store, feed } = deaf()
    await feed.ensureFresh()
    await store.append(entry('a', clock.now()))
    store.change = (page) => ({ ...page, entries: [] })
    await clock.advance(5001)
    await feed.ensureFresh()
    expect(feed.isSessionRevoked('a')).toBe(false)
    store.change = (page) => page
    await clock.advance(55_000)
    await feed.ensureFresh()
    expect(feed.isSessionRevoked('a')).toBe(true)
  })

  it('is kept for as long as the store says, and is bounded by that', async () => {
    const { clock, store, feed } = deaf()
    await store.append(entry('a', clock.now(), 10))
    await feed.ensureFresh()
    await clock.advance(9 * 60_000)
    await feed.ensureFresh()
    expect(feed.isSessionRevoked('a')).toBe(true)
    await clock.advance(2 * 60_000)
    await feed.ensureFresh()
    expect(feed.isSessionRevoked('a')).toBe(false)
  })
})

describe('announce', () => {
  it('D11 takes back at once here, before any store has answered, and where the store is down', async () => {
    const { store, feed } = deaf()
    await feed.ensureFresh()
    const announcing = feed.announce({ session: 'a' })
    expect(feed.isSessionRevoked('a')).toBe(true)
    await announcing
    store.down = true
    expect(await outcomeOf(feed.announce({ kid: 'k' }))).toBe('StoreError')
    expect(feed.isKidRevoked('k')).toBe(true)
  })

  it('D11 is not undone by a read that began before', async () => {
    const { clock, store, feed } = deaf()
    await feed.ensureFresh()
    await clock.advance(60_000)
    let release = (): void => undefined
    store.held = new Promise((resolve) => {
      release = resolve
    })
    const reading = feed.ensureFresh()
    await settle()
    await feed.announce({ user: 'u', minVersion: 4 }, { alreadyAppended: true })
    store.held = undefined
    release()
    await reading
    expect(feed.isUserVersionRevoked('u', 3)).toBe(true)
    expect(feed.isUserVersionRevoked('u', 4)).toBe(false)
  })

  it('tells the others once, however often it is repeated, and not what the store knows already', async () => {
    const { clock, store, feed } = deaf()
    await feed.announce({ session: 'a' })
    await feed.announce({ session: 'a' })
    await feed.announce({ user: 'u', minVersion: 2 }, { alreadyAppended: true })
    const { entries } = await store.read(null, clock.now())
    expect(entries).toEqual([
      { id: expect.stringContaining('session:a'), target: { session: 'a' }, expiresAt: feed.entryExpiresAt(clock.now()) },
    ])
    expect(feed.isUserVersionRevoked('u', 1)).toBe(true)
  })

  it('D11 F-49 reaches every other process within maxStaleness, also without push', async () => {
    const clock = virtualClock()
    const inner = memoryRevocationStore()
    const store = { ...inner, subscribe: () => () => undefined }
    const [here, there] = [1, 2].map(() => createRevocationFeed({ store, clock, maxStalenessMs: 5000 })) as [
      RevocationFeed,
      RevocationFeed,
    ]
    await there.ensureFresh()
    await here.announce({ session: 'a' })
    await clock.advance(5001)
    await there.ensureFresh()
    expect(there.isSessionRevoked('a')).toBe(true)
  })

  it('keeps an entry for longer than any token that it covers', () => {
    const { clock, feed } = deaf()
    expect(feed.entryExpiresAt(clock.now()).getTime() - clock.now().getTime()).toBe(65 * 60_000)
  })
})

describe('push', () => {
  it('wakes the reader, and does nothing else', async () => {
    const { clock, store, feed } = setUp()
    await feed.ensureFresh()
    await store.append(entry('a', clock.now()))
    await settle()
    expect(feed.isSessionRevoked('a')).toBe(true)
    expect(store.cursors).toHaveLength(2)
  })

  it('reads once more for what came while it was reading, however much it was', async () => {
    const { clock, store, feed } = setUp()
    await feed.ensureFresh()
    let release = (): void => undefined
    store.held = new Promise((resolve) => {
      release = resolve
    })
    for (let i = 0; i < 50; i++) await store.append(entry(String(i), clock.now()))
    release()
    await settle()
    expect(store.cursors).toHaveLength(3)
    for (let i = 0; i < 50; i++) expect(feed.isSessionRevoked(String(i))).toBe(true)
  })

  it('is no proof of freshness: a silent channel changes nothing', async () => {
    const { clock, store, feed } = setUp()
    await feed.ensureFresh()
    store.down = true
    await clock.advance(5001)
    expect(await outcomeOf(feed.ensureFresh())).toBe('StoreError')
  })

  it('is listened to from the first read until it is closed', async () => {
    const { clock, store, feed } = setUp()
    expect(store.listeners).toBe(0)
    await feed.ensureFresh()
    await clock.advance(60_001)
    await feed.ensureFresh()
    expect(store.listeners).toBe(1)
    feed.close()
    expect(store.listeners).toBe(0)
    const reads = store.cursors.length
    await store.append(entry('a', clock.now()))
    await settle()
    expect(store.cursors).toHaveLength(reads)
    await clock.advance(60_001)
    await feed.ensureFresh()
    expect(store.listeners).toBe(0)
    expect(feed.isSessionRevoked('a')).toBe(true)
  })

  it('may fail: reads go on, and it is tried again a minute later', async () => {
    const clock = virtualClock()
    const inner = watched()
    let tries = 0
    const store: RevocationStore = {
      ...inner,
      subscribe(wake) {
        if (++tries === 1) throw new Error('LISTEN failed')
        return inner.subscribe(wake)
      },
    }
    const feed = createRevocationFeed({ store, clock, maxStalenessMs: 5000 })
    await feed.ensureFresh()
    expect(inner.listeners).toBe(0)
    await clock.advance(60_000)
    await feed.ensureFresh()
    expect(inner.listeners).toBe(1)
  })
})

describe("a clock that differs from the store's", () => {
  const off = async (
    skewMs: number,
  ): Promise<{ outcome: string; reports: number[]; feed: RevocationFeed; clock: VirtualClock; store: WatchedStore }> => {
    const reports: number[] = []
    const { clock, store, feed } = deaf({ onClockSkew: (ms) => void reports.push(ms) })
    store.change = (page) => ({ ...page, storeTime: new Date(clock.now().getTime() + skewMs) })
    await store.append(entry('a', clock.now()))
    return { outcome: await outcomeOf(feed.ensureFresh()), reports, feed, clock, store }
  }

  it.each([
    [0, 'ok', []],
    [30_000, 'ok', []],
    [-30_000, 'ok', []],
    [30_001, 'ok', [30_001]],
    [-30_001, 'ok', [-30_001]],
    [120_000, 'ok', [120_000]],
    [120_001, 'StoreError', [120_001]],
    [-120_001, 'StoreError', [-120_001]],
  ])('F-30 by %i ms: %s, reported as %j', async (skewMs, expected, reported) => {
    const { outcome, reports, feed } = await off(skewMs)
    expect([outcome, reports]).toEqual([expected, reported])
    expect(feed.isSessionRevoked('a')).toBe(true)
  })

  it('F-30 is reported once each time it begins', async () => {
    const { reports, feed, clock, store } = await off(60_000)
    const read = async (): Promise<void> => {
      await clock.advance(5001)
      await feed.ensureFresh()
    }
    await read()
    await read()
    expect(reports).toHaveLength(1)
    store.change = (page) => page
    await read()
    store.change = (page) => ({ ...page, storeTime: new Date(page.storeTime.getTime() - 40_000) })
    await read()
    expect(reports).toEqual([60_000, -40_000])
  })

  it('is not blamed for a read that was slow', async () => {
    const reports: number[] = []
    const { clock, store, feed } = deaf({
      onClockSkew: (ms) => void reports.push(ms),
      readTimeoutMs: 100_000,
      maxStalenessMs: 100_000,
    })
    let release = (): void => undefined
    store.held = new Promise((resolve) => {
      release = resolve
    })
    const reading = feed.ensureFresh()
    await settle()
    await clock.advance(50_000)
    release()
    await reading
    expect(reports).toEqual([])
  })
})
