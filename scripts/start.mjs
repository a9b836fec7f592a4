import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { buildNextDemo, nextDemo } from './lib/next-demo.mjs'
import { root } from './lib/paths.mjs'
import { main, Problem } from './lib/problem.mjs'
import { setup } from './lib/setup.mjs'

const adapters = ['express', 'fastify', 'koa', 'next']

await main(async () => {
  const { values } = parseArgs({ options: { adapter: { type: 'string', default: 'express' } }, strict: false })
  if (!adapters.includes(String(values.adapter))) {
    throw new Problem(`There is no adapter named ${values.adapter}. Available: ${adapters.join(', ')}.`)
  }
  await setup()
  if (values.adapter === 'next') await buildNextDemo()
  // In this very process, so that arguments, signals and the exit code are the demo's own.
  const program = values.adapter === 'next' ? nextDemo : join(root, 'apps', 'demo', 'dist', 'main.js')
  await import(pathToFileURL(program).href)
})
