import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { toolEnvironment } from './environment.mjs'
import { filesBelow, fingerprint } from './fingerprint.mjs'
import { withLock } from './lock.mjs'
import { cache, root } from './paths.mjs'
import { Problem } from './problem.mjs'
import { runNode, tail } from './run.mjs'

const app = join(root, 'apps', 'next-demo')
const builds = join(app, '.next')
/** Names the latest build: a folder beside it. */
const current = join(builds, 'current')

/** The program that starts the latest build. */
export const nextDemo = join(app, 'start.mjs')

function wanted() {
  const own = ['src', 'package.json', 'next.config.mjs', 'tsconfig.json'].map((name) => join(app, name))
  const bundled = ['packages/next/dist', 'apps/demo/dist/open-demo.js', 'pnpm-lock.yaml'].map((name) => join(root, name))
  return fingerprint(root, [...own, ...bundled].flatMap(filesBelow)).slice(0, 16)
}

/** @param {string} name Of a build. */
function isCurrent(name) {
  return existsSync(current) && readFileSync(current, 'utf8') === `.next/${name}`
}

/**
 * Makes sure that `next build` has built the demo as its sources are now. The packages have to be built before. A build goes into a
 * folder of its own: what serves an earlier one goes on.
 * @returns {Promise<void>}
 */
export async function buildNextDemo() {
  const name = wanted()
  if (isCurrent(name)) return
  mkdirSync(builds, { recursive: true })
  await withLock(join(cache, 'next-demo.lock'), async () => {
    if (isCurrent(name)) return
    console.log('Building the demo on Next …')
    const program = createRequire(join(app, 'package.json')).resolve('next/dist/bin/next')
    const env = { ...toolEnvironment(), NEXT_TELEMETRY_DISABLED: '1', NEXT_DEMO_DIST: `.next/${name}` }
    const { code, output } = await runNode(program, ['build', app], { cwd: app, env })
    if (code !== 0) throw new Problem(`The demo on Next could not be built:\n${tail(output, 60)}`)
    writeFileSync(`${current}.new`, `.next/${name}`)
    renameSync(`${current}.new`, current)
  })
}
