import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './lib/paths.mjs'
import { runTsc, typeProjects } from './lib/types.mjs'

/** A project of a package's sources alone, with the tests of its types: what else it has, users never compile. */
function ofSources(project: string): string {
  const folder = join(root, project, 'node_modules', '.test')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'tsconfig.sources.json')
  const settings = { extends: '../../tsconfig.json', include: ['../../src'], exclude: ['../../src/**/*.test.ts'] }
  writeFileSync(file, JSON.stringify(settings))
  return file
}

// `npm run check` looks with the fast compiler; the types are for the users of this one.
it.each(typeProjects().filter((project) => /^packages\/[^/]+$/.test(project)))(
  'the types of %s hold with the compiler that builds',
  async (project) => {
    expect(await runTsc('typescript', '-p', ofSources(project))).toMatchObject({ code: 0, output: '' })
  },
)
