import { memoryStores } from '../../src/memory/index.js'
import { type BrokenStore, mapping, onDates, onTexts } from './broken-store.js'

/** The tests that flaws which any store can have are found out by. */
export interface CommonPromises {
  readonly keepsRecords: string
  readonly keepsTexts: string
  readonly keepsCopies: string
  readonly tellsApart: string
  /** Whether names are looked up that may be any text. Default `true`. */
  readonly looksUpAnyText?: boolean
  /** Absent where nothing is judged by a `now`. */
  readonly judgesByNow?: string
}

const keepsOrRefuses = 'ST-01 keeps a text with NUL or lone surrogates as it is, or refuses it and writes nothing'
const looksUp = 'ST-01 answers for a name with NUL or lone surrogates that nothing is there, and does not fail'
const markTest = 'ST-02 deployment: all claims, racing or later, answer the one value that was given first under the name'

/** Flaws that any store can have, on top of a right one. */
export function commonFlaws<Store extends object>(
  make: () => Store,
  promises: CommonPromises,
): readonly BrokenStore<Store>[] {
  const { keepsRecords, keepsTexts, keepsCopies, tellsApart, looksUpAnyText = true, judgesByNow } = promises
  const flaws: BrokenStore<Store>[] = [
    {
      flaw: 'cuts dates to seconds',
      breaks: keepsRecords,
      make: () => mapping(make(), { results: onDates((date) => new Date(Math.floor(date.getTime() / 1000) * 1000)) }),
    },
    {
      flaw: 'keeps times as 32-bit seconds',
      breaks: keepsRecords,
      make: () => mapping(make(), { results: onDates((date) => new Date(date.getTime() | 0)) }),
    },
    {
      flaw: 'normalises texts',
      breaks: keepsTexts,
      make: () => mapping(make(), { results: onTexts((text) => text.normalize('NFC')) }),
    },
    {
      flaw: 'cuts long texts',
      breaks: keepsTexts,
      make: () => mapping(make(), { results: onTexts((text) => text.slice(0, 190)) }),
    },
    {
      flaw: 'trims what it is asked for',
      breaks: tellsApart,
      make: () => mapping(make(), { inputs: onTexts((text) => text.trim()) }),
    },
    {
      flaw: 'folds case',
      breaks: tellsApart,
      make: () => mapping(make(), { inputs: onTexts((text) => text.toLowerCase()) }),
    },
    {
      flaw: 'writes lone surrogates as U+FFFD, as UTF-8 does',
      breaks: keepsOrRefuses,
      make: () => mapping(make(), { inputs: onTexts((text) => text.toWellFormed()) }),
    },
    {
      flaw: 'ends texts at NUL',
      breaks: keepsOrRefuses,
      make: () => mapping(make(), { inputs: onTexts((text) => text.split('\0')[0] ?? '') }),
    },
    { flaw: 'gives out and keeps the very objects', breaks: keepsCopies, make: () => sharing(make) },
    {
      flaw: 'answers each claim with the value it was given',
      breaks: markTest,
      make: () => ({ ...make(), deployment: { claim: async (_: string, value: string) => value } }),
    },
    {
      flaw: 'keeps one value for all names',
      breaks: markTest,
      make: () => {
        const { deployment } = memoryStores().users
        return { ...make(), deployment: { claim: async (_: string, value: string) => deployment?.claim('', value) } }
      },
    },
    {
      flaw: 'bears a mark now and then',
      breaks: markTest,
      make: () => withFitfulMark(make()),
    },
  ]
  if (looksUpAnyText) {
    const refusing = (): Store => mapping(make(), { inputs: onTexts(refuseNul) })
    flaws.push({ flaw: 'fails where its database does not take a text', breaks: looksUp, make: refusing })
  }
  if (judgesByNow === undefined) return flaws
  return [...flaws, { flaw: 'follows its own clock', breaks: judgesByNow, make: () => byOwnClock(make()) }]
}

function refuseNul(text: string): string {
  if (text.includes('\0')) throw new Error('invalid byte sequence for encoding "UTF8": 0x00')
  return text
}

