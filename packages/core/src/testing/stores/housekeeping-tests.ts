import { expectEqual, expectThat } from './expectations.js'
import { afterMs, present, range } from './samples.js'
import type { StoreSuite } from './store-suite.js'

/** A record made for the occasion. */
export interface EndingRecord {
  /** Whether the store still has it. */
  isThere(): Promise<boolean>
}

interface ExpiringStore {
  deleteExpired(before: Date, limit: number): Promise<number>
}

const dayMs = 86_400_000
const mostBatches = 1000

/** An instant before which nothing but leftovers of these tests has ended. */
export const longAgo: Date = new Date('1996-01-01T00:00:00.500Z')

/** Calls a housekeeping method until nothing is left for it. */
export async function drain(removeSome: (limit: number) => Promise<number>): Promise<void> {
  for (let batch = 0; batch < mostBatches; batch++) if ((await removeSome(1000)) === 0) return
  throw new Error('housekeeping never comes to an end')
}

/**
 * Declares the tests of `deleteExpired`.
 * @param add Adds a record that ended at `end`; of several kinds, where there are several, by `index`.
 */
export function itDeletesExpired<Store extends ExpiringStore>(
  suite: StoreSuite<Store>,
  add: (end: Date, index: number) => Promise<EndingRecord>,
): void {
  const { it, itRaces, store, race, isSelfExpiring } = suite
  const addAll = (ends: readonly Date[]): Promise<EndingRecord[]> => Promise.all(ends.map(add))

  /** An instant long ago, before which the database holds nothing any more. */
  async function cleared(): Promise<Date> {
    await drain((limit) => store.deleteExpired(longAgo, limit))
    return longAgo
  }

  it('ST-06 deleteExpired: removes up to `limit` of what ended before `before`, and answers how many', async () => {
    const before = await cleared()
    const old = await addAll([-1, -1, -1000, -dayMs, -365 * dayMs].map((ms) => afterMs(before, ms)))
    const answers: number[] = []
    for (const left of isSelfExpiring ? [] : [3, 1, 0, 0]) {
      answers.push(await store.deleteExpired(before, 2))
      expectEqual(await countThere(old), left, 'one call removes as many as it answers, never more than `limit`')
    }
    if (isSelfExpiring) expectThat((await store.deleteExpired(before, 2)) <= 2, 'one call never removes more than `limit`')
    else expectEqual(answers, [2, 2, 1, 0], 'deleteExpired answers how many it removed')
  })

  it('ST-06 deleteExpired: removes nothing that ended later, however late it is', async () => {
    const before = await cleared()
    const young = await addAll([1, 1000, dayMs, present.getTime()].map((ms) => afterMs(before, ms)))
    await store.deleteExpired(before, 1000)
    expectEqual(await countThere(young), young.length, 'what ended after `before` is still there')
  })

  itRaces('deleteExpired: takes nothing from what is added at the same time', async () => {
    const before = await cleared()
    await addAll(range(4).map((index) => afterMs(before, -1 - index)))
    const ends = range(suite.concurrency).map((index) => afterMs(present, 3_600_000 + index))
    const young: EndingRecord[] = []
    await suite.together<unknown[]>(
      () => store.deleteExpired(before, 100),
      ...ends.map((end, index) => async () => young.push(await add(end, index))),
      () => store.deleteExpired(before, 100),
    )
    expectEqual(await countThere(young), ends.length, 'what was added meanwhile is there')
  })

  itRaces('ST-06 deleteExpired: racers together remove each record once', async () => {
    const before = await cleared()
    const old = await addAll(range(10).map((index) => afterMs(before, -1 - index)))
    const answers = await race((racing) => racing.deleteExpired(before, 4))
    expectThat(
      answers.every((answer) => answer <= 4),
      'no call removes more than `limit`',
    )
    const removed = answers.reduce((sum, answer) => sum + answer, 0)
    if (!isSelfExpiring) expectEqual(removed, old.length - (await countThere(old)), 'answers add up to what was removed')
  })
}

async function countThere(records: readonly EndingRecord[]): Promise<number> {
  const there = await Promise.all(records.map((record) => record.isThere()))
  return there.filter(Boolean).length
}
