// Everything about the code that is not a test. Goes on after a failure and ends with 1 if there was one.

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { packAll, packages, withDirectory } from './lib/pack.mjs'
import { root } from './lib/paths.mjs'
import { pnpmEnvironment } from './lib/pnpm.mjs'
import { main, Problem } from './lib/problem.mjs'
import { run, runNode } from './lib/run.mjs'
import { setup } from './lib/setup.mjs'
import { runTsc, typeProjects } from './lib/types.mjs'

/** @typedef {import('./lib/run.mjs').Finished} Finished */
/** @typedef {{ name: string, body: () => Promise<Finished> }} Check */

/**
 * @param {string} name
 * @param {string} program Of a development dependency.
 * @param {() => Promise<string[]> | string[]} args
 * @returns {Check}
 */
function tool(name, program, args) {
  return {
    name,
    body: async () => run(join(root, 'node_modules', '.bin', program), await args(), { env: pnpmEnvironment() }),
  }
}

/**
 * @param {string} name
 * @param {string} file Of this directory.
 * @param {...string} args
 * @returns {Check}
 */
function script(name, file, ...args) {
  return { name, body: () => runNode(join(root, 'scripts', file), args) }
}

/** @returns {Check[]} */
function sourceChecks() {
  return [
    tool('format and lint', 'biome', () => ['check', '--error-on-warnings', '.']),
    tool('promises are awaited', 'oxlint', () => [
      '--type-aware',
      '--deny-warnings',
      'packages',
      'apps',
      'bench',
      'scripts',
    ]),
    ...typeProjects().map((project) => ({
      name: `types of ${project}`,
      body: () => runTsc('typescript-7', '-p', project),
    })),
    script('rooms keep their boundaries', 'boundaries.mjs'),
    tool('nothing unused', 'knip', () => []),
    script('facts about the repository', 'repository.mjs'),
    script('requirements and their tests', 'promises.mjs'),
    script('the page on error codes is fresh', 'errors-doc.mjs', '--check'),
    script('the documentation compiles and runs', 'docs.mjs'),
    script('types of many roles stay cheap', 'type-cost.mjs'),
    {
      name: "the demo's routes are guarded or declared public",
      body: () => runNode(join(root, 'apps', 'demo', 'dist', 'routes.js'), []),
    },
  ]
}

/**
 * @param {string} directory For the tarballs.
 * @returns {Check[]}
 */
function packageChecks(directory) {
  /** @type {Promise<Map<string, string>> | undefined} */
  let packed
  const tarball = async (/** @type {string} */ name) => {
    packed ??= packAll(directory)
    return (await packed).get(name) ?? ''
  }
  return packages().flatMap(({ manifest: { name } }) => [
    tool(`${name} is packed well`, 'publint', async () => ['run', await tarball(name), '--strict']),
    tool(`${name} gives its types`, 'attw', async () => ['--profile', 'esm-only', await tarball(name)]),
  ])
}

/**
 * @param {Check} check
 * @returns {Promise<boolean>} Whether it passed.
 */
async function perform({ name, body }) {
  const start = performance.now()
  const { code, output } = await body().catch((error) => ({
    code: 1,
    output: error instanceof Problem ? error.message : String(error),
  }))
  console.log(`${code === 0 ? '✓' : '✗'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  if (code !== 0) console.log(output.trimEnd().replaceAll(/^/gm, '    '))
  return code === 0
}

/**
 * Performs checks, a few at a time.
 * @param {readonly Check[]} checks
 * @returns {Promise<number>} How many failed.
 */
async function performAll(checks) {
  const waiting = [...checks]
  let failed = 0
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) if (!(await perform(check))) failed++
  }
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work))
  return failed
}

await main(() =>
  withDirectory(async (directory) => {
    const asTool = async () => ({ code: await setup().then(() => 0), output: '' })
    const isBuilt = await perform({ name: 'set-up and build', body: asTool })
    const failed = await performAll([...sourceChecks(), ...packageChecks(directory)])
    console.log(failed === 0 && isBuilt ? 'Everything is in order.' : `${failed + (isBuilt ? 0 : 1)} of the checks failed.`)
    return failed === 0 && isBuilt ? 0 : 1
  }),
)
