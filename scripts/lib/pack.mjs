import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runNpm } from './npm.mjs'
import { ensurePnpm, pnpmEnvironment, pnpmProgram } from './pnpm.mjs'
import { Problem } from './problem.mjs'
import { runNode, tail } from './run.mjs'
import { workspaces } from './workspace.mjs'

/** The packages, without the apps. */
export function packages() {
  return workspaces().filter(({ kind }) => kind === 'packages')
}

/**
 * Packs every package from what is built, as a release would.
 * @param {string} destination Directory for the tarballs; made if it is not there.
 * @returns {Promise<Map<string, string>>} Path of each tarball by the package's name.
 */
export async function packAll(destination) {
  await ensurePnpm()
  mkdirSync(destination, { recursive: true })
  const args = ['--recursive', '--filter', './packages/*', 'pack', '--pack-destination', resolve(destination)]
  const { code, output } = await runNode(pnpmProgram(), args, { env: pnpmEnvironment() })
  const tarballs = new Map(
    packages().map(({ manifest: { name, version } }) => [
      name,
      join(destination, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`),
    ]),
  )
  const missing = [...tarballs].flatMap(([name, tarball]) => (existsSync(tarball) ? [] : [name]))
  if (code !== 0 || missing.length > 0)
    throw new Problem(`The packages could not be packed; missing: ${missing.join(', ') || 'none'}\n${tail(output)}`)
  return tarballs
}

/**
 * Runs a body with a directory of its own outside the repository, which is deleted afterwards.
 * @template T
 * @param {(directory: string) => Promise<T>} body
 */
export async function withDirectory(body) {
  const directory = mkdtempSync(join(tmpdir(), 'auth-sdk-'))
  try {
    return await body(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/**
 * Installs tarballs with npm into an empty project, in one command.
 * @param {string} directory Where the project is made.
 * @param {readonly string[]} tarballs
 * @param {readonly string[]} [needs] What is installed beside them.
 */
export function installTarballs(directory, tarballs, needs = []) {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'somebodys-app', private: true }))
  return runNpm(['install', '--no-audit', '--no-fund', ...tarballs, ...needs], { cwd: directory })
}
