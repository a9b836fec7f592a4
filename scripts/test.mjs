import { ensureChromium } from './lib/chromium.mjs'
import { mainWithCounts } from './lib/counts.mjs'
import { setup } from './lib/setup.mjs'
import { runTests } from './lib/vitest.mjs'

await mainWithCounts(async () => {
  await setup()
  return runTests(process.argv.slice(2), { CHROMIUM: await ensureChromium() })
})
