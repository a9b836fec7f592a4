import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, fingerprint } from './fingerprint.mjs'
import { cache, root } from './paths.mjs'
import { pnpmEnvironment } from './pnpm.mjs'
import { Problem } from './problem.mjs'
import { run, tail } from './run.mjs'
import { workspaces } from './workspace.mjs'

const stamp = join(cache, 'built')

function wanted() {
  const shared = [
    'package.json',
    'pnpm-lock.yaml',
    'turbo.json',
    'tsconfig.base.json',
    'scripts/lib/tsup.mjs',
    'scripts/place.mjs',
  ]
  const sources = workspaces().flatMap(({ path }) => [
    ...['package.json', 'tsconfig.json', 'tsup.config.ts'].flatMap((name) => filesBelow(join(path, name))),
    ...filesBelow(join(path, 'src')).filter((file) => !/\.test(-d)?\.ts$/.test(file)),
  ])
  return fingerprint(root, [...shared.flatMap((name) => filesBelow(join(root, name))), ...sources])
}

/**
 * The files that a package's users load.
 * @param {import('./workspace.mjs').Workspace} workspace
 */
function entries({ path, manifest }) {
  return Object.values(manifest.exports ?? {})
    .flatMap((entry) => (typeof entry === 'string' ? [entry] : [entry.types, entry.default]))
    .filter((file) => file !== undefined)
    .map((file) => join(path, file))
}

/** Whether what is in `dist` was built from the sources as they are now. */
export function isBuilt() {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted()) return false
  return workspaces()
    .filter(({ manifest }) => manifest.scripts?.build !== undefined)
    .every((workspace) => existsSync(join(workspace.path, 'dist')) && entries(workspace).every(existsSync))
}

/**
 * Builds all packages and apps that changed. To be called under the set-up lock.
 * @returns {Promise<void>}
 */
export async function build() {
  const print = wanted()
  rmSync(stamp, { force: true }) // from here on `dist` may be of two ages
  const args = [
    'run',
    'place',
    '--ui=stream',
    '--output-logs=errors-only',
    '--log-prefix=none',
    `--cache-dir=${join(cache, 'turbo')}`,
  ]
  const { code, output } = await run(join(root, 'node_modules', '.bin', 'turbo'), args, { env: pnpmEnvironment() })
  if (code !== 0) throw new Problem(`The build failed:\n${tail(output, 60)}`)
  mkdirSync(cache, { recursive: true })
  writeFileSync(stamp, print)
}
