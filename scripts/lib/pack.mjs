import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  const tarballs = new Map()
  for (const { path, manifest } of packages()) {
    const tarball = join(destination, `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`)
    const args = ['pack', '--pack-destination', destination]
    const { code, output } = await runNode(pnpmProgram(), args, { cwd: path, env: pnpmEnvironment() })
    if (code !== 0 || !existsSync(tarball)) throw new Problem(`${manifest.name} could not be packed:\n${tail(output)}`)
    tarballs.set(manifest.name, tarball)
  }
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
 * Installs tarballs with npm into an empty project.
 * @param {string} directory Where the project is made.
 * @param {readonly string[]} tarballs
 */
export function installTarballs(directory, tarballs) {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'somebodys-app', private: true }))
  return runNpm(['install', '--no-audit', '--no-fund', ...tarballs], { cwd: directory })
}
