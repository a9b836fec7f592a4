import { ConfigError, type ConfigProblem } from '../../errors.js'
import type { OpenedStores, SuiteOptions } from './store-suite.js'
import type { TestApi } from './test-api.js'

/** The least with which the tests mean anything: a race takes three, of whom one wins, one is second, and one more. */
const least = { openers: 1, rounds: 1, concurrency: 3, seed: 0, timeoutMs: 1 } as const

/** Refuses what would make tests fail for no reason or pass for none. @throws ConfigError with every mistake */
export function checkArguments(api: TestApi, openStores: unknown, options: SuiteOptions, names: readonly string[]): void {
  const problems: ConfigProblem[] = []
  const isRunner = isObject(api) && ['describe', 'it'].every((name) => typeof Reflect.get(api, name) === 'function')
  const hasHooks = isObject(api) && (('beforeAll' in api && 'afterAll' in api) || ('before' in api && 'after' in api))
  if (!isRunner || !hasHooks) {
    const message =
      "must be a test runner with describe, it and hooks: `import * as testApi from 'vitest'`, or from 'node:test'"
    problems.push({ path: 'testApi', message })
  }
  if (typeof openStores !== 'function') problems.push({ path: 'openStores', message: 'must be a function' })
  for (const [name, minimum] of Object.entries(least)) {
    const value: unknown = Reflect.get(options, name) ?? minimum
    if (Number.isSafeInteger(value) && Number(value) >= minimum) continue
    problems.push({ path: `options.${name}`, message: `must be a whole number, ${minimum} or more` })
  }
  const { stores = names, selfExpiring = [] }: { stores?: readonly string[] } & SuiteOptions = options
  if (stores.length === 0) problems.push({ path: 'options.stores', message: 'must name a store' })
  for (const name of [...stores, ...selfExpiring].filter((given) => !names.includes(given))) {
    problems.push({
      path: 'options.stores',
      message: `knows no store ${JSON.stringify(name)}: there are ${names.join(', ')}`,
    })
  }
  if (problems.length > 0) throw new ConfigError(problems)
}

/** What `openStores` gave, if it is what it should be. @throws Error that says what is wrong with it */
export function checkOpened(given: unknown): OpenedStores {
  if (!isObject(given) || !isObject(Reflect.get(given, 'stores')))
    throw new Error('openStores() must resolve with { stores, close }: it gave no stores')
  if (typeof Reflect.get(given, 'close') !== 'function')
    throw new Error('openStores() must resolve with { stores, close }: it gave no way to close')
  return given as OpenedStores // Its stores are looked at where each is used.
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
