/** What the kits need of a test runner. */
export interface TestBlocks {
  /** Groups tests. */
  describe(name: string, define: () => void): unknown
  /** Declares a test; it fails where the promise rejects. Runners that name their hooks `beforeAll` are told how long it may take. */
  it(name: string, test: () => Promise<void>, timeoutMs?: number): unknown
}

/** Hooks around all tests of a group, as Vitest, Jest and Bun name them. */
export interface AllHooks {
  /** Runs once before the group's tests. */
  beforeAll(hook: () => Promise<void>, timeoutMs?: number): unknown
  /** Runs once after them, also where they failed. */
  afterAll(hook: () => Promise<void>, timeoutMs?: number): unknown
}

/** The same hooks, as `node:test` and Mocha name them. */
export interface PlainHooks {
  /** Runs once before the group's tests. */
  before(hook: () => Promise<void>): unknown
  /** Runs once after them, also where they failed. */
  after(hook: () => Promise<void>): unknown
}

/** A test runner. `import * as testApi from 'vitest'` is one, and so is `import * as testApi from 'node:test'`. */
export type TestApi = TestBlocks & (AllHooks | PlainHooks)

/** What a runner is told beyond the kit's own limit, which says more and is to come first. */
const marginMs = 5_000

/** Declares a test that ends by itself within `timeoutMs`: a runner's own limit, often 5 s, is not to come before. */
export function addTest(api: TestApi, name: string, timeoutMs: number, test: () => Promise<void>): void {
  // `node:test` has no limit of its own, and takes something else in third place.
  if ('beforeAll' in api) api.it(name, test, timeoutMs + marginMs)
  else api.it(name, test)
}

/** Registers what is to run around the tests of the present group, each of which ends by itself within `timeoutMs`. */
export function aroundAll(api: TestApi, timeoutMs: number, before: () => Promise<void>, after: () => Promise<void>): void {
  if ('beforeAll' in api) {
    api.beforeAll(before, timeoutMs + marginMs)
    api.afterAll(after, timeoutMs + marginMs)
  } else {
    api.before(before)
    api.after(after)
  }
}
