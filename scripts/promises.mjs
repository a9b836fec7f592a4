// Which promises of docs/promises.md have tests that name them, and which have none. `--json` prints it for a program.
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { filesBelow } from './lib/fingerprint.mjs'
import { root } from './lib/paths.mjs'
import { isProgram, main } from './lib/problem.mjs'
import { readTestNames } from './lib/test-names.mjs'
import { workspaces } from './lib/workspace.mjs'

/**
 * @typedef {object} Promised One row of the page.
 * @property {string} id
 * @property {string} text
 * @property {string} standard
 */

/**
 * @typedef {object} Survey
 * @property {{ id: string, tests: number }[]} tested
 * @property {string[]} untested
 * @property {string[]} problems As lines for a person.
 */

const page = 'docs/promises.md'
const anyId = /(?<![A-Z0-9])[A-Z]{2}-\d+(?![\w])/g
const range = /[A-Z]{2}-\d{2}\s?(?:-|–|—|…|\.{2,3})\s?(?:[A-Z]{2}-)?\d/

/**
 * The rows of the page's tables that begin with an id.
 * @param {string} text
 * @returns {Promised[]}
 */
export function readPromises(text) {
  return text.split(/\r?\n/).flatMap((line) => {
    const [before, id, promise, standard, ...rest] = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
    if (before !== '' || id === undefined || !/^[A-Z]{2}-\d{2}$/.test(id)) return []
    return rest.length === 1 && promise && standard ? [{ id, text: promise, standard }] : [{ id, text: '', standard: '' }]
  })
}

/**
 * The ids in a test's name, in their order. What looks like one but is none of any group, as in `IP-6`, is left out.
 * @param {string} name
 * @param {ReadonlySet<string>} prefixes Groups that there are.
 * @returns {string[]}
 */
export function readIds(name, prefixes) {
  const ids = name.match(anyId) ?? []
  return [...new Set(ids.filter((id) => prefixes.has(id.slice(0, 2)) || /-\d{2}$/.test(id)))]
}

/**
 * What of a page is wrong in itself.
 * @param {readonly Promised[]} promises
 * @returns {string[]}
 */
function checkPage(promises) {
  const seen = new Set()
  const problems = promises.length === 0 ? [`${page} holds no promise`] : []
  for (const { id, text } of promises) {
    if (seen.has(id)) problems.push(`${page} has ${id} twice`)
    if (text === '') problems.push(`${page}: the row of ${id} does not have three filled cells`)
    seen.add(id)
  }
  return problems
}

/**
 * Compares the page with the tests.
 * @param {readonly Promised[]} promises
 * @param {ReadonlyMap<string, string>} files Source text of the tests by path.
 * @returns {Survey}
 */
export function survey(promises, files) {
  const counts = new Map(promises.map(({ id }) => [id, 0]))
  const prefixes = new Set(promises.map(({ id }) => id.slice(0, 2)))
  const problems = checkPage(promises)
  for (const [path, text] of files) {
    for (const { name, line, tests } of readTestNames(path, text)) {
      if (range.test(name)) problems.push(`${path}:${line} names a range of ids; write each of them`)
      for (const id of readIds(name, prefixes)) {
        const count = counts.get(id)
        if (count === undefined) problems.push(`${path}:${line} names ${id}, which ${page} does not have`)
        else counts.set(id, count + tests)
      }
    }
  }
  const all = [...counts].map(([id, tests]) => ({ id, tests }))
  return {
    tested: all.filter(({ tests }) => tests > 0),
    untested: all.filter(({ tests }) => tests === 0).map(({ id }) => id),
    problems,
  }
}

/**
 * @param {Survey} result
 * @returns {string}
 */
export function renderSurvey({ tested, untested }) {
  /** @type {Map<string, string[]>} */
  const groups = new Map()
  for (const id of untested) groups.set(id.slice(0, 2), [...(groups.get(id.slice(0, 2)) ?? []), id])
  return [
    `${tested.length} of ${tested.length + untested.length} promises have tests:`,
    ...tested.map(({ id, tests }) => `  ${id} ${tests}`),
    `${untested.length} have none:`,
    ...[...groups.values()].map((ids) => `  ${ids.join(' ')}`),
  ].join('\n')
}

/**
 * The page of this repository, and the source of its tests by path. Kits that bring tests to whoever calls them count too.
 * @returns {{ promises: Promised[], files: Map<string, string> }}
 */
export function readRepository() {
  const inPackages = workspaces().flatMap(({ path }) => [
    ...filesBelow(join(path, 'src')).filter((file) => file.endsWith('.test.ts')),
    ...filesBelow(join(path, 'src', 'testing')).filter((file) => !file.endsWith('.test.ts')),
    ...filesBelow(join(path, 'test')),
    ...filesBelow(join(path, 'vectors')),
  ])
  const inScripts = filesBelow(join(root, 'scripts')).filter((file) => file.endsWith('.test.ts'))
  const sources = [...inPackages, ...inScripts].filter((file) => /\.[cm]?tsx?$/.test(file))
  const toPath = (/** @type {string} */ file) => relative(root, file).replaceAll('\\', '/')
  return {
    promises: readPromises(readFileSync(join(root, page), 'utf8')),
    files: new Map(sources.map((file) => [toPath(file), readFileSync(file, 'utf8')])),
  }
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    const { promises, files } = readRepository()
    const result = survey(promises, files)
    console.log(process.argv.includes('--json') ? JSON.stringify(result, null, 2) : renderSurvey(result))
    for (const problem of result.problems) console.error(`✗ ${problem}`)
    return result.problems.length === 0 ? 0 : 1
  })
}
