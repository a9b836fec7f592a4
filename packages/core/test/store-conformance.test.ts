import { describe, expect, it } from 'vitest'
import { ConfigError } from '../src/errors.js'
import { memoryStores } from '../src/memory/index.js'
import {
  type ConformanceOptions,
  type OpenStores,
  revocationStoreSuite,
  type StoreName,
  storeConformance,
  userStoreSuite,
} from '../src/testing/index.js'
import type { RevocationEntry } from '../src/tokens/index.js'
import { collect, type TestResult } from './broken-stores/collecting-api.js'
import { runUnderNodeTest } from './support/node-test.js'

const quick = { openers: 2, rounds: 2, concurrency: 4, isInProcess: true }
const close = async (): Promise<void> => undefined

function opens(...names: readonly StoreName[]): OpenStores {
  const all = memoryStores()
  const stores = Object.fromEntries(names.map((name) => [name, all[name]]))
  return async () => ({ stores, close })
}

async function failures(openStores: OpenStores, options: ConformanceOptions): Promise<readonly TestResult[]> {
  const results = await collect((api) => storeConformance(api, openStores, { ...quick, ...options }))
  return results.filter(({ failure }) => failure !== null)
}

it('tests the stores that are named, and fails where one is given that is not', async () => {
  expect(await failures(opens('users'), { stores: ['users'] })).toEqual([])
  const [unnamed, ...others] = await failures(opens('users', 'clients'), { stores: ['users'] })
  expect(unnamed?.name).toBe('openStores gives the stores that are named, and no other')
  expect(others).toEqual([])
})

it('says which store is missing', async () => {
  const missing = collect((api) => storeConformance(api, opens('users'), { ...quick, stores: ['users', 'sessions'] }))
  await expect(missing).rejects.toThrow('openStores() gave no sessions store')
})

it('closes each connection that it opened, also where a later one fails', async () => {
  let opened = 0
  let closed = 0
  const stores = memoryStores()
  const openStores: OpenStores = async () => {
    if (opened === 3) throw new Error('no more connections')
    opened++
    return { stores, close: async () => void closed++ }
  }
  const run = collect((api) => revocationStoreSuite(api, openStores, { ...quick, openers: 5 }))
  await expect(run).rejects.toThrow('no more connections')
  expect({ opened, closed }).toEqual({ opened: 3, closed: 3 })
})

it('finds out stores that each connection keeps to itself', async () => {
  const results = await failures(async () => ({ stores: memoryStores(), close }), {})
  const names = results.map(({ name }) => name)
  expect(names).toContain('ST-02 consume: of N racers exactly one gets consumed, the others learn that it was used')
  expect(names).toContain('ST-02 take: all racers see one order, each a longer beginning of it')
  expect(names).toContain('ST-02 read: readers with cursors miss no entry while others append')
})

it.each([
  ['passes', 'a feed that goes back to what was on its way', false],
  ['fails', 'a feed whose cursor is the highest number it has seen', true],
])('holds a transaction open where that is possible: %s %s', async (verdict, _, isFlawed) => {
  const test = 'read: an entry that commits late is not passed by'
  const database = transactionalFeed(isFlawed)
  const results = await collect((api) => revocationStoreSuite(api, async () => database, quick), test)
  expect(results.map(({ failure }) => failure === null)).toEqual([verdict === 'passes'])
})

/** A feed that numbers entries when they are written and shows them when they commit, as a database with transactions does. */
function transactionalFeed(isFlawed: boolean): Awaited<ReturnType<OpenStores>> {
  const written: { readonly number: number; readonly entry: RevocationEntry; isCommitted: boolean }[] = []
  const write = (entry: RevocationEntry): (() => Promise<void>) => {
    const line = { number: written.length + 1, entry, isCommitted: false }
    written.push(line)
    return async () => {
      line.isCommitted = true
    }
  }
  const stores = memoryStores()
  const revocations = {
    ...stores.revocations,
    append: (entry: RevocationEntry): Promise<void> => write(entry)(),
    read: async (cursor: string | null, storeTime: Date) => {
      const seen = written.filter(({ isCommitted, number }) => isCommitted && number > Number(cursor))
      const inFlight = written.find(({ isCommitted }) => !isCommitted)?.number
      const end =
        isFlawed || inFlight === undefined ? Math.max(Number(cursor), ...seen.map(({ number }) => number)) : inFlight - 1
      return { entries: seen.map(({ entry }) => entry), cursor: String(end), whole: cursor === null, storeTime }
    },
  }
  return { stores: { ...stores, revocations }, holdAppend: async (entry) => write(entry), close }
}

it.each([
  ['passes', 'a feed that is another one once it was put back', false],
  ['fails', 'a feed whose cursor is a number alone', true],
])('puts the feed back where that is possible: %s %s', async (verdict, _, isFlawed) => {
  const test = 'read: a cursor of a feed that was put back since gives the whole feed, and says so'
  const database = restorableFeed(isFlawed)
  const results = await collect((api) => revocationStoreSuite(api, async () => database, quick), test)
  expect(results.map(({ failure }) => failure === null)).toEqual([verdict === 'passes'])
})

