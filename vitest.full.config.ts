import { defineConfig } from 'vitest/config'
import base from './vitest.config.js'

const { include: _, exclude: __, projects = [], ...shared } = base.test ?? {}
const [source, newestKysely] = projects
if (typeof source !== 'object' || typeof newestKysely !== 'object' || !('resolve' in newestKysely))
  throw new Error('vitest.config.ts has other projects than this file knows')

// What takes too long for every change; `npm run test:full` runs it.
export default defineConfig({
  ...base,
  test: {
    ...shared,
    env: { FULL_RUN: 'yes' },
    testTimeout: 600_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'source',
          include: [
            '{packages,apps}/*/{src,test}/**/*.full.test.ts',
            'scripts/**/*.full.test.ts',
            // These do more here than otherwise: they look at FULL_RUN.
            'packages/redis/test/{conformance,guarantees}.test.ts',
            'apps/demo/test/deployment.test.ts',
          ],
        },
      },
      {
        extends: true,
        resolve: newestKysely.resolve,
        test: { name: 'kysely 0.29', include: ['packages/kysely/test/{conformance,settings.full}.test.ts'] },
      },
    ],
  },
})
