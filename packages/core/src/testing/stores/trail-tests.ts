import type { AuditRecord, AuditStore } from '../../audit/index.js'
import type { StoreBase } from '../../shared/deployment-mark.js'
import { expectEqual, expectThat } from './expectations.js'
import { present, range, uniqueUuid } from './samples.js'
import type { StoreName, StoreSuite } from './store-suite.js'

/** A change that is made once, however often it is tried. Answers whether this call has made it. */
export type OnceMade<Store> = (store: Store, event: AuditRecord, index: number) => Promise<boolean>

/**
 * Tests that a method adds the event it is given together with its change, where the store has a trail, and none otherwise.
 * @param prepare Makes ready for another change.
 */
export function itTells<Store extends StoreBase>(
  suite: StoreSuite<Store>,
  method: string,
  prepare: () => Promise<OnceMade<Store>>,
): void {
  const { it, itRaces, store, race, concurrency } = suite
  it(`ER-04 ${method}: adds its event with the change, and none where nothing changes`, async () => {
    const change = await prepare()
    const [made, refused] = [eventAbout(), eventAbout()]
    expectThat(await change(store, made, 0), `${method} makes the change`)
    expectThat(!(await change(store, refused, 1)), `${method} makes it once`)
    expectEqual(
      await told(suite, made),
      store.trail ? [made] : [],
      'the event of the change is in the trail, if there is one',
    )
    expectEqual(await told(suite, refused), [], 'the event of what was not changed is not')
  })

  itRaces(`ER-04 ${method}: of racers the event of the one that makes the change is added, and no other`, async () => {
    const change = await prepare()
    const events = range(concurrency).map(eventAbout)
    const answers = await race((racing, index) => change(racing, events[index] ?? eventAbout(), index))
    const made = events.filter((_, index) => answers[index])
    expectEqual(made.length, 1, `one of the racers makes the change`)
    const found = await Promise.all(events.map((event) => told(suite, event)))
    expectEqual(found.flat(), store.trail ? made : [], 'its event alone is in the trail, if there is one')
  })
}

/** Tests that a store's trail is the audit store that is given beside it. */
export function itNamesItsTrail(name: StoreName, { it, opened }: Pick<StoreSuite<StoreBase>, 'it' | 'opened'>): void {
  it('ER-04 trail: is the audit store of the same connection, or there is none', async () => {
    for (const { stores } of opened()) {
      const { trail } = stores[name] ?? {}
      if (trail && stores.audit) expectThat(trail === stores.audit, 'the trail is the audit store that openStores() gives')
    }
  })
}

function eventAbout(): AuditRecord & { readonly subject: string } {
  return { id: uniqueUuid(), type: 'login', at: present, outcome: 'success', subject: uniqueUuid(), ip: '2001:db8::1' }
}

async function told(
  { store, opened }: Pick<StoreSuite<StoreBase>, 'store' | 'opened'>,
  { subject }: { readonly subject: string },
): Promise<readonly AuditRecord[]> {
  const [connection] = opened()
  const audit = (store.trail as AuditStore | undefined) ?? connection?.stores.audit // What `trail` says it is.
  return audit ? audit.list({ subject, limit: 10 }) : []
}
