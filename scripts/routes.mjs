import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './lib/paths.mjs'
import { main } from './lib/problem.mjs'
import { setup } from './lib/setup.mjs'

await main(async () => {
  await setup()
  await import(pathToFileURL(join(root, 'apps', 'demo', 'dist', 'routes.js')).href)
})
