import { later } from '../../shared/duration.js'
import type { AttemptSlot, AttemptStore, AttemptTake } from '../../throttle/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { lookalikesOf, shortHostileTexts } from './hostile-texts.js'
import { itDeletesExpired, longAgo } from './housekeeping-tests.js'
import { afterMs, countOf, eras, present, range, uniqueDigest, uniqueText } from './samples.js'
import { defineSuite, type OpenStores, type StoreSuite, type SuiteOptions } from './store-suite.js'
import type { TestApi } from './test-api.js'
import { itKeepsOrRefuses, itLooksUpAnyText } from './unstorable-text-tests.js'
import { vandalise } from './vandalise.js'

/** Proves an `AttemptStore`: each sentence of its interface is a test. */
export function attemptStoreSuite(api: TestApi, openStores: OpenStores, options: SuiteOptions = {}): void {
  defineSuite('attempts', api, openStores, options, (suite) => {
    itKeepsALedger(suite)
    itExpiresSlots(suite)
    itOrdersRacers(suite)
    itSettles(suite)
    itGivesBack(suite)
    itClears(suite)
    itTellsTextsApart(suite)
    itTakesAnyText(suite)
    itOutlivesHousekeeping(suite)
    itDeletesExpired(suite, async (end) => {
      const take = takeOf({ now: later(end, -60), expiresAt: end })
      await suite.store.take(take)
      const isThere = async (): Promise<boolean> => (await suite.store.find(take.key, take.now)).length > 0
      return { isThere }
    })
  })
}

function takeOf(fields: Partial<AttemptTake> = {}): AttemptTake {
  const now = fields.now ?? present
  return { key: uniqueDigest(), slot: uniqueText('slot'), now, expiresAt: afterMs(later(now, 600), 2), ...fields }
}

function slotOf({ slot, now }: AttemptTake, failed = false): AttemptSlot {
  return { id: slot, at: now, failed }
}

function idsOf(ledger: readonly AttemptSlot[]): readonly string[] {
  return ledger.map(({ id }) => id)
}

function itKeepsALedger({ it, store }: StoreSuite<AttemptStore>): void {
  it('ST-01 take, find: append a slot and answer the ledger, oldest first', async () => {
    const key = uniqueDigest()
    expectEqual(await store.find(key, present), [], 'a ledger that was never written is empty')
    const takes = range(5).map((index) => takeOf({ key, now: afterMs(present, index) }))
    for (const [index, take] of takes.entries()) {
      const expected = takes.slice(0, index + 1).map((each) => slotOf(each))
      expectEqual(await store.take(take), expected, 'take answers every slot taken before, and its own as the last')
      expectEqual(await store.find(key, take.now), expected, 'find answers the same ledger')
    }
    expectEqual(await store.find(uniqueDigest(), present), [], 'other keys are left alone')
  })

  it('take: the ledger is in the order of taking, also where a node’s clock is behind', async () => {
    const key = uniqueDigest()
    const takes = [0, 5000, -3000, 0].map((ms) => takeOf({ key, now: afterMs(present, ms) }))
    for (const [index, take] of takes.entries()) {
      const expected = takes.slice(0, index + 1).map((each) => slotOf(each))
      expectEqual(await store.take(take), expected, 'each answer holds every slot that was taken before, its own last')
    }
  })

  it('ST-01 keeps copies: changing what was passed in or given out changes nothing', async () => {
    const take = takeOf()
    const passed = structuredClone(take)
    const answer = await store.take(passed)
    vandalise(passed)
    vandalise(answer)
    vandalise(await store.find(take.key, present))
    expectEqual(await store.find(take.key, present), [slotOf(take)], 'the store keeps what it was given')
    expectEqual(await store.find(take.key, take.expiresAt), [], 'the store keeps the end it was given')
  })
}

function itExpiresSlots({ it, store }: StoreSuite<AttemptStore>): void {
  it('ST-06 take, find: leave out what has expired at the `now` passed in', async () => {
    for (const era of [present, ...eras]) {
      const first = takeOf({ now: era, expiresAt: later(era, 60) })
      const second = takeOf({ key: first.key, now: later(era, 1), expiresAt: later(era, 600) })
      await store.take(first)
      await store.take(second)
      const [one, two] = [slotOf(first), slotOf(second)]
      expectEqual(await store.find(first.key, afterMs(later(era, 60), -1)), [one, two], 'a slot counts before its end')
      expectEqual(await store.find(first.key, later(era, 60)), [two], 'a slot counts no more at its end')
      const third = takeOf({ key: first.key, now: later(era, 60) })
      expectEqual(await store.take(third), [two, slotOf(third)], 'take leaves out what has expired')
      expectEqual(await store.find(first.key, later(era, 1e6)), [], 'in the end the ledger is empty')
    }
  })
}

