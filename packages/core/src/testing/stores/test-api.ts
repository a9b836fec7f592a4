/** What the kits need of a test runner. */
export interface TestBlocks {
  /** Groups tests. */
  describe(name: string, define: () => void): unknown
  /** Declares a test; it fails where the promise rejects. */
  it(name: string, test: () => Promise<void>): unknown
}

/** Hooks around all tests of a group, as Vitest, Jest and Bun name them. */
export interface AllHooks {
  /** Runs once before the group's tests. */
  beforeAll(hook: () => Promise<void>): unknown
  /** Runs once after them, also where they failed. */
  afterAll(hook: () => Promise<void>): unknown
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

/** Registers what is to run around the tests of the present group. */
export function aroundAll(api: TestApi, before: () => Promise<void>, after: () => Promise<void>): void {
  if ('beforeAll' in api) {
    api.beforeAll(before)
    api.afterAll(after)
  } else {
    api.before(before)
    api.after(after)
  }
}
