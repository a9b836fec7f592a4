import type { OpenStores, StoreName, SuiteOptions, TestApi } from '../../src/testing/index.js'

/** A store with one flaw, and the promise that the flaw breaks. */
export interface BrokenStore<Store extends object = object> {
  readonly flaw: string
  /** The name of the test that must fail. */
  readonly breaks: string
  make(): Store
}

/** The broken stores of one kind, and the suite that finds them out. */
export interface BrokenStores {
  readonly name: StoreName
  readonly suite: (api: TestApi, openStores: OpenStores, options?: SuiteOptions) => void
  readonly stores: readonly BrokenStore[]
}

/** A turn of the event loop between a read and a write, in which others get in between. */
export async function gap(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await null
}

/** Wraps every method: `inputs` changes each text, date and number passed in, `results` each that is given out. */
export function mapping<Store extends object>(store: Store, { inputs, results }: Mappings): Store {
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function' || key === 'subscribe') return member
      return async (...given: unknown[]) => {
        const changed = inputs ? given.map((value) => mapLeaves(value, inputs)) : given
        const result: unknown = await Reflect.apply(member, target, changed)
        return results ? mapLeaves(result, results) : result
      }
    },
  })
}

export interface Mappings {
  readonly inputs?: (leaf: unknown) => unknown
  readonly results?: (leaf: unknown) => unknown
}

function mapLeaves(value: unknown, change: (leaf: unknown) => unknown): unknown {
  if (value instanceof Date || typeof value !== 'object' || value === null) return change(value)
  if (Array.isArray(value)) return value.map((each) => mapLeaves(each, change))
  if (Reflect.has(value, 'append')) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapLeaves(each, change)]))
}

/** Changes texts alone. */
export function onTexts(change: (text: string) => string): (leaf: unknown) => unknown {
  return (leaf) => (typeof leaf === 'string' ? change(leaf) : leaf)
}

/** Changes dates alone. */
export function onDates(change: (date: Date) => Date): (leaf: unknown) => unknown {
  return (leaf) => (leaf instanceof Date ? change(leaf) : leaf)
}