function itOrdersRacers({ itRaces, store, race, together, concurrency }: StoreSuite<AttemptStore>): void {
  itRaces('ST-02 take: all racers see one order, each a longer beginning of it', async () => {
    const key = uniqueDigest()
    const before = [takeOf({ key }), takeOf({ key })]
    for (const take of before) await store.take(take)
    const slots = range(concurrency).map(() => uniqueText('slot'))
    const ledgers = await race((racing, index) => {
      const slot = slots[index] ?? ''
      // Clocks of nodes differ; the order must not follow them.
      return racing.take(takeOf({ key, slot, now: afterMs(present, (index * 7) % 5) }))
    })
    const whole = idsOf(await store.find(key, present))
    expectEqual(whole.length, before.length + concurrency, 'no slot is lost')
    const lengths = ledgers.map(({ length }) => length).sort((a, b) => a - b)
    expectEqual(
      lengths,
      range(concurrency).map((index) => before.length + 1 + index),
      'each racer sees another number of slots',
    )
    for (const [index, ledger] of ledgers.entries()) {
      expectEqual(idsOf(ledger), whole.slice(0, ledger.length), 'each answer is the beginning of one order')
      expectEqual(ledger.at(-1)?.id, slots[index], 'each answer ends with its own slot')
    }
  })

  itRaces('take, settle, giveBack: nothing is lost in a race', async () => {
    const key = uniqueDigest()
    const [failing, returned, kept] = [takeOf({ key }), takeOf({ key }), takeOf({ key })]
    for (const take of [failing, returned, kept]) await store.take(take)
    const late = [takeOf({ key }), takeOf({ key })]
    await together<unknown[]>(
      ...late.map((take) => () => store.take(take)),
      () => store.settle(key, failing.slot, present),
      () => store.giveBack(key, returned.slot),
    )
    const ledger = await store.find(key, present)
    expectEqual(
      ledger.slice(0, 2),
      [slotOf(failing, true), slotOf(kept)],
      'exactly one slot has gone, exactly one has failed',
    )
    const [one, two] = late.map((take) => slotOf(take))
    expectEqual(
      [...idsOf(ledger.slice(2))].sort(),
      [one?.id, two?.id].sort(),
      'both slots that were taken meanwhile are there',
    )
  })
}

function itSettles({ it, itRaces, store, race, concurrency }: StoreSuite<AttemptStore>): void {
  it('settle: marks exactly this slot as failed; no effect where it is gone', async () => {
    const [first, second] = [takeOf(), takeOf()]
    const third = takeOf({ key: first.key })
    for (const take of [first, second, third]) await store.take(take)
    const marked = [slotOf(first, true), slotOf(third)]
    expectEqual(await store.settle(first.key, first.slot, present), marked, 'settle answers the ledger with the slot failed')
    expectEqual(await store.settle(first.key, first.slot, present), marked, 'a second settle changes nothing')
    expectEqual(await store.settle(first.key, second.slot, present), marked, 'a slot of another key is none of this one')
    expectEqual(await store.settle(first.key, uniqueText('slot'), present), marked, 'nor is a slot that never was')
    expectEqual(await store.settle(first.key, first.slot, first.expiresAt), [], 'settle leaves out what has expired')
    expectEqual(await store.find(first.key, present), [slotOf(first, true), slotOf(third)], 'one slot has failed, no other')
    expectEqual(await store.find(second.key, present), [slotOf(second)], 'slots of other keys are left alone')
    const fourth = takeOf({ key: first.key })
    const expected = [slotOf(first, true), slotOf(third), slotOf(fourth)]
    expectEqual(await store.take(fourth), expected, 'take tells which slots have failed')
    await store.giveBack(second.key, second.slot)
    await store.settle(second.key, second.slot, present)
    expectEqual(await store.find(second.key, present), [], 'settle brings no slot back')
  })

  itRaces(
    'ST-02 settle: racers see one order, so that exactly one sees itself complete any number of failures',
    async () => {
      const key = uniqueDigest()
      const takes = range(concurrency).map(() => takeOf({ key }))
      for (const take of takes) await store.take(take)
      const ledgers = await race((racing, index) => racing.settle(key, takes[index]?.slot ?? '', present))
      const counts = ledgers.map((ledger) => ledger.filter(({ failed }) => failed).length).sort((a, b) => a - b)
      expectEqual(
        counts,
        range(concurrency).map((index) => index + 1),
        'each racer sees another number of failures',
      )
    },
  )
}

