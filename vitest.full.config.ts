import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/lib/longest-first.js'
import base from './vitest.config.js'

const { projects: _, ...shared } = base.test ?? {}

// What takes too long for every change; `npm run test:full` runs it.
export default defineConfig({
  ...base,
  test: {
    ...shared,
    env: { FULL_RUN: 'yes' },
    testTimeout: 600_000,
    sequence: { sequencer: LongestFirst },
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
            'packages/kysely/test/api-keys.test.ts',
            'apps/demo/test/deployment.test.ts',
          ],
        },
      },
      {
        // Once more on the newest Kysely that the package supports, but for what does not depend on its version: what is above
        // the stores, and what races in several processes.
        extends: true,
        resolve: {
          alias: [
            { find: /^kysely$/, replacement: 'kysely-029' },
            { find: /^kysely\/(.+)$/, replacement: 'kysely-029/$1' },
          ],
        },
        test: {
          name: 'kysely 0.29',
          include: [
            'packages/kysely/src/**/*.test.ts',
            'packages/kysely/test/!(api-keys|key-processes|roles|processes|rotation|scale.full).test.ts',
          ],
        },
      },
    ],
  },
})
