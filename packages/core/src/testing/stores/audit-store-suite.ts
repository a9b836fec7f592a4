import type { AuditRecord, AuditStore } from '../../audit/index.js'
import { later } from '../../shared/duration.js'
import { expectEqual, expectThat } from './expectations.js'
import { lookalikesOf, shortHostileTexts } from './hostile-texts.js'
import { drain, itDeletesExpired, longAgo } from './housekeeping-tests.js'
import { afterMs, countOf, eras, present, range, uniqueNumber, uniqueText, uniqueUuid } from './samples.js'
import { defineSuite, type OpenStores, type StoreSuite, type SuiteOptions } from './store-suite.js'
import type { TestApi } from './test-api.js'
import { itKeepsOrRefuses, itLooksUpAnyText } from './unstorable-text-tests.js'
import { vandalise } from './vandalise.js'

/** Proves an `AuditStore`: each sentence of its interface is a test. */
export function auditStoreSuite(api: TestApi, openStores: OpenStores, options: SuiteOptions = {}): void {
  defineSuite('audit', api, openStores, options, (suite) => {
    itKeepsEvents(suite)
    itTakesAnyText(suite)
    itInserts(suite)
    itFilters(suite)
    itPages(suite)
    itForgetsTheOldest(suite)
    itDeletesExpired(suite, async (end) => {
      const event = eventAt(end)
      expectThat(await suite.store.insert(event), 'insert of a new event answers true')
      return { isThere: async () => (await listed(suite.store, event)).length > 0 }
    })
  })
}

type SubjectEvent = AuditRecord & { readonly subject: string }

function eventAt(at: Date, fields: Partial<SubjectEvent> = {}): SubjectEvent {
  return { id: uniqueUuid(), type: 'login', at, outcome: 'success', subject: uniqueUuid(), ...fields }
}

function listed(store: AuditStore, { subject }: SubjectEvent): Promise<readonly AuditRecord[]> {
  return store.list({ subject, limit: 100 })
}

function itKeepsEvents({ it, store }: StoreSuite<AuditStore>): void {
  it('ST-01 list: gives back every field as it was inserted, absent ones absent', async () => {
    const full = { actor: uniqueUuid(), ip: '2001:db8::1', sessionId: uniqueUuid(), route: 'POST /login' }
    const events = [
      eventAt(present, { ...full, type: 'refresh.reused', outcome: 'failure', code: 'refresh_reused' }),
      eventAt(present),
      ...eras.map((era) => eventAt(era)),
    ]
    for (const event of events) {
      expectThat(await store.insert(event), 'insert of a new event answers true')
      const found = await listed(store, event)
      expectEqual(found, [event], 'list gives back the event')
      expectEqual(Object.keys(found[0] ?? {}).sort(), Object.keys(event).sort(), 'what an event does not say is absent')
    }
    const { subject: _, ...alone } = eventAt(afterMs(present, 1))
    expectThat(await store.insert(alone), 'insert of an event without a subject answers true')
  })

  it('ST-01 keeps hostile texts unchanged, and takes subjects that look alike for different ones', async () => {
    for (const text of shortHostileTexts) {
      const subject = `${text}${uniqueText('')}`
      const event = eventAt(present, { subject, actor: text, ip: text, sessionId: text, route: text })
      await store.insert(event)
      expectEqual(await listed(store, event), [event], 'list gives back the event')
    }
    const event = eventAt(present, { subject: uniqueText('subject') })
    await store.insert(event)
    for (const subject of lookalikesOf(event.subject)) {
      const found = await store.list({ subject, limit: 100 })
      expectEqual(
        found.filter(({ id }) => id === event.id),
        [],
        'list lists the events of exactly this subject',
      )
    }
  })

  it('ST-01 keeps copies: changing what was passed in or given out changes nothing', async () => {
    const event = eventAt(present, { ip: '192.0.2.1' })
    const passed = structuredClone(event)
    await store.insert(passed)
    vandalise(passed)
    vandalise(await listed(store, event))
    expectEqual(await listed(store, event), [event], 'the store keeps what it was given')
  })
}

function itTakesAnyText(suite: StoreSuite<AuditStore>): void {
  const { store } = suite
  itLooksUpAnyText(suite, (text) => [
    ['list by subject', store.list({ subject: text, limit: 10 }), []],
    ['list after', store.list({ after: text, limit: 10 }), []],
  ])
  itKeepsOrRefuses(suite, (text) => {
    const event = eventAt(present, { actor: text, route: text })
    return { write: () => store.insert(event), read: () => listed(store, event), expected: { kept: [event], refused: [] } }
  })
}

