import type { TestApi } from '../../src/testing/index.js'

/** What became of one test. */
export interface TestResult {
  readonly name: string
  /** The message of its failure; `null` where it passed. */
  readonly failure: string | null
}

/** A test runner that only collects: runs what `declare` declares, or the test named `only`, and gives what became of it. */
export async function collect(declare: (api: TestApi) => void, only?: string): Promise<readonly TestResult[]> {
  const before: (() => Promise<void>)[] = []
  const after: (() => Promise<void>)[] = []
  const tests: { name: string; test: () => Promise<void> }[] = []
  declare({
    describe: (_, define) => define(),
    it: (name, test) => tests.push({ name, test }),
    before: (hook) => before.push(hook),
    after: (hook) => after.push(hook),
  })
  const results: TestResult[] = []
  try {
    for (const hook of before) await hook()
    for (const { name, test } of tests) {
      if (only === undefined || name === only) results.push({ name, failure: await failureOf(test) })
    }
  } finally {
    for (const hook of after) await hook()
  }
  return results
}

async function failureOf(test: () => Promise<void>): Promise<string | null> {
  try {
    await test()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