/** A feed of which a backup can be made and restored. */
function restorableFeed(isFlawed: boolean): Awaited<ReturnType<OpenStores>> {
  let entries: readonly RevocationEntry[] = []
  let restores = 0
  const revocations = {
    ...memoryStores().revocations,
    append: async (entry: RevocationEntry) => {
      entries = [...entries, entry]
    },
    read: async (cursor: string | null, storeTime: Date) => {
      const epoch = isFlawed ? 0 : restores
      const place = cursor?.startsWith(`${epoch}:`) ? Number(cursor.split(':')[1]) : 0
      const page = entries.slice(place)
      return { entries: page, cursor: `${epoch}:${entries.length}`, whole: page.length === entries.length, storeTime }
    },
  }
  return {
    stores: { revocations },
    snapshotFeed: async () => {
      const kept = entries
      return async () => {
        entries = kept
        restores++
      }
    },
    close,
  }
}

describe('what the kit is given', () => {
  const given = opens('users')

  it('is refused with all that is wrong where it makes no sense', () => {
    const wrong: readonly [Partial<Record<'api' | 'openStores' | 'options', unknown>>, readonly string[]][] = [
      [{ api: {} }, ['testApi']],
      [{ api: { describe: () => {}, it: () => {} } }, ['testApi']],
      [{ openStores: undefined }, ['openStores']],
      [{ options: { stores: [] } }, ['options.stores']],
      [{ options: { stores: ['users', 'user', '__proto__'] } }, ['options.stores', 'options.stores']],
      [{ options: { selfExpiring: ['user'] } }, ['options.stores']],
      [
        { options: { rounds: 0, concurrency: 2, openers: 0.5 } },
        ['options.openers', 'options.rounds', 'options.concurrency'],
      ],
      [{ options: { timeoutMs: Number.NaN } }, ['options.timeoutMs']],
    ]
    const api = { describe: () => {}, it: () => {}, before: () => {}, after: () => {} }
    for (const [each, paths] of wrong) {
      const args = { api, openStores: given, options: {}, ...each }
      const call = (): void => Reflect.apply(storeConformance, null, [args.api, args.openStores, args.options])
      expect(call).toThrow(ConfigError)
      expect(call).toThrow(expect.objectContaining({ problems: paths.map((path) => expect.objectContaining({ path })) }))
    }
    expect(() => storeConformance(api, given, { stores: ['users'] })).not.toThrow()
  })

  it.each([
    ['nothing', undefined, 'it gave no stores'],
    ['stores alone', { users: memoryStores().users }, 'it gave no stores'],
    ['no way to close', { stores: memoryStores() }, 'it gave no way to close'],
  ])('openStores may not give %s', async (_, opened, told) => {
    const openStores = (async () => opened) as unknown as OpenStores
    await expect(collect((api) => userStoreSuite(api, openStores, quick))).rejects.toThrow(told)
    const failed = await collect((api) => storeConformance(api, openStores, { ...quick, stores: ['users'] })).catch(String)
    expect(failed).toContain(told)
  })
})

describe('a store that does not answer', () => {
  const hanging = <T>(): Promise<T> => new Promise(() => {})

  it('fails the test, which tells what it waits for', async () => {
    const { users } = memoryStores()
    const openStores: OpenStores = async () => ({ stores: { users: { ...users, find: hanging } }, close })
    const test = 'ST-01 find, findByEmailKey: give back every field as it was inserted'
    const results = await collect((api) => userStoreSuite(api, openStores, { ...quick, timeoutMs: 50 }), test)
    expect(results).toEqual([{ name: test, failure: 'the test did not end within 50 ms; no answer yet from users.find' }])
  })

  it('does not keep the process busy, either', async () => {
    const { revocations } = memoryStores()
    const openStores: OpenStores = async () => ({ stores: { revocations: { ...revocations, append: hanging } }, close })
    const test = 'ST-02 read: readers with cursors miss no entry while others append'
    const results = await collect((api) => revocationStoreSuite(api, openStores, { ...quick, timeoutMs: 50 }), test)
    expect(results[0]?.failure).toContain('no answer yet from revocations.append')
  })

  it('fails the suite where it does not open or close', async () => {
    const options = { ...quick, timeoutMs: 50 }
    const opening = collect((api) => userStoreSuite(api, hanging, options))
    await expect(opening).rejects.toThrow('openStores() did not end within 50 ms')
    const closing: OpenStores = async () => ({ stores: memoryStores(), close: hanging })
    await expect(collect((api) => userStoreSuite(api, closing, options), 'none')).rejects.toThrow('close() did not end')
  })
})

it('tells a runner that has limits of its own how long a test may take', () => {
  const limits: unknown[] = []
  const note = (_: unknown, __?: unknown, limit?: unknown): void => void limits.push(limit)
  const api = { describe: (_: string, define: () => void) => define(), it: note, beforeAll: () => {}, afterAll: () => {} }
  storeConformance(api, opens('users'), { stores: ['users'], timeoutMs: 7000 })
  expect(new Set(limits)).toEqual(new Set([12_000]))
})

it('runs under node:test as well', async () => {
  const { failed, passed } = await runUnderNodeTest(new URL('support/node-test-conformance.ts', import.meta.url))
  expect(failed).toBe(0)
  expect(passed).toBeGreaterThan(150)
}, 120_000)
