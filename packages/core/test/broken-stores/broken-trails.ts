import { memoryAuditStore } from '../../src/memory/audit-store.js'
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

/** Stores of a kind that tell wrongly, one for each test of it. */
export function brokenTrails(name: StoreName): readonly BrokenStore[] {
  const ofMethods = (telling[name] ?? []).flatMap((test) => [
    {
      flaw: 'adds no event',
      breaks: `ER-04 ${test}: adds its event with the change, and none where nothing changes`,
      make: () => replaced(name, test, () => undefined),
    },
    {
      flaw: 'adds the event of whoever is refused too',
      breaks: `ER-04 ${test}: of racers the event of the one that makes the change is added, and no other`,
      make: () => replaced(name, test, (tell) => tell()),
    },
  ])
  const another = {
    flaw: 'has the trail of another database',
    breaks: 'ER-04 trail: is the audit store of the same connection, or there is none',
    make: () => ({ ...withOthers(name), trail: memoryAuditStore() }),
  }
  return [...ofMethods, another]
}

/** A memory store, and those of the same database that its suite asks for. */
export function withOthers(name: StoreName): object {
  const { users, audit, ...rest } = memoryStores()
  return { ...{ users, audit, ...rest }[name], users, audit }
}

/** A memory store of which a method leaves its event to somebody else. */
function replaced(name: StoreName, test: string, when: (tell: () => void) => void): object {
  const all = memoryStores()
  const { users, audit } = all
  const method = test.split(',')[0] ?? test
  const call = (...given: readonly unknown[]): unknown => {
    const events = given.map(eventIn).filter((event) => event !== undefined)
    when(() => void events.map((event) => audit.insert(event as Parameters<typeof audit.insert>[0])))
    return Reflect.apply(Reflect.get(all[name], method), all[name], given.map(withoutEvent))
  }
  return { ...all[name], users, audit, [method]: call }
}

function eventIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return isEvent(value) ? value : Reflect.get(value, 'event')
}

function withoutEvent(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || eventIn(value) === undefined) return value
  return isEvent(value) ? undefined : { ...value, event: undefined }
}

function isEvent(value: object): boolean {
  return Reflect.has(value, 'outcome') && Reflect.has(value, 'at')
}
