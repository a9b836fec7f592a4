// Compiles every block of TypeScript in the documentation against the built packages, parses the JSON, runs the examples.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { readExamples } from './lib/examples.mjs'
import { filesBelow } from './lib/fingerprint.mjs'
import { cache, root } from './lib/paths.mjs'
import { isProgram, main } from './lib/problem.mjs'
import { killed, runNode, tail } from './lib/run.mjs'
import { runTsc } from './lib/types.mjs'
import { workspaces } from './lib/workspace.mjs'

/** @typedef {import('./lib/examples.mjs').Example} Example */

/** The page whose every module is executed. */
const executed = 'docs/examples.md'
const longestRunMs = 60_000

const compilerOptions = {
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  moduleDetection: 'force',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  experimentalDecorators: true, // as NestJS needs them
  jsx: 'react-jsx',
  skipLibCheck: true,
  types: ['node'],
}

/** @returns {Map<string, string>} Text by path from the root. */
function readPages() {
  const pages = [
    ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'].map((name) => join(root, name)),
    ...filesBelow(join(root, 'docs')).filter((file) => file.endsWith('.md')),
    ...workspaces().map(({ path }) => join(path, 'README.md')),
  ]
  return new Map(pages.filter((file) => existsSync(file)).map((file) => [relative(root, file), readFileSync(file, 'utf8')]))
}

/**
 * What a directory of packages holds, scoped ones with their scope.
 * @param {string} directory
 * @returns {string[]}
 */
function packageNames(directory) {
  if (!existsSync(directory)) return []
  return readdirSync(directory).flatMap((name) => {
    if (name.startsWith('.')) return []
    return name.startsWith('@') ? readdirSync(join(directory, name)).map((inner) => `${name}/${inner}`) : [name]
  })
}

/**
 * Gives a directory the packages of this repository, and what they depend on, as an app that installed them has them.
 * @param {string} directory
 */
export function linkPackages(directory) {
  const links = new Map(workspaces().map(({ path, manifest }) => [manifest.name, path]))
  for (const { path } of workspaces()) {
    const modules = join(path, 'node_modules')
    for (const name of packageNames(modules)) if (!links.has(name)) links.set(name, join(modules, name))
  }
  for (const [name, target] of links) {
    const link = join(directory, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(target, link, 'dir')
  }
}

/**
 * @param {string} directory
 * @param {readonly Example[]} examples
 * @returns {Promise<string[]>}
 */
async function compile(directory, examples) {
  const files = new Map(examples.map((example) => [`${example.name}.${example.ending}`, example]))
  for (const [file, { text }] of files) writeFileSync(join(directory, file), text)
  const typeRoots = [join(root, 'node_modules', '@types')]
  const config = { compilerOptions: { ...compilerOptions, typeRoots }, files: [...files.keys()] }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
  const { output } = await runTsc('typescript-7', '-p', directory, '--pretty', 'false')
  // One line for each mistake; those that are indented explain the one before.
  return output.split(/\n(?=\S)/).flatMap((told) => {
    const [, file = '', line, message] = /^(\S+)\((\d+),\d+\): error (?:TS\d+: )?(.*)$/s.exec(told.trimEnd()) ?? []
    const example = files.get(basename(file))
    if (!example) return told.trim() === '' ? [] : [told]
    return [`${example.page}:${example.lines[Number(line) - 1] ?? example.lines.at(-1)} ${message}`]
  })
}

/**
 * @param {string} directory
 * @param {Example} example
 * @returns {Promise<string[]>}
 */
async function execute(directory, { page, name, lines }) {
  const env = { ...process.env, PORT: '0' } // any free one, for an example that listens
  const { code, output } = await runNode(join(directory, `${name}.js`), [], { cwd: directory, env, timeoutMs: longestRunMs })
  if (code === 0) return []
  const reason = code === killed ? 'did not end by itself within a minute' : `ended with ${code}`
  return [`${page}:${lines[0]} ${reason}:\n${tail(output, 20)}`]
}

/**
 * Checks pages and gives what is wrong with them, as lines for a person.
 * @param {ReadonlyMap<string, string>} pages
 * @returns {Promise<string[]>}
 */
export async function checkDocs(pages) {
  const read = [...pages].map(([page, text]) => readExamples(page, text, { runAll: page === executed }))
  const examples = read.flatMap(({ examples }) => examples)
  const directory = join(cache, 'docs', `${process.pid}-${Date.now()}`)
  mkdirSync(directory, { recursive: true })
  try {
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'documentation', type: 'module', private: true }))
    linkPackages(directory)
    const wrong = [...read.flatMap(({ problems }) => problems), ...(await compile(directory, examples))]
    if (wrong.length > 0) return wrong
    for (const example of examples.filter(({ run }) => run)) wrong.push(...(await execute(directory, example)))
    return wrong
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    const problems = await checkDocs(readPages())
    for (const problem of problems) console.error(problem)
    return problems.length === 0 ? 0 : 1
  })
}
