// What takes too long for every change: the tests named *.full.test.ts, those of the packed packages on every supported Node among them.
import { ensureChromium } from './lib/chromium.mjs'
import { mainWithCounts } from './lib/counts.mjs'
import { setup } from './lib/setup.mjs'
import { runTests } from './lib/vitest.mjs'

await mainWithCounts(async () => {
  await setup()
  const args = ['--config', 'vitest.full.config.ts', ...process.argv.slice(2)]
  return runTests(args, { CHROMIUM: await ensureChromium() })
})