function itGivesBack({ it, itRaces, store, race }: StoreSuite<AttemptStore>): void {
  it('giveBack: removes exactly this slot, once; a count never falls by anything else', async () => {
    const [first, other] = [takeOf(), takeOf()]
    const second = takeOf({ key: first.key })
    for (const take of [first, other, second]) await store.take(take)
    const wrong = [uniqueText('slot'), other.slot, '']
    for (const slot of wrong)
      expectEqual(await store.giveBack(first.key, slot), false, 'giveBack of another slot answers false')
    expectEqual(await store.find(first.key, present), [slotOf(first), slotOf(second)], 'the count has not fallen')
    await store.settle(first.key, first.slot, present)
    expectEqual(await store.giveBack(first.key, first.slot), true, 'giveBack answers true, also for a slot that has failed')
    expectEqual(await store.giveBack(first.key, first.slot), false, 'a second giveBack answers false')
    expectEqual(await store.find(first.key, present), [slotOf(second)], 'the count has fallen by one')
    expectEqual(await store.find(other.key, present), [slotOf(other)], 'other keys are left alone')
  })

  itRaces('ST-02 giveBack: of racers exactly one gets true', async () => {
    const take = takeOf()
    const other = takeOf({ key: take.key })
    await store.take(take)
    await store.take(other)
    const answers = await race((racing) => racing.giveBack(take.key, take.slot))
    expectEqual(countOf(answers, true), 1, 'exactly one racer gives the slot back')
    expectEqual(await store.find(take.key, present), [slotOf(other)], 'the count has fallen by one')
  })
}

function itClears({ it, store }: StoreSuite<AttemptStore>): void {
  it('clear: forgets all slots of a key, and of no other', async () => {
    const [first, other] = [takeOf(), takeOf()]
    await store.take(first)
    await store.take(takeOf({ key: first.key }))
    await store.take(other)
    await store.clear(first.key)
    await store.clear(uniqueDigest())
    expectEqual(await store.find(first.key, present), [], 'no slot of the key is left')
    expectEqual(await store.giveBack(first.key, first.slot), false, 'giveBack of a forgotten slot answers false')
    expectEqual(await store.find(other.key, present), [slotOf(other)], 'other keys are left alone')
    const next = takeOf({ key: first.key })
    expectEqual(await store.take(next), [slotOf(next)], 'the ledger begins anew')
  })
}

function itTellsTextsApart({ it, store }: StoreSuite<AttemptStore>): void {
  it('ST-01 takes keys and slots that look alike for different ones', async () => {
    const take = takeOf()
    await store.take(take)
    for (const key of lookalikesOf(take.key)) {
      expectEqual(await store.find(key, present), [], 'find reads exactly this key')
      await store.settle(key, take.slot, present)
      expectEqual(await store.giveBack(key, take.slot), false, 'giveBack takes from exactly this key')
      await store.clear(key)
    }
    for (const slot of lookalikesOf(take.slot)) {
      await store.settle(take.key, slot, present)
      expectEqual(await store.giveBack(take.key, slot), false, 'giveBack removes exactly this slot')
    }
    expectEqual(await store.find(take.key, present), [slotOf(take)], 'the slot is as before')
    for (const text of shortHostileTexts) {
      const other = takeOf({ slot: `${text}${uniqueText('')}` })
      expectEqual(await store.take(other), [slotOf(other)], 'hostile slots are kept unchanged')
      expectThat(await store.giveBack(other.key, other.slot), 'hostile slots are found again')
    }
  })
}

function itTakesAnyText(suite: StoreSuite<AttemptStore>): void {
  const { store } = suite
  itLooksUpAnyText(suite, (text) => [
    ['find', store.find(text, present), []],
    ['settle', store.settle(text, text, present), []],
    ['giveBack', store.giveBack(text, text), false],
    ['clear', store.clear(text), undefined],
  ])
  itKeepsOrRefuses(suite, (text) => {
    const take = takeOf({ slot: text })
    const kept = [slotOf(take)]
    return { write: () => store.take(take), read: () => store.find(take.key, present), expected: { kept, refused: [] } }
  })
}

function itOutlivesHousekeeping({ itRaces, store, together }: StoreSuite<AttemptStore>): void {
  itRaces('take, deleteExpired: housekeeping forgets no slot that is taken meanwhile', async () => {
    const old = range(3).map(() => takeOf({ now: later(longAgo, -120), expiresAt: later(longAgo, -60) }))
    for (const take of old) await store.take(take)
    const live = old.map(({ key }) => takeOf({ key }))
    await together<unknown[]>(
      () => store.deleteExpired(longAgo, 100),
      ...live.map((take) => () => store.take(take)),
      () => store.deleteExpired(longAgo, 100),
    )
    for (const take of live) {
      expectEqual(await store.find(take.key, present), [slotOf(take)], 'a slot that was taken meanwhile is there, alone')
    }
  })
}