/** As if `structuredClone` had been left out of a right store: all calls are made with it doing nothing. */
function sharing<Store extends object>(make: () => Store): Store {
  const store = make()
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function') return member
      return (...given: unknown[]) => {
        const clone = globalThis.structuredClone
        globalThis.structuredClone = (value) => value
        try {
          // Right stores do all their work before they first wait.
          return Reflect.apply(member, target, given)
        } finally {
          globalThis.structuredClone = clone
        }
      }
    },
  })
}

function withFitfulMark<Store extends object>(store: Store): Store {
  let reads = 0
  const { deployment } = memoryStores().users
  return new Proxy(store, {
    get: (target, key) => (key === 'deployment' ? (reads++ % 2 ? null : deployment) : Reflect.get(target, key)),
  })
}

/** Puts the present in the place of the first date of each call: of `now`, wherever the interfaces have one. */
function byOwnClock<Store extends object>(store: Store): Store {
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function' || /^(insert|append|deleteExpired|eraseSuccessors)$/.test(String(key))) return member
      return (...given: unknown[]) => {
        const first = given.findIndex((value) => value instanceof Date)
        const own = given.map((value, index) => {
          if (index === first) return new Date()
          return typeof value === 'object' && value !== null && 'now' in value ? { ...value, now: new Date() } : value
        })
        return Reflect.apply(member, target, own)
      }
    },
  })
}

/** What is added while housekeeping runs gets lost: it reads all, and writes back what is to stay. */
export function writesBack<Store extends ExpiringStore>(store: Store): Store {
  let running = 0
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (key === 'deleteExpired') {
        return async (before: Date, limit: number) => {
          running++
          for (let turn = 0; turn < 20; turn++) await null
          running--
          return store.deleteExpired(before, limit)
        }
      }
      if (typeof member !== 'function' || !/^(insert|append|take)$/.test(String(key))) return member
      return async (...given: unknown[]) => (running > 0 ? true : Reflect.apply(member, target, given))
    },
  })
}

export interface ExpiringStore {
  deleteExpired(before: Date, limit: number): Promise<number>
}

/** Flaws of housekeeping, on top of a right store. */
export function housekeepingFlaws<Store extends ExpiringStore>(make: () => Store): readonly BrokenStore<Store>[] {
  const withDelete = (flawed: (store: Store) => Store['deleteExpired']) => (): Store => {
    const store = make()
    return { ...store, deleteExpired: flawed(store) }
  }
  const removes = 'ST-06 deleteExpired: removes up to `limit` of what ended before `before`, and answers how many'
  const removesOnce = 'ST-06 deleteExpired: racers together remove each record once'
  return [
    {
      flaw: 'removes all, whatever the limit',
      breaks: removes,
      make: withDelete((store) => (before) => store.deleteExpired(before, 1_000_000)),
    },
    {
      flaw: 'loses what is added while it cleans up',
      breaks: 'deleteExpired: takes nothing from what is added at the same time',
      make: () => writesBack(make()),
    },
    { flaw: 'removes nothing', breaks: removes, make: withDelete(() => async () => 0) },
    {
      flaw: 'removes what is a day younger',
      breaks: 'ST-06 deleteExpired: removes nothing that ended later, however late it is',
      make: withDelete((store) => (before, limit) => store.deleteExpired(new Date(before.getTime() + 86_400_000), limit)),
    },
    {
      flaw: 'counts what others removed at the same time',
      breaks: removesOnce,
      make: withDelete((store) => {
        let running: Promise<number> | null = null
        return async (before, limit) => {
          running ??= Promise.resolve().then(() => store.deleteExpired(before, limit))
          const removed = await running
          running = null
          return removed
        }
      }),
    },
    {
      flaw: 'goes over the limit where it is asked again at once',
      breaks: removesOnce,
      make: withDelete((store) => {
        let isRunning = false
        return async (before, limit) => {
          const most = isRunning ? 1_000_000 : limit
          isRunning = true
          const removed = await store.deleteExpired(before, most)
          for (let turn = 0; turn < 20; turn++) await null
          isRunning = false
          return removed
        }
      }),
    },
  ]
}
