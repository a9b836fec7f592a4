import { defineConfig } from 'vitest/config'
import base from './vitest.config.js'

// What takes too long for every change; `npm run test:full` runs it.
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['{packages,apps}/*/{src,test}/**/*.full.test.ts'], exclude: [], testTimeout: 600_000 },
})
