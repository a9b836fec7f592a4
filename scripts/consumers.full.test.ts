import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  compileConsumer,
  consumers,
  examplePrograms,
  flavourNames,
  makeConsumer,
  nodeOf,
  programOf,
} from './lib/consumers.mjs'
import { runNpm } from './lib/npm.mjs'
import { installTarballs, packAll } from './lib/pack.mjs'
import { writeRecipes } from './lib/recipes.mjs'
import { run } from './lib/run.mjs'
import { visit, welcome, withServer } from './lib/visits.mjs'

/** For an installation on a busy machine. */
const longestMs = 600_000

const versions = ['this', '22', '24', '26']
const examplesOf = (consumer: (typeof consumers)[number]) => (examplePrograms('', consumer).length > 0 ? versions : [])

let directory: string
let tarballs: readonly string[]
const nodes = new Map<string, string>([['this', process.execPath]])

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'auth-sdk-consumers-'))
  tarballs = [...(await packAll(join(directory, 'tarballs'))).values()]
  for (const version of versions.slice(1)) nodes.set(version, await nodeOf(version, directory))
}, longestMs)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe.each(consumers)('a project with $name', (consumer) => {
  const project = (): string => join(directory, consumer.name)

  beforeAll(async () => {
    const { code, output } = await makeConsumer(project(), consumer, tarballs)
    expect(code, output).toBe(0)
  }, longestMs)

  it.each(flavourNames)('compiles as %s, with declarations of what was inferred', async (flavour) => {
    expect(await compileConsumer(project(), flavour)).toBe('')
  })

  it.each(examplesOf(consumer))('runs the examples of its pages, as printed, on Node: %s', async (version) => {
    // One by one: more than one of them listens on the port that pages name.
    for (const program of examplePrograms(project(), consumer)) {
      const { code, output } = await run(nodes.get(version) ?? '', [program], { cwd: project() })
      expect(code, `${program}\n${output}`).toBe(0)
    }
  })

  describe.each(['esm', 'cjs'] as const)('as %s', (flavour) => {
    it.each(versions)('serves on Node: %s', async (version) => {
      const program = programOf(project(), consumer, flavour)
      const options = { cwd: project(), env: { PORT: '0' } }
      expect(await withServer(nodes.get(version) ?? '', [program], options, visit)).toEqual(welcome)
    })
  })
})

describe('the servers of docs/other-servers.md', () => {
  const project = (): string => join(directory, 'runtimes')
  const program = (name: string): string => join(project(), 'node_modules', '.bin', name)

  beforeAll(async () => {
    const { code, output } = await installTarballs(project(), [...tarballs])
    expect(code, output).toBe(0)
    const runtimes = await runNpm(['install', '--no-audit', '--no-fund', 'bun@1.4.5', 'deno@2.9.6'], { cwd: project() })
    expect(runtimes.code, runtimes.output).toBe(0)
    writeRecipes(project(), ['bun-server', 'deno-server'])
  }, longestMs)

  it('serve on Bun', async () => {
    const options = { cwd: project(), env: { PORT: '0' } }
    expect(await withServer(program('bun'), ['bun-server.ts'], options, visit)).toEqual(welcome)
  })

  it('serve on Deno', async () => {
    const allowed = ['--allow-net', '--allow-env', '--allow-read', '--allow-ffi']
    const args = ['serve', ...allowed, '--port', '0', 'deno-server.ts']
    expect(await withServer(program('deno'), args, { cwd: project() }, visit)).toEqual(welcome)
  })
})
