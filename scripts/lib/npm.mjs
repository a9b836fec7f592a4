import { existsSync } from 'node:fs'
import { toolEnvironment } from './environment.mjs'
import { Problem } from './problem.mjs'
import { run, runNode } from './run.mjs'

/**
 * Runs npm: the one that runs this script, or else the one in the path.
 * @param {readonly string[]} args
 * @param {{ cwd: string }} options
 */
export async function runNpm(args, { cwd }) {
  const options = { cwd, env: toolEnvironment() }
  const own = process.env.npm_execpath
  try {
    return await (own?.endsWith('npm-cli.js') && existsSync(own) ? runNode(own, args, options) : run('npm', args, options))
  } catch (error) {
    throw new Problem('npm was not found: install it together with Node (20.19, 22.12 or 24 or newer).', { cause: error })
  }
}
