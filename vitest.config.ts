import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    // Tests run on the source; what is built and packed has tests of its own.
    alias: [
      { find: /^@auth\/core$/, replacement: source('packages/core/src/index.ts') },
      { find: /^@auth\/core\/(.+)$/, replacement: source('packages/core/src/$1/index.ts') },
      { find: /^@auth\/client$/, replacement: source('packages/client/src/index.ts') },
      { find: /^@auth\/express$/, replacement: source('packages/express/src/index.ts') },
      { find: /^@auth\/fastify$/, replacement: source('packages/fastify/src/index.ts') },
      { find: /^@auth\/koa$/, replacement: source('packages/koa/src/index.ts') },
      { find: /^@auth\/kysely$/, replacement: source('packages/kysely/src/index.ts') },
      { find: /^@auth\/redis$/, replacement: source('packages/redis/src/index.ts') },
    ],
  },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'apps/*/test/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/*.test.ts',
    ],
    exclude: ['**/*.full.test.ts', '**/*.vectors.test.ts'],
    globalSetup: source('scripts/test-servers.mjs'),
    typecheck: { enabled: false },
    // Generous: only what hangs may run into them, on a busy machine too.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
    allowOnly: false,
    projects: [
      { extends: true, test: { name: 'source' } },
      {
        // Once more on the newest Kysely that the package supports.
        extends: true,
        resolve: {
          alias: [
            { find: /^kysely$/, replacement: 'kysely-029' },
            { find: /^kysely\/(.+)$/, replacement: 'kysely-029/$1' },
          ],
        },
        test: {
          name: 'kysely 0.29',
          // What is above the stores, and what races in several processes, does not depend on Kysely's version; a full run
          // does the stores' kit.
          exclude: [
            'packages/!(kysely)/**',
            '**/kysely/test/{conformance,api-keys,key-processes,roles,processes,rotation}.test.ts',
            'apps/**',
            'scripts/**',
            'bench/**',
          ],
        },
      },
    ],
  },
})
