import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { root } from './lib/paths.mjs'
import { runTsc, typeProjects } from './lib/types.mjs'

const packages = typeProjects().filter((project) => /^packages\/[^/]+$/.test(project))

/** A project of a package's sources alone, with the tests of its types: what else it has, users never compile. */
function ofSources(project: string): string {
  const folder = join(root, project, 'node_modules', '.test')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'tsconfig.sources.json')
  const settings = {
    extends: '../../tsconfig.json',
    include: ['../../src'],
    exclude: ['../../src/**/*.test.ts'],
  }
  writeFileSync(file, JSON.stringify(settings))
  return relative(root, file)
}

let compiled: Awaited<ReturnType<typeof runTsc>>
beforeAll(async () => {
  // One process for all, each a program of its own: what the compiler learns with the first serves the others.
  compiled = await runTsc('typescript', '-b', '--force', ...packages.map(ofSources))
}, 600_000)

// `npm run check` looks with the fast compiler; the types are for the users of this one.
it('the types of every package hold with the compiler that builds', () => {
  expect(packages.length).toBeGreaterThan(5)
  expect(compiled).toEqual({ code: 0, output: '' })
})
