// What takes too long for every change: the tests named *.full.test.ts, and the packed packages on every supported Node.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureChromium } from './lib/chromium.mjs'
import { mainWithCounts, sum } from './lib/counts.mjs'
import { runNpm } from './lib/npm.mjs'
import { installTarballs, packAll, withDirectory } from './lib/pack.mjs'
import { root } from './lib/paths.mjs'
import { Problem } from './lib/problem.mjs'
import { tail } from './lib/run.mjs'
import { setup } from './lib/setup.mjs'
import { runTests } from './lib/vitest.mjs'

/** Tried besides the Node that runs this; each comes from the npm registry. */
const nodeVersions = ['22', '24', '26']

/** @typedef {import('./lib/counts.mjs').Counts} Counts */

/**
 * @param {string} app Project with the packed packages.
 * @param {string} version
 * @returns {Promise<Counts>}
 */
async function smokeOn(app, version) {
  const { code, output } = await runNpm(['exec', '--yes', `--package=node@${version}`, '--', 'node', 'smoke.mjs'], {
    cwd: app,
  })
  const steps = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => /** @type {{ name: string, error?: string }} */ (JSON.parse(line)))
  const wrong = steps.filter(({ error }) => error !== undefined)
  const crashed = code !== 0 || steps.length === 0
  console.log(
    `${wrong.length > 0 || crashed ? '✗' : '✓'} Node ${version}: ${steps.length - wrong.length} of ${steps.length} steps`,
  )
  for (const { name, error } of wrong) console.log(`  ${name}: ${error}`)
  if (crashed) console.log(tail(output, 20))
  return { passed: steps.length - wrong.length, failed: wrong.length + (crashed ? 1 : 0), skipped: 0 }
}

/** @returns {Promise<Counts>} */
function smokeOnAll() {
  return withDirectory(async (directory) => {
    const app = join(directory, 'app')
    const { code, output } = await installTarballs(app, [...(await packAll(join(directory, 'tarballs'))).values()])
    if (code !== 0) throw new Problem(`The packed packages could not be installed:\n${tail(output)}`)
    copyFileSync(join(root, 'scripts', 'test-fixtures', 'smoke.mjs'), join(app, 'smoke.mjs'))
    const counts = []
    for (const version of nodeVersions) counts.push(await smokeOn(app, version))
    return sum(counts)
  })
}

/** @returns {Promise<Counts[]>} */
async function longTests() {
  const args = ['--config', 'vitest.full.config.ts', ...process.argv.slice(2)]
  return [await runTests(args, { CHROMIUM: await ensureChromium() })]
}

await mainWithCounts(async () => {
  await setup()
  return sum([...(await longTests()), await smokeOnAll()])
})
