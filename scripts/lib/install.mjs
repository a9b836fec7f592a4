import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fingerprint } from './fingerprint.mjs'
import { root } from './paths.mjs'
import { installProblem, pnpmEnvironment, pnpmProgram } from './pnpm.mjs'
import { runNode } from './run.mjs'
import { workspaces } from './workspace.mjs'

// Beside what it vouches for: whoever deletes node_modules deletes the stamp too.
const stamp = join(root, 'node_modules', '.cache', 'installed')

function wanted() {
  const manifests = workspaces().map(({ path }) => join(path, 'package.json'))
  const files = ['package.json', 'bench/package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].map((name) =>
    join(root, name),
  )
  return fingerprint(root, [...files, ...manifests], [process.platform, process.arch])
}

function complete() {
  return workspaces().every(
    ({ path, manifest }) => existsSync(join(path, 'node_modules')) || !(manifest.dependencies ?? manifest.devDependencies),
  )
}

/** Whether the dependencies are those of the lockfile. */
export function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted() && complete()
}

/**
 * Installs the dependencies exactly as the lockfile has them. To be called under the set-up lock.
 * @returns {Promise<void>}
 */
export async function install() {
  const print = wanted()
  const args = ['install', '--frozen-lockfile', '--config.confirm-modules-purge=false', '--reporter=append-only']
  const { code, output } = await runNode(pnpmProgram(), args, { env: pnpmEnvironment() })
  if (code !== 0) throw installProblem('The dependencies', output)
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, print)
}
