import { relative } from 'node:path'
import { root } from './paths.mjs'
import { Problem } from './problem.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @typedef {object} VitestReport What vitest's JSON reporter writes, as far as it is read here.
 * @property {{ name: string, status: string, message?: string, assertionResults: AssertionResult[] }[]} testResults
 */

/** @typedef {{ status: string, fullName: string, failureMessages?: string[] | null }} AssertionResult */

/**
 * Sums several counts.
 * @param {readonly Counts[]} counts
 * @returns {Counts}
 */
export function sum(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const { passed, failed, skipped } of counts) {
    total.passed += passed
    total.failed += failed
    total.skipped += skipped
  }
  return total
}

/**
 * Counts what a vitest run did. A file that could not be loaded, a run that failed with every test passing (an unhandled
 * rejection), and a run without a single test count as one failure each.
 * @param {VitestReport | null} report Null where vitest wrote none.
 * @param {number} exitCode
 * @returns {Counts}
 */
export function countTests(report, exitCode) {
  const counts = sum((report?.testResults ?? []).map(countFile))
  const ran = counts.passed + counts.failed + counts.skipped > 0
  if (counts.failed === 0 && (exitCode !== 0 || !ran)) counts.failed = 1
  return counts
}

/**
 * @param {VitestReport['testResults'][number]} file
 * @returns {Counts}
 */
function countFile({ status, assertionResults }) {
  const of = (/** @type {string} */ wanted) => assertionResults.filter((test) => test.status === wanted).length
  const passed = of('passed')
  const failed = of('failed')
  const skipped = assertionResults.length - passed - failed
  return { passed, failed: failed === 0 && status === 'failed' ? 1 : failed, skipped }
}

/**
 * Names what failed, one line each: the file, the test, and the first line of why.
 * @param {VitestReport | null} report
 * @returns {string[]}
 */
export function failures(report) {
  const files = (report?.testResults ?? []).filter((file) => file.status === 'failed')
  return files.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed')
    const lines = failed.map((test) => `${test.fullName}: ${test.failureMessages?.[0] ?? ''}`)
    return (lines.length > 0 ? lines : [message ?? '']).map((line) => `${relative(root, name)}: ${line.split('\n', 1)[0]}`)
  })
}

/**
 * The line that every command with tests ends with.
 * @param {Counts} counts
 */
export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/**
 * Runs a script that ends with the counts of what it did, whatever happens in it. Succeeds only if tests passed and none
 * failed or was skipped.
 * @param {() => Promise<Counts>} body
 */
export async function mainWithCounts(body) {
  /** @type {Counts} */
  let counts
  try {
    counts = await body()
  } catch (error) {
    console.error(error instanceof Problem ? `✗ ${error.message}` : error)
    counts = { passed: 0, failed: 1, skipped: 0 }
  }
  process.exitCode = counts.passed > 0 && counts.failed === 0 && counts.skipped === 0 ? 0 : 1
  console.log(countsLine(counts))
}
