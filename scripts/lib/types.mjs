import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './paths.mjs'
import { runNode } from './run.mjs'
import { workspaces } from './workspace.mjs'

/**
 * The compilers: one builds and is what most users have; the other, written anew, is many times as fast.
 * @typedef {'typescript' | 'typescript-7'} Compiler
 */

/**
 * All that has types, as paths from the root.
 * @returns {string[]}
 */
export function typeProjects() {
  return [
    // One without is a list of what the docs' examples load.
    ...workspaces().flatMap(({ path }) => (existsSync(join(path, 'tsconfig.json')) ? [relative(root, path)] : [])),
    'packages/core/tsconfig.web.json',
    'packages/client/tsconfig.web.json',
    'packages/fastify/tsconfig.augmented.json',
    'packages/next/test/app',
    'apps/next-demo/test', // Next's own types say that every environment has a NODE_ENV.
    'bench',
    'scripts',
  ]
}

/**
 * Runs a compiler by its own path: both have the name `tsc`.
 * @param {Compiler} compiler
 * @param {...string} args
 * @returns {Promise<import('./run.mjs').Finished>}
 */
export function runTsc(compiler, ...args) {
  return runNode(join(root, 'node_modules', compiler, 'bin', 'tsc'), args, { cwd: root })
}
