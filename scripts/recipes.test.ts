import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkPackages } from './docs.mjs'
import { cache } from './lib/paths.mjs'
import { writeRecipes } from './lib/recipes.mjs'
import { visit, welcome, withServer } from './lib/visits.mjs'

let directory: string

beforeAll(() => {
  mkdirSync(cache, { recursive: true })
  directory = mkdtempSync(join(cache, 'recipes-'))
  writeRecipes(directory)
  linkPackages(directory)
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('the servers of docs/other-servers.md', () => {
  it.each(['hono-node', 'nest-server', 'hapi-server'])('%s registers, signs in, lets pass and refuses', async (name) => {
    const seen = await withServer(process.execPath, [`${name}.js`], { cwd: directory, env: { PORT: '0' } }, visit)
    expect(seen).toEqual(welcome)
  })
})
