import { expect, it } from 'vitest'
import { runTsc, typeProjects } from './lib/types.mjs'

// `npm run check` looks with the fast compiler; the types are for the users of this one.
it.each(typeProjects().filter((project) => project.startsWith('packages/')))(
  'the types of %s hold with the compiler that builds',
  async (project) => {
    expect(await runTsc('typescript', '-p', project)).toMatchObject({ code: 0, output: '' })
  },
)
