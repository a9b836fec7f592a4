import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

/**
 * @typedef {object} Manifest A package.json as far as the scripts read it.
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {Record<string, { types?: string, default?: string } | string>} [exports]
 * @property {Record<string, Record<string, string>>} [imports]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, string>} [scripts]
 * @property {string} [packageManager]
 */

/**
 * @typedef {object} Workspace One package or app of the repository.
 * @property {string} path Its directory.
 * @property {'packages' | 'apps'} kind
 * @property {Manifest} manifest
 */

/**
 * @param {string} directory
 * @returns {Manifest}
 */
export function readManifest(directory) {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
}

/**
 * The packages and apps, sorted by path.
 * @param {string} [base] The repository's root.
 * @returns {Workspace[]}
 */
export function workspaces(base = root) {
  return /** @type {const} */ (['packages', 'apps']).flatMap((kind) =>
    readdirSync(join(base, kind))
      .sort()
      .map((name) => join(base, kind, name))
      .filter((path) => existsSync(join(path, 'package.json')))
      .map((path) => ({ path, kind, manifest: readManifest(path) })),
  )
}
