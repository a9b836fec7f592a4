import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { mainWithCounts } from './lib/counts.mjs'
import { Problem } from './lib/problem.mjs'
import { setup } from './lib/setup.mjs'
import { runTests } from './lib/vitest.mjs'

await mainWithCounts(async () => {
  const directory = process.env.WYCHEPROOF_DIR
  if (!directory || !existsSync(directory)) {
    throw new Problem(
      'WYCHEPROOF_DIR must name the folder with the Wycheproof test vectors; CONTRIBUTING.md says where to get them.',
    )
  }
  await setup()
  const args = ['--config', 'vitest.vectors.config.ts', ...process.argv.slice(2)]
  return runTests(args, { WYCHEPROOF_DIR: resolve(directory) })
})
