// Compiles every block of TypeScript in the documentation against the built packages, parses the JSON, runs the examples.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { readExamples } from './lib/examples.mjs'
import { filesBelow } from './lib/fingerprint.mjs'
import { cache, root } from './lib/paths.mjs'
import { isProgram, main } from './lib/problem.mjs'
import { killed, runNode, tail } from './lib/run.mjs'
import { workspaces } from './lib/workspace.mjs'

/** @typedef {import('./lib/examples.mjs').Example} Example */

/** The page whose every module is executed. */
const executed = 'docs/examples.md'
const longestRunMs = 60_000

/** @type {ts.CompilerOptions} */
const compilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  experimentalDecorators: true, // as NestJS needs them
  jsx: ts.JsxEmit.ReactJSX,
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
 * @returns {string[]}
 */
function compile(directory, examples) {
  const files = new Map(examples.map((example) => [join(directory, `${example.name}.${example.ending}`), example]))
  for (const [file, { text }] of files) writeFileSync(file, text)
  const program = ts.createProgram([...files.keys()], {
    ...compilerOptions,
    outDir: directory,
    typeRoots: [join(root, 'node_modules', '@types')],
  })
  program.emit()
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n  ')
    const example = file && files.get(file.fileName)
    if (!file || !example) return message
    const line = example.lines[file.getLineAndCharacterOfPosition(start ?? 0).line] ?? example.lines.at(-1)
    return `${example.page}:${line} ${message}`
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
    const wrong = [...read.flatMap(({ problems }) => problems), ...compile(directory, examples)]
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
