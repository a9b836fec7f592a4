// Facts about the repository as a whole that no other tool looks at.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { checkChangesets } from './lib/changesets.mjs'
import { root } from './lib/paths.mjs'
import { isProgram, main } from './lib/problem.mjs'
import { workspaces } from './lib/workspace.mjs'

/** @typedef {import('./lib/workspace.mjs').Manifest} Manifest */
/** @typedef {{ path: string, kind: 'packages' | 'apps', manifest: Manifest }} Member `path` is from the root. */

const notSource = new Set([
  '.git',
  'node_modules',
  'dist',
  '.build',
  '.next',
  '.cache',
  '.turbo',
  '.data',
  'coverage',
  'tarballs',
])

/**
 * Places and pages that only somebody who wrote the code has.
 * @type {readonly [RegExp, string][]}
 */
const foreign = [
  [/(?<![\w.~-])\/(?:work|farm|root|home|Users)\/\w/, 'names a place on one machine'],
  [/\b(?:CONTRACT|DESIGN|STYLE|ECOSYSTEM|REQUIREMENTS)\.md\b/, 'refers to a page that is not in this repository'],
]

/**
 * @param {ReadonlyMap<string, string>} files
 * @returns {string[]}
 */
export function checkReferences(files) {
  return [...files].flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        foreign.filter(([pattern]) => pattern.test(line)).map(([, what]) => `${path}:${index + 1} ${what}`),
      ),
  )
}

/**
 * The lockfiles have to work with any registry. Other addresses may stand in them: npm copies where a package asks for money.
 * @param {ReadonlyMap<string, string>} files
 * @returns {string[]}
 */
export function checkLockfiles(files) {
  return ['pnpm-lock.yaml', 'scripts/pnpm/package-lock.json'].flatMap((path) => {
    const text = files.get(path)
    if (text === undefined) return [`${path} is missing`]
    const lines = text.split('\n').map((line, index) => ({ line, number: index + 1 }))
    const wrong = lines.filter(({ line }) => /\btarball:|"resolved":|\bregistry\b.*https?:|https?:\/\/[^"]*\.tgz/.test(line))
    return wrong.map(({ number }) => `${path}:${number} names a registry or a tarball`)
  })
}

/**
 * One version, dependencies within the repository taken from it, nothing that could be published by accident.
 * @param {readonly Member[]} members
 * @returns {string[]}
 */
export function checkManifests(members) {
  const names = new Set(members.map(({ manifest }) => manifest.name))
  const version = members.find(({ kind }) => kind === 'packages')?.manifest.version
  return members.flatMap(({ path, kind, manifest }) => {
    const problems = []
    if (manifest.private !== true) problems.push('is not private: its name belongs to somebody else on the public registry')
    if (kind === 'packages' && !manifest.scripts?.prepublishOnly?.includes('refuse-publish.mjs')) {
      problems.push('does not refuse to be published: prepublishOnly has to run scripts/refuse-publish.mjs')
    }
    if (kind === 'packages' && manifest.version !== version)
      problems.push(`has version ${manifest.version}, another has ${version}`)
    if (kind === 'packages' && !/^\d+\.\d+\.\d+-sdk\.\d+$/.test(manifest.version)) {
      problems.push(`has version ${manifest.version}: only an -sdk.N can match nothing that is published`)
    }
    for (const [name, range] of Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.peerDependencies,
    })) {
      if (names.has(name) && range !== 'workspace:*') problems.push(`asks for ${name} ${range} instead of workspace:*`)
    }
    return problems.map((problem) => `${path}/package.json ${problem}`)
  })
}

/**
 * @param {ReadonlyMap<string, string>} files
 * @returns {string[]}
 */
export function checkPnpm(files) {
  const wanted = JSON.parse(files.get('package.json') ?? '{}').packageManager
  const pinned = JSON.parse(files.get('scripts/pnpm/package.json') ?? '{}').dependencies?.pnpm
  return wanted === `pnpm@${pinned}` ? [] : [`scripts/pnpm pins pnpm ${pinned}, package.json names ${wanted}`]
}

/**
 * Text of every file that is not made by a tool.
 * @param {string} [directory]
 * @returns {[path: string, text: string][]}
 */
function readFiles(directory = root) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (notSource.has(entry.name) || entry.isSymbolicLink()) return []
    if (entry.isDirectory()) return readFiles(path)
    if (/\.(png|jpg|gif|ico|woff2|tgz|tsbuildinfo)$/.test(entry.name)) return []
    return [[relative(root, path).replaceAll('\\', '/'), readFileSync(path, 'utf8')]]
  })
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    const files = new Map(readFiles())
    const members = workspaces().map(({ path, kind, manifest }) => ({ path: relative(root, path), kind, manifest }))
    const names = members.filter(({ kind }) => kind === 'packages').map(({ manifest }) => manifest.name)
    const problems = [
      ...checkReferences(files),
      ...checkLockfiles(files),
      ...checkManifests(members),
      ...checkPnpm(files),
      ...checkChangesets(files, names),
    ]
    for (const problem of problems) console.error(problem)
    return problems.length === 0 ? 0 : 1
  })
}
