import { later } from '../../shared/duration.js'
import type { RevocationEntry, RevocationStore, RevocationTarget } from '../../tokens/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { hostileTexts, shortHostileTexts, unstorableTexts } from './hostile-texts.js'
import { itDeletesExpired } from './housekeeping-tests.js'
import { itLosesNoEntry } from './revocation-race-tests.js'
import { entriesWith, revocationEntry } from './revocation-samples.js'
import { afterMs, eras, present, range, uniqueText } from './samples.js'
import { defineSuite, type OpenStores, type StoreSuite, type SuiteOptions } from './store-suite.js'
import type { TestApi } from './test-api.js'
import { itKeepsOrRefuses } from './unstorable-text-tests.js'
import { vandalise } from './vandalise.js'

/** Proves a `RevocationStore`: each sentence of its interface is a test. */
export function revocationStoreSuite(api: TestApi, openStores: OpenStores, options: SuiteOptions = {}): void {
  defineSuite('revocations', api, openStores, options, (suite) => {
    itKeepsEntries(suite)
    itTakesAnyText(suite)
    itCountsEntriesOnce(suite)
    itGoesOnFromCursors(suite)
    itNoticesRestores(suite)
    itExpires(suite)
    itWakes(suite)
    itLosesNoEntry(suite)
    itDeletesExpired(suite, async (end) => {
      const entry = revocationEntry({ expiresAt: end })
      await suite.store.append(entry)
      const before = later(end, -60)
      return { isThere: async () => entriesWith((await suite.store.read(null, before)).entries, entry).length > 0 }
    })
  })
}

function targets(text: string): readonly RevocationTarget[] {
  return [
    { session: text },
    { jti: text },
    { user: text, minVersion: 7 },
    { user: text, minVersion: Number.MAX_SAFE_INTEGER },
    { apiKey: text },
    { client: text },
    { kid: text },
  ]
}

function itKeepsEntries({ it, store, isInProcess }: StoreSuite<RevocationStore>): void {
  it('ST-01 read: gives back every kind of entry as it was appended', async () => {
    const entries = [
      ...targets(uniqueText('target')).map((target) => revocationEntry({ target })),
      ...eras.map((era) => revocationEntry({ expiresAt: era })),
    ]
    for (const entry of entries) await store.append(entry)
    const page = await store.read(null, new Date(0))
    expectEqual(page.whole, true, 'the first read is whole')
    for (const entry of entries)
      expectEqual(entriesWith(page.entries, entry), [entry], 'a whole page has the entry, as appended')
  })

  it('ST-01 keeps hostile texts unchanged', async () => {
    const entries = shortHostileTexts.flatMap((text) => {
      const [target = { session: text }] = [targets(text)[text.length % 7]]
      return [revocationEntry({ id: `${text}${uniqueText('')}`, target })]
    })
    for (const entry of entries) await store.append(entry)
    const page = await store.read(null, present)
    for (const entry of entries)
      expectEqual(entriesWith(page.entries, entry), [entry], 'a whole page has the entry, as appended')
  })

  it('ST-01 keeps copies: changing what was passed in or given out changes nothing', async () => {
    const entry = revocationEntry()
    const passed = structuredClone(entry)
    const { cursor } = await store.read(null, present)
    await store.append(passed)
    vandalise(passed)
    vandalise((await store.read(cursor, present)).entries)
    vandalise((await store.read(null, present)).entries)
    const page = await store.read(null, present)
    expectEqual(entriesWith(page.entries, entry), [entry], 'the store keeps what it was given')
  })

  it('read: `storeTime` is the store’s own clock, whatever `now` is', async () => {
    const hourMs = 3_600_000
    for (const now of [present, ...eras]) {
      const { storeTime } = await store.read(null, now)
      const offMs = storeTime.getTime() - (isInProcess ? now.getTime() : Date.now())
      expectThat(
        Math.abs(offMs) < hourMs,
        isInProcess ? 'in process `now` is the clock' : '`storeTime` does not follow `now`',
      )
    }
  })
}

function itTakesAnyText(suite: StoreSuite<RevocationStore>): void {
  const { store } = suite
  itKeepsOrRefuses(suite, (text) => {
    const entry = revocationEntry({ target: { session: text } })
    const read = async (): Promise<unknown> => entriesWith((await store.read(null, present)).entries, entry)
    return { write: () => store.append(entry), read, expected: { kept: [entry], refused: [] } }
  })
}

function itCountsEntriesOnce({ it, itRaces, store, race }: StoreSuite<RevocationStore>): void {
  it('append: an id that was appended before changes nothing', async () => {
    const entry = revocationEntry()
    await store.append(entry)
    await store.append(entry)
    await store.append({ ...entry, expiresAt: later(entry.expiresAt, 60) })
    await store.append({ ...entry, target: { session: 'another' } })
    const { entries } = await store.read(null, present)
    const found = entriesWith(entries, entry)
    expectThat(found.length > 0, 'the entry is there')
    for (const each of found) expectEqual(each, entry, 'the first entry of an id stands')
  })

  itRaces('ST-02 append: of racers with one id one entry stands', async () => {
    const entry = revocationEntry()
    await race((racing, index) => racing.append({ ...entry, target: { session: `racer ${index}` } }))
    const { entries } = await store.read(null, present)
    const kept = new Set(entriesWith(entries, entry).map(({ target }) => JSON.stringify(target)))
    expectEqual(kept.size, 1, 'an id stands for one entry')
  })
}

