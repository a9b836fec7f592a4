// The page "Write your own store" is proven by what it says: its own files, run as it tells its readers to.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { linkPackages } from './docs.mjs'
import { readExamples } from './lib/examples.mjs'
import { root } from './lib/paths.mjs'
import { runNode } from './lib/run.mjs'

const page = 'docs/custom-store.md'
/** What is used of `pg`, which is a dependency of a package and not of these scripts. */
interface Pg {
  readonly Client: new (settings: {
    connectionString: string
  }) => { connect(): Promise<void>; query(statement: string): Promise<unknown>; end(): Promise<void> }
}
const pg: Pg = createRequire(join(root, 'packages/kysely/package.json'))('pg')

/** An empty database on the Postgres of this run, which goes with the test. */
async function createDatabase(): Promise<string> {
  const server = await fetch(`${process.env.AUTH_TEST_SERVERS}/postgres`).then((response) => response.text())
  const name = `auth_page_${process.pid}_${Date.now()}`
  const onServer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  await onServer(`create database ${name}`)
  onTestFinished(() => onServer(`drop database ${name} with (force)`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** A project with the page's files in it, as a reader would have it. */
function createProject(): string {
  const directory = mkdtempSync(join(tmpdir(), 'auth-custom-store-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'somebodys-app', type: 'module', private: true }))
  linkPackages(directory)
  symlinkSync(join(root, 'node_modules/vitest'), join(directory, 'node_modules/vitest'), 'dir')
  const { examples, problems } = readExamples(page, readFileSync(join(root, page), 'utf8'))
  expect(problems).toEqual([])
  expect(examples.map(({ name }) => name)).toEqual(['own-users', 'app', 'pg-sessions', 'stores.test'])
  for (const { name, text } of examples) writeFileSync(join(directory, `${name}.ts`), text)
  return directory
}

interface Report {
  readonly numTotalTests: number
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[]
  }[]
}

it('ST-01 the stores of the page "Write your own store" pass the kit', async () => {
  const directory = createProject()
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|TEST$)/.test(name))
  const env = { ...Object.fromEntries(own), DATABASE_URL: await createDatabase() }
  const args = ['run', 'stores.test.ts', '--root', directory, '--reporter=json', '--outputFile=report.json']
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const { output } = await runNode(program, args, { cwd: directory, env, timeoutMs: 540_000 })
  const { numTotalTests, testResults }: Report = JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8'))
  const failed = testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status !== 'passed')
  expect(failed, output).toEqual([])
  expect(numTotalTests).toBeGreaterThan(60)
}, 600_000)
