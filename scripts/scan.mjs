// Looks for API keys where none should be: `npm run scan -- <path>` in a tree and the history of its repository, `-` in what is piped in.
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from './lib/paths.mjs'
import { main, Problem } from './lib/problem.mjs'
import { run } from './lib/run.mjs'
import { scanChunks, scanHistory, scanTree } from './lib/scan.mjs'
import { setup } from './lib/setup.mjs'

const usage =
  'Usage: npm run scan -- <path>, or - for what is piped in. --no-history leaves the history of a repository out.'

await main(async () => {
  const { values, positionals } = parseArgs({
    options: { history: { type: 'boolean', default: true } },
    allowPositionals: true,
    allowNegative: true,
  })
  const [given, ...more] = positionals
  if (given === undefined || more.length > 0) throw new Problem(usage)
  await setup()
  const { findApiKeys } = await import(pathToFileURL(join(root, 'packages', 'core', 'dist', 'index.js')).href)
  const findings = []
  if (given === '-') {
    findings.push(...(await scanChunks('(standard input)', process.stdin, findApiKeys)))
  } else {
    const path = resolve(process.env.INIT_CWD ?? process.cwd(), given)
    findings.push(...(await scanTree(path, findApiKeys)))
    if (values.history && (await isInRepository(path))) findings.push(...(await scanHistory(path, findApiKeys)))
  }
  for (const { place, line, masked } of findings) console.log(`${printable(place)}:${line} ${masked}`)
  const keys = new Set(findings.map(({ key }) => key)).size
  console.error(keys === 0 ? 'No API key was found.' : `${keys === 1 ? 'One API key was' : `${keys} API keys were`} found.`)
  return keys === 0 ? 0 : 1
})

/**
 * A file's name may hold what moves a terminal's cursor or begins a line of its own.
 * @param {string} name
 */
function printable(name) {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => JSON.stringify(char).slice(1, -1))
}

/**
 * Whether a directory belongs to a Git repository, and Git is there to read it.
 * @param {string} path
 */
async function isInRepository(path) {
  const asked = await run('git', ['-C', path, 'rev-parse', '--git-dir']).catch(() => ({ code: 1 }))
  return asked.code === 0
}
