import { defineConfig } from 'vitest/config'
import base from './vitest.config.js'

const [source, newestKysely] = base.test?.projects ?? []
if (typeof source !== 'object' || typeof newestKysely !== 'object' || !('test' in newestKysely))
  throw new Error('No projects')

// What takes too long for every change; `npm run test:full` runs it.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    env: { FULL_RUN: 'yes' },
    include: [
      '{packages,apps}/*/{src,test}/**/*.full.test.ts',
      'scripts/**/*.full.test.ts',
      // These do more here than otherwise: they look at FULL_RUN.
      'packages/redis/test/{conformance,guarantees}.test.ts',
      'apps/demo/test/deployment.test.ts',
    ],
    exclude: [],
    testTimeout: 600_000,
    projects: [
      source,
      {
        ...newestKysely,
        test: { ...newestKysely.test, include: ['packages/kysely/test/{conformance,settings.full}.test.ts'], exclude: [] },
      },
    ],
  },
})
