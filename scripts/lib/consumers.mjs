import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readExamples } from './examples.mjs'
import { runNpm } from './npm.mjs'
import { root } from './paths.mjs'
import { writeRecipes } from './recipes.mjs'
import { runNode } from './run.mjs'

/**
 * @typedef {object} Consumer A project of somebody who installed the packages.
 * @property {string} name Its framework, and the name of its app: `test-fixtures/consumers/<name>.ts`, or of the docs' page.
 * @property {readonly string[]} needs What is installed beside the tarballs.
 * @property {readonly string[]} pages Whose blocks of TypeScript have to compile there.
 */

/** @type {readonly Consumer[]} One row for each framework. */
export const consumers = [
  {
    name: 'express',
    needs: ['express@5.3.0', '@types/express@5.0.6', 'cors@2.8.6', '@types/cors@2.8.19'],
    pages: ['README.md', 'docs/express.md', 'packages/express/README.md', 'packages/client/README.md'],
  },
  {
    name: 'fastify',
    needs: ['fastify@5.12.8', '@fastify/cors@11.4.3'],
    pages: ['docs/fastify.md', 'packages/fastify/README.md'],
  },
  {
    name: 'koa',
    needs: [
      ...['koa@3.3.0', '@types/koa@3.0.3', '@koa/router@15.7.0', '@types/koa-mount@4.0.5', 'koa-mount@4.2.0'],
      ...['@koa/cors@5.0.0', '@types/koa__cors@5.0.1', '@koa/bodyparser@6.1.0'],
    ],
    pages: ['docs/koa.md', 'packages/koa/README.md'],
  },
  {
    name: 'next',
    needs: ['next@16.4.6', 'react@19.3.0', 'react-dom@19.3.0', '@types/react@19.3.3'],
    pages: ['docs/next.md', 'packages/next/README.md'],
  },
  { name: 'hono', needs: ['hono@4.13.19', '@hono/node-server@2.1.9'], pages: [] },
]

const compilerOptions = {
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: ['node'],
  rootDir: '.',
  outDir: 'out',
  strict: true,
  exactOptionalPropertyTypes: true,
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
export const flavourNames = ['esm', 'bundler', 'cjs']

/**
 * Installs a consumer's project with npm, in one command, and writes its modules.
 * @param {string} directory
 * @param {Consumer} consumer
 * @param {readonly string[]} tarballs
 */
export async function makeConsumer(directory, consumer, tarballs) {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'somebodys-app', private: true }))
  const needs = ['typescript@6.0.3', '@types/node@20', ...consumer.needs]
  const installed = await runNpm(['install', '--no-audit', '--no-fund', ...tarballs, ...needs], { cwd: directory })
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
const foreign = /^node_modules\/(?!@auth\/)\S+\(\d+,\d+\): error .*\n(?: .*\n)*/gm

/**
 * Compiles the modules of one flavour with the project's own compiler, which checks declarations of packages too.
 * @param {string} directory
 * @param {Flavour} flavour
 * @returns {Promise<string>} What is wrong with the project or with our packages.
 */
export async function compileConsumer(directory, flavour) {
  const tsc = join(directory, 'node_modules', 'typescript', 'bin', 'tsc')
  const { output } = await runNode(tsc, ['-p', join(directory, flavour)], { cwd: directory })
  return output.replace(foreign, '')
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
