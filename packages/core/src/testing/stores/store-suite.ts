import type { AuthStores } from '../../stores.js'
import type { RevocationEntry } from '../../tokens/index.js'
import { checkArguments, checkOpened } from './check-arguments.js'
import { expectEqual, expectThat } from './expectations.js'
import { trackCalls } from './pending-calls.js'
import { uniqueText } from './samples.js'
import { type SeededRandom, seededRandom } from './seeded-random.js'
import { addTest, aroundAll, type TestApi } from './test-api.js'

/** The name of a store. */
export type StoreName = keyof AuthStores

const all = {
  users: true,
  sessions: true,
  revocations: true,
  attempts: true,
  signingKeys: true,
  audit: true,
  tickets: true,
  apiKeys: true,
  identities: true,
  clients: true,
} as const satisfies Record<StoreName, true>

/** The names of all stores. */
export const storeNames: readonly StoreName[] = Object.keys(all) as readonly StoreName[] // Checked one line above.

/** A store by its name. */
export type StoreNamed<Name extends StoreName> = Required<AuthStores>[Name]

/** One connection to the database under test. */
export interface OpenedStores {
  readonly stores: Partial<AuthStores>
  /**
   * Appends to the revocation feed in a transaction that stays open until the function it resolves with is called, on
   * a database connection of its own. For databases on which transactions commit in another order than they write.
   */
  readonly holdAppend?: (entry: RevocationEntry) => Promise<() => Promise<void>>
  /**
   * Notes the whole revocation feed as it is, and resolves with how to put that back: as a backup that is restored, or a
   * failover to a replica that lagged. For databases where that can be had within a test.
   */
  readonly snapshotFeed?: () => Promise<() => Promise<void>>
  /** Closes the connection. */
  close(): Promise<void>
}

/** Opens a connection of its own to the database under test, always the same one. It may hold anything already. */
export type OpenStores = () => Promise<OpenedStores>

/** How thoroughly stores are tested. */
export interface SuiteOptions {
  /** How many connections race with each other. Default 3. */
  readonly openers?: number
  /** How often each race is run. Default 20. */
  readonly rounds?: number
  /** How many calls race, 3 or more. Default 8. */
  readonly concurrency?: number
  /** How long one test may take, in milliseconds; it fails then, and tells which calls the store has not answered. Default 120,000. */
  readonly timeoutMs?: number
  /** Where random histories begin; a failure tells it. Default 1. */
  readonly seed?: number
  /** Stores whose database forgets by itself what is past its time, so that housekeeping may find nothing left to do. */
  readonly selfExpiring?: readonly StoreName[]
  /** Whether the stores live in this process, which has no clock but the `now` that is passed in. Default `false`. */
  readonly isInProcess?: boolean
}

/** How long one test may take, in milliseconds. */
export const defaultTimeoutMs = 120_000

/** What the tests of one store are written with. */
export interface StoreSuite<Store> {
  /** Each call on it goes through the next connection, as requests go to the nodes of a deployment. */
  readonly store: Store
  /** Calls that race. */
  readonly concurrency: number
  readonly random: SeededRandom
  /** Whether `deleteExpired` may find nothing left to do. */
  readonly isSelfExpiring: boolean
  /** Whether there is no clock but the `now` that is passed in. */
  readonly isInProcess: boolean
  /** All connections. */
  opened(): readonly OpenedStores[]
  /** The store under test of one of them. */
  storeOf(connection: OpenedStores): Store
  /** Declares a test. */
  it(promise: string, test: () => Promise<void>): void
  /** Declares a test that is run `rounds` times. */
  itRaces(promise: string, test: (round: number) => Promise<void>): void
  /** Lets `concurrency` racers go at once, each through the next connection. */
  race<T>(racer: (store: Store, index: number) => Promise<T>): Promise<readonly T[]>
  /** Lets all of them go at once. */
  together<T extends readonly unknown[]>(...racers: { readonly [K in keyof T]: () => Promise<T[K]> }): Promise<T>
}

