import type { AuditStore, ChangeEvent } from '../../src/audit/index.js'
import { memoryStores } from '../../src/memory/index.js'
import type { StoreName } from '../../src/testing/index.js'
import type { BrokenStore } from './broken-store.js'

/** The methods that are given events, by what their tests call them where that is not the method's name. */
const telling: Readonly<Partial<Record<StoreName, readonly string[]>>> = {
  users: ['insert', 'swapEmail', 'revoke', 'revoke, with the feed beside it', 'revoke, keeping holders', 'delete'],
  identities: ['insertUser', 'insert', 'claim', 'delete'],
  sessions: ['insert', 'rotate', 'revoke'],
  apiKeys: ['insert', 'insert, with a limit', 'rotate', 'revoke'],
  clients: ['insert', 'swap', 'delete'],
  tickets: ['consume'],
  signingKeys: ['insert', 'delete'],
}

/** Of these is tested as well that the event is there at once. */
const atOnce: Readonly<Partial<Record<StoreName, readonly string[]>>> = { users: ['insert'], sessions: ['insert'] }

/** Stores of a kind that tell wrongly, one for each test of it. */
export function brokenTrails(name: StoreName): readonly BrokenStore[] {
  const ofMethods = (telling[name] ?? []).flatMap((test) => {
    const one = `ER-04 ${test}: what it says to have kept is in the trail; an event of no change, or for another trail, is not`
    return [
      {
        flaw: 'says to have kept what it has not',
        breaks: one,
        make: () => replaced(name, test, async (event) => event.kept()),
      },
      {
        flaw: 'adds events and does not say so',
        breaks: one,
        make: () => replaced(name, test, async ({ record }, trail) => void (await trail.insert(record))),
      },
      {
        flaw: 'keeps the event of whoever is refused too',
        breaks: `ER-04 ${test}: of racers the event of the one that makes the change is kept, if any`,
        make: () =>
          replaced(name, test, async ({ record, kept }, trail) => {
            await trail.insert(record)
            kept()
          }),
      },
    ]
  })
  const late = (atOnce[name] ?? []).map((test) => ({
    flaw: 'adds the event a moment after the change',
    breaks: `ER-04 ${test}: whoever sees the change finds the event that is kept`,
    make: () => delayed(name, test),
  }))
  return [...ofMethods, ...late]
}

/** A memory store, and those of the same database that its suite asks for. */
export function withOthers(name: StoreName): object {
  const { users, audit, ...rest } = memoryStores()
  return { ...{ users, audit, ...rest }[name], users, audit }
}

/** A memory store of which a method does something else with its event before it makes the change. */
function replaced(name: StoreName, test: string, tell: (event: ChangeEvent, trail: AuditStore) => Promise<void>): object {
  const { users, audit, ...rest } = memoryStores()
  const store = { users, audit, ...rest }[name]
  const method = test.split(',')[0] ?? test
  const call = async (...given: readonly unknown[]): Promise<unknown> => {
    for (const event of given.map(eventIn)) if (event) await tell(event, audit)
    return Reflect.apply(Reflect.get(store, method), store, given.map(withoutEvent))
  }
  return { ...store, users, audit, [method]: call }
}

/** The same of one that does so a few turns after it. */
function delayed(name: StoreName, method: string): object {
  const { users, audit, ...rest } = memoryStores()
  const store = { users, audit, ...rest }[name]
  const call = async (...given: readonly unknown[]): Promise<unknown> => {
    const answer: unknown = await Reflect.apply(Reflect.get(store, method), store, given.map(withoutEvent))
    for (let turn = 0; turn < 30; turn++) await null
    for (const event of given.map(eventIn)) {
      if (event) await audit.insert(event.record)
      event?.kept()
    }
    return answer
  }
  return { ...store, users, audit, [method]: call }
}

function eventIn(value: unknown): ChangeEvent | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return isEvent(value) ? value : (Reflect.get(value, 'event') as ChangeEvent | undefined) // By its name.
}

function withoutEvent(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || eventIn(value) === undefined) return value
  return isEvent(value) ? undefined : { ...value, event: undefined }
}

function isEvent(value: object): value is ChangeEvent {
  return Reflect.has(value, 'kept')
}
