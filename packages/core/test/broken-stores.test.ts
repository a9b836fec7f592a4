import { describe, expect, it } from 'vitest'
import type { AuthStores } from '../src/index.js'
import { memoryStores } from '../src/memory/index.js'
import type { OpenStores, StoreName } from '../src/testing/index.js'
import { brokenUserStores } from './broken-stores/broken-user-stores.js'
import { collect } from './broken-stores/collecting-api.js'

const kinds = [brokenUserStores]

const options = { openers: 2, rounds: 12, concurrency: 6 }

/** A process is the database: every connection is the same store. The feed beside it is a right one. */
function opens(name: StoreName, store: object): OpenStores {
  const stores: Partial<AuthStores> = { revocations: memoryStores().revocations, [name]: store }
  return async () => ({ stores, close: async () => undefined })
}

describe.each(kinds)('the kit, on a $name store', ({ name, suite, stores }) => {
  const found = new Set<string>()

  it('finds nothing wrong with the memory store', async () => {
    const right = opens(name, memoryStores()[name])
    const results = await collect((api) => suite(api, right, options))
    expect(results.filter(({ failure }) => failure !== null)).toEqual([])
    expect(results.length).toBeGreaterThan(8)
  })

  it.each(stores)('finds out one that $flaw', async ({ breaks, make }) => {
    const broken = opens(name, make())
    const results = await collect((api) => suite(api, broken, options))
    const failed = results.filter(({ failure }) => failure !== null)
    for (const { name } of failed) found.add(name)
    expect(failed.map(({ name }) => name)).toContain(breaks)
    expect(failed.find(({ name }) => name === breaks)?.failure).toMatch(/^broken promise: /)
  })

  it('has no test that cannot fail', async () => {
    const right = opens(name, memoryStores()[name])
    const results = await collect((api) => suite(api, right, options))
    expect(results.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([])
  })
})