/** Declares the tests of one store, and that of the mark it bears. */
export function defineSuite<Name extends StoreName>(
  name: Name,
  api: TestApi,
  openStores: OpenStores,
  options: SuiteOptions,
  define: (suite: StoreSuite<StoreNamed<Name>>) => void,
): void {
  checkArguments(api, openStores, options, storeNames)
  const { openers = 3, rounds = 20, concurrency = 8, seed = 1, selfExpiring = [], isInProcess = false } = options
  const { timeoutMs = defaultTimeoutMs } = options
  const random = seededRandom(seed)
  const calls = trackCalls(timeoutMs)
  const opened: OpenedStores[] = []
  let turn = 0

  function storeOf(stores: Partial<AuthStores>): StoreNamed<Name> {
    const store = stores[name] as StoreNamed<Name> | undefined // The store under that name.
    if (!store) throw new Error(`openStores() gave no ${name} store`)
    return calls.follow(name, store)
  }

  function nextStore(): StoreNamed<Name> {
    return storeOf(opened[turn++ % openers]?.stores ?? {})
  }

  async function open(): Promise<void> {
    while (opened.length < openers) opened.push(checkOpened(await calls.inTime('openStores()', async () => openStores())))
    for (const _ of opened) nextStore()
  }

  async function close(): Promise<void> {
    for (const connection of opened.splice(0)) await calls.inTime('close()', () => connection.close())
  }

  async function inRounds(test: (round: number) => Promise<void>): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      await test(round).catch((error: unknown) => {
        const told = error instanceof Error ? error.message : String(error)
        throw new Error(`${told} (round ${round + 1} of ${rounds}, seed ${seed})`, { cause: error })
      })
    }
  }

  const suite: StoreSuite<StoreNamed<Name>> = {
    store: rotating(nextStore),
    concurrency,
    random,
    isSelfExpiring: selfExpiring.includes(name),
    isInProcess,
    opened: () => opened,
    storeOf: ({ stores }) => storeOf(stores),
    it: (promise, test) => addTest(api, promise, timeoutMs, () => calls.inTime('the test', test)),
    itRaces: (promise, test) => addTest(api, promise, timeoutMs, () => calls.inTime('the test', () => inRounds(test))),
    race: (racer) =>
      startTogether(
        Array.from({ length: concurrency }, (_, i) => () => racer(nextStore(), i)),
        random,
      ),
    together: <T extends readonly unknown[]>(...racers: { readonly [K in keyof T]: () => Promise<T[K]> }) =>
      startTogether(racers, random) as Promise<unknown> as Promise<T>, // One result for each racer, in order.
  }

  api.describe(`${name} store`, () => {
    aroundAll(api, openers * timeoutMs, open, close)
    define(suite)
    itBearsOneMark(suite)
  })
}

function rotating<Store extends object>(next: () => Store): Store {
  const get = (_: object, key: string | symbol): unknown => {
    const store = next()
    const member: unknown = Reflect.get(store, key)
    return typeof member === 'function' ? member.bind(store) : member
  }
  return new Proxy<Store>({} as Store, { get }) // Holds nothing itself: every member is read from the next store.
}

/**
 * Holds all racers at a barrier, then lets them go: in an order of its own each time, at once or, in some races, a few
 * turns of the microtask queue apart.
 */
async function startTogether<T>(racers: readonly (() => Promise<T>)[], random: SeededRandom): Promise<readonly T[]> {
  const spread = random.pick([1, 1, 4, 12])
  const start = racers.map((racer, place) => ({ racer, place, turn: random.below(1_000_000), hops: random.below(spread) }))
  let release: () => void = () => undefined
  const barrier = new Promise<void>((resolve) => {
    release = resolve
  })
  const runs: Promise<T>[] = []
  // Whoever comes to the barrier first leaves it first.
  for (const { racer, place, hops } of start.sort((a, b) => a.turn - b.turn)) runs[place] = go(racer, barrier, hops)
  release()
  await Promise.allSettled(runs)
  return Promise.all(runs)
}

async function go<T>(racer: () => Promise<T>, barrier: Promise<void>, hops: number): Promise<T> {
  await barrier
  for (let hop = 0; hop < hops; hop++) await null
  return racer()
}

function itBearsOneMark({ it, opened, store, race }: StoreSuite<StoreNamed<StoreName>>): void {
  it('ST-02 deployment: all claims, racing or later, answer the one value that was given first under the name', async () => {
    const marks = opened().map(() => store.deployment)
    const hasMark = store.deployment !== null
    expectThat(
      marks.every((mark) => (mark !== null) === hasMark),
      'a store has a mark on every connection or on none',
    )
    const name = uniqueText('mark')
    const answers = await race(async ({ deployment }) => deployment?.claim(name, uniqueText('deployment')))
    const later = await store.deployment?.claim(name, uniqueText('deployment'))
    expectEqual(new Set([...answers, later]).size, 1, 'every claim answers the same value')
    expectEqual(typeof later, hasMark ? 'string' : 'undefined', 'a claim answers a value')
    const other = await store.deployment?.claim(`${name}.`, 'another')
    expectEqual(other, hasMark ? 'another' : undefined, 'each name has a value of its own')
  })
}
