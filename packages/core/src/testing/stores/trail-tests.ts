import type { AuditRecord, AuditStore, ChangeEvent } from '../../audit/index.js'
import { memoryStores } from '../../memory/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { present, range, uniqueUuid } from './samples.js'
import type { OpenedStores, StoreSuite } from './store-suite.js'

/** A change that is made once, however often it is tried. Answers whether this call has made it. */
export type OnceMade<Store> = (store: Store, event: ChangeEvent, connection: OpenedStores) => Promise<boolean>

/** An event, and what became of it. */
interface Sent {
  readonly event: ChangeEvent
  readonly record: AuditRecord
  isKept(): boolean
}

/**
 * Tests that a method which says that it has kept its event has added it together with the change, and that it leaves
 * those alone of what it does not change or that are for another trail.
 * @param prepare Makes ready for another change.
 */
export function itTells<Store>(suite: StoreSuite<Store>, method: string, prepare: () => Promise<OnceMade<Store>>): void {
  const { it, itRaces, storeOf, together, concurrency, opened } = suite
  const connection = (index: number): OpenedStores => opened()[index % opened().length] as OpenedStores // There is one at least.

  async function change(make: OnceMade<Store>, on: OpenedStores, { event }: Sent): Promise<boolean> {
    return make(storeOf(on), event, on)
  }

  it(`ER-04 ${method}: what it says to have kept is in the trail; an event of no change, or for another trail, is not`, async () => {
    const [first, second] = [connection(0), connection(1)]
    const make = await prepare()
    const [made, refused] = [eventFor(first), eventFor(second)]
    expectThat(await change(make, first, made), `${method} makes the change`)
    expectThat(!(await change(make, second, refused)), `${method} makes it once`)
    expectEqual(
      await told(opened(), made),
      made.isKept() ? [made.record] : [],
      'an event is in the trail exactly if it is kept',
    )
    expectEqual([refused.isKept(), await told(opened(), refused)], [false, []], 'that of what was not changed is not')
    const foreign = eventFor({ ...first, stores: { audit: memoryStores().audit } })
    await change(await prepare(), first, foreign)
    expectEqual([foreign.isKept(), await told(opened(), foreign)], [false, []], 'nor is one for another trail')
  })

  itRaces(`ER-04 ${method}: of racers the event of the one that makes the change is kept, if any`, async () => {
    const make = await prepare()
    const sent = range(concurrency).map((index) => eventFor(connection(index)))
    const answers = await together(...sent.map((each, index) => () => change(make, connection(index), each)))
    expectEqual(answers.filter(Boolean).length, 1, 'one of the racers makes the change')
    for (const [index, each] of sent.entries()) {
      expectThat(!each.isKept() || answers[index] === true, 'the event of a racer that changes nothing is not kept')
      expectEqual(
        await told(opened(), each),
        each.isKept() ? [each.record] : [],
        'an event is in the trail exactly if it is kept',
      )
    }
  })
}

/**
 * Tests that change and event are one step to whoever looks.
 * @param prepare Makes ready for a change, and says how it is seen.
 */
export function itTellsAtOnce<Store>(
  { itRaces, storeOf, together, opened }: StoreSuite<Store>,
  method: string,
  prepare: () => Promise<{ readonly make: OnceMade<Store>; readonly isSeen: (store: Store) => Promise<boolean> }>,
): void {
  itRaces(`ER-04 ${method}: whoever sees the change finds the event that is kept`, async () => {
    const { make, isSeen } = await prepare()
    const [first, second = first] = opened() as readonly [OpenedStores, OpenedStores?] // There is one at least.
    const sent = eventFor(first)
    let isDone = false
    const [, found] = await together(
      async () => {
        await make(storeOf(first), sent.event, first)
        isDone = true
      },
      async () => {
        while (!(isDone || (await isSeen(storeOf(second))))) await null
        return told([second], sent)
      },
    )
    if (sent.isKept()) expectEqual(found, [sent.record], 'the event is there as soon as the change is')
  })
}

function eventFor({ stores: { audit: trail = memoryStores().audit } }: OpenedStores): Sent {
  const id = uniqueUuid()
  const record = { id, type: 'login', at: present, outcome: 'success', subject: id, ip: '2001:db8::1' } as const
  let isKept = false
  const kept = (): void => {
    isKept = true
  }
  return { record, event: { record: { ...record }, trail, kept }, isKept: () => isKept }
}

async function told([connection]: readonly OpenedStores[], { record }: Sent): Promise<readonly AuditRecord[]> {
  const audit: AuditStore | undefined = connection?.stores.audit
  return audit && record.subject !== undefined ? audit.list({ subject: record.subject, limit: 10 }) : []
}
