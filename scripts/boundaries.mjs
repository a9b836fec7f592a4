// Which module may import which: the rules are in CONTRIBUTING.md, "Rooms and their boundaries".
import { readFileSync } from 'node:fs'
import { posix, relative } from 'node:path'
import { filesBelow } from './lib/fingerprint.mjs'
import { readEnvironmentReads, readImports } from './lib/imports.mjs'
import { root } from './lib/paths.mjs'
import { isProgram, main } from './lib/problem.mjs'
import { workspaces } from './lib/workspace.mjs'

/** @typedef {import('./lib/imports.mjs').Import & { from: string, to: string | null }} Edge `to` is a file of the map, where it names one. */
/** @typedef {Pick<import('./lib/workspace.mjs').Manifest, 'name' | 'exports' | 'imports' | 'dependencies' | 'peerDependencies'>} Owner */

const core = 'packages/core/src/'
const mainDoor = `${core}index.ts`
/** Doors that lead to Web standards and portable packages alone. */
const portableDoors = [mainDoor, `${core}verify/index.ts`]

/** The only packages that these doors may lead to: Web standards are all that they need. */
const portable = ['@zxcvbn-ts/language-common', 'ipaddr.js', 'jose', 'oauth4webapi', 'zod']
/** Rooms with an entry point of their own, which the main door must not lead to. */
const apart = ['argon2', 'imported-hashes', 'node', 'testing', 'verify']
/** Those of them that stand outside the core and use all of it. */
const outer = ['node', 'testing', 'verify']
/** The one way from the main door to one of them: the hasher of whoever configures none, loaded when it is first needed. */
const defaultHasher = { from: `${core}passwords/default-hasher.ts`, to: `${core}argon2/index.ts` }

/**
 * Where a file of the core belongs.
 * @param {string} path
 * @returns {{ kind: 'room' | 'shared' | 'common' | 'wiring', name: string }}
 */
function place(path) {
  const [first = '', ...rest] = path.slice(core.length).split('/')
  if (rest.length > 0) return { kind: first === 'shared' ? 'shared' : 'room', name: first }
  return { kind: ['errors.ts', 'stores.ts'].includes(first) ? 'common' : 'wiring', name: first }
}

/** @param {Edge} edge */
const isDefaultHasher = ({ from, to, kind }) => kind === 'dynamic' && from === defaultHasher.from && to === defaultHasher.to

/**
 * What is wrong with an import from one file of the core to another.
 * @param {Edge & { to: string }} edge
 * @returns {string | null}
 */
function checkWithinCore(edge) {
  const from = place(edge.from)
  const to = place(edge.to)
  if (from.kind === 'shared' && to.kind !== 'shared' && to.name !== 'errors.ts')
    return 'shared/ imports nothing but shared/ and errors.ts'
  if (to.kind === 'shared' || to.kind === 'common') return null
  if (to.kind === 'wiring') {
    if (from.kind === 'wiring') return null
    return outer.includes(from.name) && (edge.kind === 'type' || edge.to === mainDoor)
      ? null
      : `a room imports nothing of ${to.name}`
  }
  if (from.kind === 'room' && from.name === to.name) return null
  if (edge.to !== `${core}${to.name}/index.ts`) return `${to.name}/ is entered by its door only, ${to.name}/index.js`
  if (to.name === 'http' && from.kind === 'room' && !outer.includes(from.name)) return 'no room knows HTTP but http/ itself'
  if (apart.includes(to.name) && !isDefaultHasher(edge))
    return `${to.name}/ is an entry point of its own and imported by none`
  return null
}

/**
 * All that can be reached from the doors that are for every platform.
 * @param {readonly Edge[]} edges
 * @returns {Set<string>}
 */
function reachable(edges) {
  const reached = new Set(portableDoors)
  for (const file of reached) {
    for (const edge of edges) if (edge.from === file && edge.to !== null && !isDefaultHasher(edge)) reached.add(edge.to)
  }
  return reached
}

/**
 * @param {readonly Edge[]} edges
 * @param {ReadonlyMap<string, string>} files
 * @returns {string[]}
 */
function checkPortableDoors(edges, files) {
  const reached = reachable(edges)
  const foreign = edges
    .filter(
      ({ from, to, specifier }) => reached.has(from) && to === null && specifier !== null && !portable.includes(specifier),
    )
    .map((edge) =>
      tell(edge, 'a door for every platform leads here, so that only Web standards and portable packages may be imported'),
    )
  const environment = [...reached].flatMap((path) =>
    readEnvironmentReads(path, files.get(path) ?? '').map(
      (line) => `${path}:${line} reads the environment, and a door for every platform leads here`,
    ),
  )
  return [...foreign, ...environment]
}

/**
 * Rooms that need each other at run time.
 * @param {readonly Edge[]} edges
 * @returns {string[]}
 */
