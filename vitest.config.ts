import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What other commands run. */
const later = ['**/node_modules/**', '**/*.full.test.ts', '**/*.vectors.test.ts']

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
      { find: /^@auth\/next$/, replacement: source('packages/next/src/index.ts') },
      { find: /^@auth\/next\/instrumentation$/, replacement: source('packages/next/src/instrumentation.ts') },
      { find: /^@auth\/redis$/, replacement: source('packages/redis/src/index.ts') },
    ],
  },
  test: {
    globalSetup: source('scripts/test-servers.mjs'),
    typecheck: { enabled: false },
    // Generous: only what hangs may run into them, on a busy machine too.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 2,
    allowOnly: false,
    projects: [
      {
        // Of the packages: these leave nothing behind that another file could meet, and share what they import.
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/!(next)/{src,test}/**/*.test.ts'],
          exclude: later,
          isolate: false,
        },
      },
      {
        // Each in a process of its own: the adapter for Next, whose copies in one process know each other, among them.
        extends: true,
        test: {
          name: 'apps',
          include: [
            'packages/next/{src,test}/**/*.test.ts',
            'apps/*/test/**/*.test.ts',
            'scripts/**/*.test.ts',
            'bench/*.test.ts',
          ],
          exclude: later,
        },
      },
    ],
  },
})
