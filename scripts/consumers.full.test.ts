import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileConsumers, consumers, examplePrograms, makeConsumer, nodeOf, programOf } from './lib/consumers.mjs'
import { installTarballs, packAll } from './lib/pack.mjs'
import { writeRecipes } from './lib/recipes.mjs'
import { run } from './lib/run.mjs'
import { smoke } from './lib/smoke.mjs'
import { visit, welcome, withServer } from './lib/visits.mjs'

/** For installations on a busy machine. */
const longestMs = 1_200_000

const versions = ['this', '22', '24', '26']
const examplesOf = (consumer: (typeof consumers)[number]) => (examplePrograms('', consumer).length > 0 ? versions : [])

let directory: string
let tarballs: ReadonlyMap<string, string>
let problems: ReadonlyMap<string, string>
const nodes = new Map<string, string>([['this', process.execPath]])

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'auth-sdk-consumers-'))
  tarballs = await packAll(join(directory, 'tarballs'))
  for (const version of versions.slice(1)) nodes.set(version, await nodeOf(version, directory))
  for (const consumer of consumers) {
    const { code, output } = await makeConsumer(join(directory, consumer.name), consumer, tarballs)
    expect(code, output).toBe(0)
  }
  problems = await compileConsumers(directory)
}, longestMs)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe.each(consumers)('a project with $name', (consumer) => {
  const project = (): string => join(directory, consumer.name)

  it('compiles as modules of ECMAScript, for a bundler and as CommonJS, with declarations of what was inferred', () => {
    expect(problems.get(consumer.name)).toBe('')
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

describe.each(consumers.filter(({ ours }) => ours === 'all'))('all packages, in the project with $name', ({ name }) => {
  it.each(versions)('load by import and by require, and work, on Node: %s', async (version) => {
    const { steps, wrong } = await smoke(nodes.get(version) ?? '', join(directory, name))
    expect(wrong).toEqual([])
    for (const ours of tarballs.keys()) expect(steps).toEqual(expect.arrayContaining([`import ${ours}`, `require ${ours}`]))
    expect(steps.at(-1)).toMatch(/^(register, pass a guard|the stores on node:sqlite)/)
  })
})

describe('the servers of docs/other-servers.md', () => {
  const project = (): string => join(directory, 'runtimes')
  const program = (name: string): string => join(project(), 'node_modules', '.bin', name)

  beforeAll(async () => {
    const core = tarballs.get('@auth/core') ?? ''
    const { code, output } = await installTarballs(project(), [core], ['bun@1.4.5', 'deno@2.9.6'])
    expect(code, output).toBe(0)
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
