import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { toolEnvironment } from './environment.mjs'
import { withLock } from './lock.mjs'
import { runNpm } from './npm.mjs'
import { cache, root } from './paths.mjs'
import { Problem } from './problem.mjs'
import { tail } from './run.mjs'
import { readManifest } from './workspace.mjs'

/** The pinned pnpm: a package.json and a lockfile with its digest. */
const pinned = join(root, 'scripts', 'pnpm')

/** Where set-up keeps pnpm. */
function pnpmDirectory() {
  const version = readManifest(root).packageManager?.replace(/^pnpm@/, '')
  return join(cache, `pnpm-${version}`)
}

/** The file to run with Node. */
export function pnpmProgram() {
  return join(pnpmDirectory(), 'node_modules', 'pnpm', 'bin', 'pnpm.cjs')
}

/** The environment for pnpm and for what looks for a pnpm in the path. */
export function pnpmEnvironment() {
  return toolEnvironment([join(pnpmDirectory(), 'node_modules', '.bin'), join(root, 'node_modules', '.bin')])
}

const unreachable =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|META_FETCH_FAIL/

/**
 * Says in a line or two why a package manager failed.
 * @param {string} what
 * @param {string} output
 */
export function installProblem(what, output) {
  const cause = unreachable.exec(output)?.[0]
  if (cause === undefined) return new Problem(`${what} could not be installed:\n${tail(output)}`)
  return new Problem(
    `${what} could not be installed: the npm registry is not reachable (${cause}).\n` +
      '  Set-up needs it once. Check the network, or name a reachable registry with `npm config set registry <url>`.',
  )
}

/**
 * Makes sure that the pinned pnpm is in the cache, whole. Takes nothing from the machine but Node and npm.
 * @returns {Promise<void>}
 */
export async function ensurePnpm() {
  if (existsSync(pnpmProgram())) return
  mkdirSync(cache, { recursive: true })
  await withLock(join(cache, 'pnpm.lock'), async () => {
    if (!existsSync(pnpmProgram())) await fetchPnpm()
  })
}

async function fetchPnpm() {
  const version = readManifest(root).packageManager
  const temporary = join(cache, 'pnpm-new')
  rmSync(temporary, { recursive: true, force: true }) // left by a process that died
  mkdirSync(temporary)
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(pinned, file), join(temporary, file))
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=2', '--fetch-retry-mintimeout=1000']
  const { code, output } = await runNpm(args, { cwd: temporary })
  if (code !== 0) throw installProblem(`${version}`, output)
  const got = JSON.parse(readFileSync(join(temporary, 'node_modules', 'pnpm', 'package.json'), 'utf8')).version
  if (`pnpm@${got}` !== version) throw new Problem(`scripts/pnpm pins pnpm ${got}, package.json asks for ${version}.`)
  renameSync(temporary, pnpmDirectory())
}