function checkCycles(edges) {
  /** @type {Map<string, Set<string>>} */
  const needs = new Map()
  for (const { from, to, kind } of edges) {
    if (to === null || kind === 'type' || !from.startsWith(core)) continue
    const [a, b] = [place(from), place(to)]
    if (a.kind !== 'room' || b.kind !== 'room' || a.name === b.name) continue
    needs.set(a.name, (needs.get(a.name) ?? new Set()).add(b.name))
  }
  /**
   * @param {string} room
   * @param {readonly string[]} path
   * @returns {string[]}
   */
  const walk = (room, path) => {
    const start = path.indexOf(room)
    if (start === 0) return [[...path, room].map((name) => `${name}/`).join(' → ')]
    if (start > 0) return []
    return [...(needs.get(room) ?? [])].flatMap((next) => walk(next, [...path, room]))
  }
  // Each cycle is told once: by the room in it whose name sorts first.
  return [...needs.keys()]
    .flatMap((room) => walk(room, []).filter((cycle) => cycle.split(' → ').every((name) => name >= `${room}/`)))
    .map((cycle) => `rooms import each other in a circle: ${cycle}`)
}

/**
 * What is wrong with an import from a package other than the core, or from an app.
 * @param {Edge} edge
 * @param {ReadonlyMap<string, Owner>} owners
 * @returns {string | null}
 */
function checkOutsideCore(edge, owners) {
  const { from, to, specifier } = edge
  const directory = from.split('/').slice(0, 2).join('/')
  const name = specifier ?? ''
  if (name.startsWith('.')) return to?.startsWith(`${directory}/`) ? null : 'it leads out of the package'
  if (name.startsWith('node:')) return null
  const owner = owners.get(directory)
  // A name of the package's own, for one module or another by who loads it.
  const meant = Object.values(owner?.imports?.[name] ?? {})
  const reasons = meant.map((each) => checkOutsideCore({ ...edge, specifier: each }, owners))
  if (meant.length > 0) return reasons.find((reason) => reason !== null) ?? null
  const dependency = name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
  if (!(dependency in { ...owner?.dependencies, ...owner?.peerDependencies }))
    return `${dependency} is no dependency of ${directory}`
  const local = [...owners.values()].find((candidate) => candidate.name === dependency)
  const door = `.${name.slice(dependency.length)}`
  return local && !(door in (local.exports ?? {})) ? `${dependency} has no entry point ${door}` : null
}

/**
 * @param {Edge} edge
 * @param {string} reason
 */
function tell({ from, line, specifier }, reason) {
  return `${from}:${line} imports ${specifier ?? 'something computed'}: ${reason}`
}

/**
 * @param {ReadonlyMap<string, string>} files
 * @returns {Edge[]}
 */
function readEdges(files) {
  return [...files].flatMap(([from, text]) =>
    readImports(from, text).map((found) => {
      const isRelative = found.specifier?.startsWith('.') ?? false
      const target = posix.join(posix.dirname(from), found.specifier ?? '').replace(/\.js$/, '.ts')
      return { ...found, from, to: isRelative ? target : null }
    }),
  )
}

/**
 * Everything that breaks a boundary, as lines for a person. Tests are no part of this: leave them out.
 * @param {ReadonlyMap<string, string>} files Source text by path from the root, with forward slashes.
 * @param {ReadonlyMap<string, Owner>} owners package.json by directory, `packages/core` and so on.
 * @returns {string[]}
 */
export function checkBoundaries(files, owners) {
  const edges = readEdges(files)
  const single = edges.flatMap((edge) => {
    if (edge.specifier === null) return [tell(edge, 'what it leads to cannot be known')]
    if (edge.isStar) return [tell(edge, 'a door names each of its exports')]
    const inCore = edge.from.startsWith(core)
    if (inCore && edge.to !== null && !edge.to.startsWith(core)) return [tell(edge, 'it leads out of the package')]
    const { to } = edge
    const reason = !inCore ? checkOutsideCore(edge, owners) : to === null ? null : checkWithinCore({ ...edge, to })
    return reason === null ? [] : [tell(edge, reason)]
  })
  return [...single, ...checkPortableDoors(edges, files), ...checkCycles(edges)]
}

function readRepository() {
  const all = workspaces()
  const toPath = (/** @type {string} */ path) => relative(root, path).replaceAll('\\', '/')
  const sources = all
    .flatMap(({ path }) => filesBelow(`${path}/src`))
    .filter((path) => /\.ts$/.test(path) && !/\.test(-d)?\.ts$/.test(path))
    .map((path) => /** @type {const} */ ([toPath(path), readFileSync(path, 'utf8')]))
  return { files: new Map(sources), owners: new Map(all.map(({ path, manifest }) => [toPath(path), manifest])) }
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    const { files, owners } = readRepository()
    const problems = checkBoundaries(files, owners)
    for (const problem of problems) console.error(problem)
    return problems.length === 0 ? 0 : 1
  })
}
