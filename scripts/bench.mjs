// Runs the benchmarks, one process each: `npm run bench -- tokens` runs those whose name contains "tokens".
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './lib/paths.mjs'
import { main, Problem } from './lib/problem.mjs'
import { runNode } from './lib/run.mjs'
import { setup } from './lib/setup.mjs'
import startServers from './test-servers.mjs'

const bench = join(root, 'bench')
const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }

await main(async () => {
  const wanted = process.argv.slice(2)
  const sources = readdirSync(bench).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const chosen = sources
    .filter((name) => name.endsWith('.bench.ts'))
    .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  if (chosen.length === 0) throw new Problem('There is no such benchmark.')
  await setup()
  mkdirSync(join(bench, '.build'), { recursive: true })
  const directory = mkdtempSync(join(bench, '.build', 'run-'))
  const stopServers = await startServers()
  let worst = 0
  try {
    for (const name of sources) {
      const { outputText } = ts.transpileModule(readFileSync(join(bench, name), 'utf8'), { compilerOptions })
      writeFileSync(join(directory, name.replace(/\.ts$/, '.js')), outputText)
    }
    const env = { ...process.env, BENCH_RESULTS: join(bench, 'results'), NODE_ENV: 'production' }
    for (const name of chosen) {
      const { code } = await runNode(join(directory, name.replace(/\.ts$/, '.js')), [], { cwd: bench, env, show: true })
      worst = Math.max(worst, code)
    }
  } finally {
    await stopServers?.()
    rmSync(directory, { recursive: true, force: true })
  }
  return worst
})