function itGoesOnFromCursors({ it, store }: StoreSuite<RevocationStore>): void {
  it('read: from a cursor on passes nothing by that was appended since', async () => {
    let { cursor } = await store.read(null, present)
    const first = cursor
    const entries: RevocationEntry[] = []
    for (const count of [1, 0, 3, 1]) {
      const added = range(count).map(() => revocationEntry())
      for (const entry of added) await store.append(entry)
      entries.push(...added)
      const page = await store.read(cursor, present)
      for (const entry of added)
        expectEqual(entriesWith(page.entries, entry)[0], entry, 'the page has what was appended since')
      cursor = page.cursor
    }
    const page = await store.read(first, present)
    for (const entry of entries)
      expectEqual(entriesWith(page.entries, entry)[0], entry, 'an older cursor still goes on where it was')
  })

  it('read: a cursor that the store does not know gives the whole feed, and says so', async () => {
    const entry = revocationEntry()
    await store.append(entry)
    const { cursor } = await store.read(null, present)
    const unknown = [
      ...hostileTexts,
      ...unstorableTexts,
      'no cursor',
      '9007199254740991',
      '-1',
      'ffffffffffffffff',
      `${cursor}x`,
      `x${cursor}`,
    ]
    for (const text of unknown.filter((other) => other !== cursor)) {
      const page = await store.read(text, present)
      expectEqual(
        page.whole || entriesWith(page.entries, entry).length > 0,
        true,
        `read(${JSON.stringify(text.slice(0, 60))}) passes nothing by`,
      )
    }
    for (const text of ['no cursor', '9007199254740991', hostileTexts.at(-1) ?? '']) {
      const page = await store.read(text, present)
      expectEqual(page.whole, true, 'the page says that it is whole')
      expectEqual(entriesWith(page.entries, entry)[0], entry, 'the page is whole')
      expectEqual((await store.read(page.cursor, present)).cursor !== '', true, 'its cursor is good to go on')
    }
  })
}

function itNoticesRestores({ it, store, opened }: StoreSuite<RevocationStore>): void {
  it('read: a cursor of a feed that was put back since gives the whole feed, and says so', async () => {
    const snapshotFeed = opened().find((connection) => connection.snapshotFeed)?.snapshotFeed
    const [early, lost, late] = [revocationEntry(), revocationEntry(), revocationEntry()]
    await store.append(early)
    const restore = await snapshotFeed?.()
    await store.append(lost)
    const { cursor } = await store.read(null, present)
    await restore?.()
    await store.append(late)
    const page = await store.read(cursor, present)
    expectEqual(entriesWith(page.entries, late)[0], late, 'what was appended since is delivered')
    if (!restore) return
    expectEqual(page.whole, true, 'the page says that it is whole: what the reader knew may not be there any more')
    expectEqual(entriesWith(page.entries, early)[0], early, 'the page is whole')
    const next = await store.read(page.cursor, present)
    expectEqual(next.whole, false, 'its cursor is good to go on')
  })
}

function itExpires({ it, store }: StoreSuite<RevocationStore>): void {
  it('ST-06 read: a whole page is everything that has not expired at the `now` passed in', async () => {
    for (const era of [present, ...eras]) {
      const entry = revocationEntry({ expiresAt: later(era, 60) })
      await store.append(entry)
      const isThere = async (now: Date): Promise<boolean> =>
        entriesWith((await store.read(null, now)).entries, entry).length > 0
      expectEqual(await isThere(afterMs(later(era, 60), -1)), true, 'an entry is there before its end')
      expectEqual(await isThere(later(era, 60)), false, 'an entry is not there from its end on')
      expectEqual(await isThere(era), true, 'a read with a later `now` has removed nothing')
    }
  })

  it('deleteExpired: a cursor from before it passes nothing by', async () => {
    const { cursor } = await store.read(null, present)
    const [gone, kept] = [revocationEntry({ expiresAt: new Date('1995-01-01T00:00:00Z') }), revocationEntry()]
    await store.append(gone)
    await store.append(kept)
    await store.deleteExpired(new Date('1995-06-01T00:00:00Z'), 1000)
    const page = await store.read(cursor, present)
    expectEqual(entriesWith(page.entries, kept)[0], kept, 'what was appended since is still delivered')
  })
}

function itWakes({ it, store }: StoreSuite<RevocationStore>): void {
  it('subscribe: returns how to stop, and whoever stopped is not called any more', async () => {
    let calls = 0
    const stop = store.subscribe(() => {
      calls++
    })
    const stopOther = store.subscribe(() => undefined)
    const { cursor } = await store.read(null, present)
    const entry = revocationEntry()
    await store.append(entry)
    const page = await store.read(cursor, present)
    expectEqual(entriesWith(page.entries, entry)[0], entry, 'reading needs no wake')
    stop()
    const before = calls
    await store.append(revocationEntry())
    await store.read(page.cursor, present)
    stop()
    stopOther()
    await store.append(revocationEntry())
    expectEqual(calls, before, 'nobody is woken after stopping')
  })
}
