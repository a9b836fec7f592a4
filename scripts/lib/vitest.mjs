import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { countTests, failures } from './counts.mjs'
import { toolEnvironment } from './environment.mjs'
import { cache, root } from './paths.mjs'
import { runNode } from './run.mjs'

/**
 * Runs vitest once, with its output on the terminal.
 * @param {readonly string[]} args Arguments for vitest.
 * @param {NodeJS.ProcessEnv} [environment] Variables for the tests.
 * @returns {Promise<import('./counts.mjs').Counts>}
 */
export async function runTests(args, environment = {}) {
  const directory = join(cache, 'tests')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `${process.pid}-${Date.now()}.json`)
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  try {
    const env = { ...toolEnvironment(), ...environment }
    const { code } = await runNode(program, ['run', ...reporters, ...args], { env, show: true })
    const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
    for (const failure of failures(report)) console.log(`✗ ${failure}`)
    return countTests(report, code)
  } finally {
    rmSync(file, { force: true })
  }
}
