import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readExamples } from './examples.mjs'
import { runNpm } from './npm.mjs'
import { installTarballs } from './pack.mjs'
import { root } from './paths.mjs'
import { writeRecipes } from './recipes.mjs'
import { run } from './run.mjs'

/**
 * @typedef {object} Consumer A project of somebody who installed the packages.
 * @property {string} name Its framework, and the name of its app: `test-fixtures/consumers/<name>.ts`, or of the docs' page.
 * @property {readonly string[] | 'all'} ours Which of the packages it installs: those that its pages name, or all of them together.
 * @property {readonly string[]} needs What is installed beside them.
 * @property {readonly string[]} pages Whose blocks of TypeScript have to compile there.
 */

/** @type {readonly Consumer[]} One row for each framework. */
export const consumers = [
  {
    name: 'express',
    ours: ['@auth/core', '@auth/express', '@auth/client'],
    needs: ['express@5.3.0', '@types/express@5.0.6', 'cors@2.8.6', '@types/cors@2.8.19'],
    pages: ['README.md', 'docs/express.md', 'packages/express/README.md', 'packages/client/README.md'],
  },
  {
    name: 'fastify',
    ours: ['@auth/core', '@auth/fastify', '@auth/client'],
    needs: ['fastify@5.12.8', '@fastify/cors@11.4.3'],
    pages: ['docs/fastify.md', 'packages/fastify/README.md'],
  },
  {
    name: 'koa',
    ours: ['@auth/core', '@auth/koa', '@auth/client'],
    needs: [
      ...['koa@3.3.0', '@types/koa@3.0.3', '@koa/router@15.7.0', '@types/koa-mount@4.0.5', 'koa-mount@4.2.0'],
      ...['@koa/cors@5.0.0', '@types/koa__cors@5.0.1', '@koa/bodyparser@6.1.0'],
    ],
    pages: ['docs/koa.md', 'packages/koa/README.md'],
  },
  {
    name: 'next',
    ours: 'all',
    needs: ['next@16.4.6', 'react@19.3.0', 'react-dom@19.3.0', '@types/react@19.3.3'],
    pages: ['docs/next.md', 'packages/next/README.md'],
  },
  { name: 'hono', ours: ['@auth/core'], needs: ['hono@4.13.19', '@hono/node-server@2.1.9'], pages: [] },
]

const compilerOptions = {
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: ['node'],
  rootDir: '.',
  outDir: 'out',
  strict: true,
  exactOptionalPropertyTypes: true,
  // The compiler's own library is no package; what clashes with it is an error where the other declaration is.
  skipDefaultLibCheck: true,
  declaration: true,
  jsx: 'react-jsx',
}

/** Module settings of a project by what it calls them; each is a directory with the same modules. */
const flavours = {
  esm: { type: 'module', options: { module: 'nodenext', moduleResolution: 'nodenext' } },
  bundler: { type: 'module', options: { module: 'esnext', moduleResolution: 'bundler' } },
  cjs: { type: 'commonjs', options: { module: 'nodenext', moduleResolution: 'nodenext' } },
}

/** @typedef {keyof typeof flavours} Flavour */

/** @type {readonly Flavour[]} */
const flavourNames = ['esm', 'bundler', 'cjs']

/**
 * Installs a consumer's project with npm, in one command, and writes its modules.
 * @param {string} directory
 * @param {Consumer} consumer
 * @param {ReadonlyMap<string, string>} tarballs Of all packages, by name.
 */
export async function makeConsumer(directory, consumer, tarballs) {
  const { ours, needs } = consumer
  const chosen = [...tarballs].flatMap(([name, tarball]) => (ours === 'all' || ours.includes(name) ? [tarball] : []))
  const installed = await installTarballs(directory, chosen, ['@types/node@20', ...needs])
  for (const flavour of flavourNames) writeFlavour(directory, consumer, flavour)
  return installed
}

/**
 * @param {string} directory
 * @param {Consumer} consumer
 * @param {Flavour} flavour
 */
function writeFlavour(directory, { name, pages }, flavour) {
  const { type, options } = flavours[flavour]
  const modules = join(directory, flavour)
  mkdirSync(modules)
  if (name === 'hono') writeRecipes(modules, ['hono-app', 'hono-node'])
  else copyFileSync(join(root, 'scripts', 'test-fixtures', 'consumers', `${name}.ts`), join(modules, 'app.ts'))
  // A page's examples are modules of ECMAScript: some await at their top.
  for (const page of flavour === 'cjs' ? [] : pages)
    for (const { name, ending, text } of readExamples(page, readFileSync(join(root, page), 'utf8')).examples)
      writeFileSync(join(modules, `${name}.${ending}`), text)
  writeFileSync(join(modules, 'package.json'), JSON.stringify({ private: true, type }))
  writeFileSync(join(modules, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...compilerOptions, ...options } }))
}

/** An error, with the lines that explain it, in a declaration of a package that is not ours: `@types/koa` has one. */
const foreign = /^[^\s/]+\/node_modules\/(?!@auth\/)\S+\(\d+,\d+\): error .*\n(?: .*\n)*/gm

/**
 * Compiles every flavour of every consumer's project, in one process of the compiler: what it learns with the first serves the
 * others, each of which is a program of its own with its own packages. Declarations of packages are checked too.
 * @param {string} directory That of the projects, each named like its consumer.
 * @returns {Promise<ReadonlyMap<string, string>>} What is wrong with each project or with our packages there.
 */
export async function compileConsumers(directory) {
  const projects = consumers.flatMap(({ name }) => flavourNames.map((flavour) => join(name, flavour)))
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { code, output } = await run(process.execPath, ['--max-semi-space-size=64', compiler, '-b', ...projects], {
    cwd: directory,
  })
  const failed = code !== 0 && !output.includes(': error ') ? `the compiler ended with ${code}\n${output}` : ''
  const errors = output.replace(foreign, '').split(/^(?=\S)/m)
  return new Map(consumers.map(({ name }) => [name, failed + errorsIn(name, errors).join('')]))
}

/**
 * The errors of one project, and those of no project at all.
 * @param {string} own
 * @param {readonly string[]} errors
 */
function errorsIn(own, errors) {
  const others = consumers.filter(({ name }) => name !== own)
  return errors.filter((error) => !others.some(({ name }) => error.startsWith(`${name}/`)))
}

/**
 * The program that a consumer starts.
 * @param {string} directory
 * @param {Consumer} consumer
 * @param {Flavour} flavour
 */
export function programOf(directory, { name }, flavour) {
  return join(directory, flavour, 'out', name === 'hono' ? 'hono-node.js' : 'app.js')
}

/**
 * The examples of a consumer's pages that run by themselves, as programs.
 * @param {string} directory
 * @param {Consumer} consumer
 */
export function examplePrograms(directory, { pages }) {
  return pages.flatMap((page) =>
    readExamples(page, readFileSync(join(root, page), 'utf8')).examples.flatMap(({ name, run }) =>
      run ? [join(directory, 'esm', 'out', `${name}.js`)] : [],
    ),
  )
}

/**
 * The program of a Node of another version, which npm fetches.
 * @param {string} version
 * @param {string} cwd
 */
export async function nodeOf(version, cwd) {
  const { output } = await runNpm(['exec', '--yes', `--package=node@${version}`, '--', 'node', '-p', 'process.execPath'], {
    cwd,
  })
  return output.trim().split('\n').at(-1) ?? ''
}
