import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'
import { run, tail } from './run.mjs'

/**
 * @typedef {object} Smoked
 * @property {readonly string[]} steps Names of those that a Node went through.
 * @property {readonly string[]} wrong What was wrong: a step with its error, or the end of what a Node that crashed wrote.
 */

/**
 * Runs `test-fixtures/smoke.mjs` in a project with the packed packages.
 * @param {string} node The program of the Node that is tried.
 * @param {string} project
 * @returns {Promise<Smoked>}
 */
export async function smoke(node, project) {
  const program = join(project, 'smoke.mjs')
  copyFileSync(join(root, 'scripts', 'test-fixtures', 'smoke.mjs'), program)
  const { code, output } = await run(node, [program], { cwd: project })
  const steps = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => /** @type {{ name: string, error?: string }} */ (JSON.parse(line)))
  const wrong = steps.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error}`]))
  const crash = code !== 0 || steps.length === 0 ? [tail(output, 20)] : []
  return { steps: steps.map(({ name }) => name), wrong: [...wrong, ...crash] }
}
