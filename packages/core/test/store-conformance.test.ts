import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'tsup'
import { expect, it, onTestFinished } from 'vitest'
import { memoryStores } from '../src/memory/index.js'
import {
  type ConformanceOptions,
  type OpenStores,
  revocationStoreSuite,
  type StoreName,
  storeConformance,
} from '../src/testing/index.js'
import type { RevocationEntry } from '../src/tokens/index.js'
import { collect, type TestResult } from './broken-stores/collecting-api.js'

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

it('runs under node:test as well', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'store-conformance-'))
  onTestFinished(() => rm(outDir, { recursive: true, force: true }))
  const entry = fileURLToPath(new URL('support/node-test-conformance.ts', import.meta.url))
  await build({
    entry: { conformance: entry },
    outDir,
    format: ['esm'],
    outExtension: () => ({ js: '.mjs' }),
    noExternal: [/./],
    config: false,
    removeNodeProtocol: false,
    silent: true,
  })
  const run = promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', join(outDir, 'conformance.mjs')], {
    // The variable by which a runner of `node:test` knows that it runs within another.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  })
  const { stdout } = await run
  expect(stdout).toMatch(/^# fail 0$/m)
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(150)
}, 120_000)