function itInserts({ it, itRaces, store, race, concurrency }: StoreSuite<AuditStore>): void {
  it('ST-02 insert: false where the id exists, and never overwrites', async () => {
    const event = eventAt(present)
    await store.insert(event)
    const other = eventAt(present, { id: event.id })
    expectEqual(await store.insert(other), false, 'insert with an id that exists answers false')
    expectEqual(await listed(store, event), [event], 'insert never overwrites')
    expectEqual(await listed(store, other), [], 'a refused insert adds nothing')
  })

  itRaces('ST-02 insert: of racers with one id exactly one gets true, and no event is lost', async () => {
    const { id, subject } = eventAt(present)
    const same = await race((racing) => racing.insert(eventAt(present, { id, subject })))
    expectEqual(countOf(same, true), 1, 'exactly one insert of an id answers true')
    const others = await race((racing) => racing.insert(eventAt(present, { subject })))
    expectEqual(countOf(others, true), concurrency, 'inserts of different events do not disturb each other')
    expectEqual((await store.list({ subject, limit: 100 })).length, concurrency + 1, 'every event is listed once')
  })
}

function itFilters({ it, store }: StoreSuite<AuditStore>): void {
  it('list: by type, by subject, or by both, newest first', async () => {
    const subject = uniqueUuid()
    const [old, middle, young] = [
      eventAt(later(present, -9), { subject, type: 'logout' }),
      eventAt(later(present, -5), { subject, type: 'registration' }),
      eventAt(later(present, -1), { subject, type: 'logout' }),
    ]
    // Events of other subjects, which nothing else comes between.
    const farOff = afterMs(later(present, 9e8), uniqueNumber(1e9))
    const [anchor, next] = [eventAt(farOff, { type: 'logout' }), eventAt(afterMs(farOff, -1), { type: 'logout' })]
    for (const event of [middle, next, young, old, anchor]) await store.insert(event)
    expectEqual(
      await store.list({ subject, limit: 100 }),
      [young, middle, old],
      'by subject: all of that subject, newest first',
    )
    expectEqual(await store.list({ subject, type: 'logout', limit: 100 }), [young, old], 'by both: what meets both')
    expectEqual(await store.list({ subject, type: 'refresh', limit: 100 }), [], 'by both: nothing where nothing meets both')
    expectEqual(await store.list({ subject, limit: 2 }), [young, middle], 'at most `limit`, the newest')
    for (const filter of [{}, { type: 'logout' }] as const) {
      expectEqual(
        (await store.list({ ...filter, after: anchor.id, limit: 1 }))[0],
        next,
        'without a subject events of all are listed',
      )
      const times = (await store.list({ ...filter, limit: 100 })).map(({ at }) => at.getTime())
      expectEqual(
        times,
        [...times].sort((a, b) => b - a),
        'newest first',
      )
    }
    const others = await store.list({ type: 'refresh', after: anchor.id, limit: 100 })
    expectThat(
      others.every(({ type }) => type === 'refresh'),
      'by type: nothing of another type',
    )
  })
}

function itForgetsTheOldest({ it, store, isSelfExpiring }: StoreSuite<AuditStore>): void {
  it('ST-06 deleteExpired: removes the oldest first, so that pages lose nothing but their end', async () => {
    await drain((limit) => store.deleteExpired(longAgo, limit))
    const subject = uniqueUuid()
    const events = [-1, -1000, -2000].map((ms) => eventAt(afterMs(longAgo, ms), { subject }))
    for (const index of [0, 2, 1]) await store.insert(events[index] ?? eventAt(longAgo))
    for (const left of [2, 1, 0]) {
      await store.deleteExpired(longAgo, 1)
      const kept = await store.list({ subject, limit: 100 })
      expectEqual(kept, events.slice(0, isSelfExpiring ? kept.length : left), 'what is kept is newer than what was removed')
    }
  })
}

function itPages({ it, store }: StoreSuite<AuditStore>): void {
  it('list: `after` goes on behind the last event of the page before, also within one instant', async () => {
    const subject = uniqueUuid()
    const events = range(23).map((index) => eventAt(later(present, -Math.floor(index / 9)), { subject }))
    for (const event of [...events].reverse()) await store.insert(event)
    const seen: AuditRecord[] = []
    for (let page = 0; page < 6; page++) {
      const after = seen.at(-1)?.id
      const found = await store.list({ subject, limit: 4, ...(after === undefined ? {} : { after }) })
      expectThat(found.length <= 4, 'a page holds at most `limit` events')
      seen.push(...found)
      // What happens meanwhile is newer, and belongs before the pages that have been read.
      await store.insert(eventAt(later(present, 1 + page), { subject, type: 'refresh' }))
    }
    expectEqual(seen.map(({ id }) => id).sort(), events.map(({ id }) => id).sort(), 'pages hold each event once')
    const times = seen.map(({ at }) => at.getTime())
    expectEqual(
      times,
      [...times].sort((a, b) => b - a),
      'pages go on in one order, newest first',
    )
    const oldest = seen.at(-1)?.id ?? ''
    expectEqual(await store.list({ subject, after: oldest, limit: 4 }), [], 'behind the oldest event there is nothing')
    expectEqual(
      await store.list({ subject, after: uniqueUuid(), limit: 4 }),
      [],
      'behind an event that is not there there is nothing',
    )
    const typed = await store.list({ subject, type: 'login', limit: 3 })
    const rest = await store.list({ subject, type: 'login', after: typed.at(-1)?.id ?? '', limit: 100 })
    expectEqual([...typed, ...rest], seen, 'pages of a type hold each event once')
  })
}
