import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    // Tests run on the source; what is built and packed has tests of its own.
    alias: [
      { find: /^@auth\/core$/, replacement: source('packages/core/src/index.ts') },
      { find: /^@auth\/core\/(.+)$/, replacement: source('packages/core/src/$1/index.ts') },
      { find: /^@auth\/express$/, replacement: source('packages/express/src/index.ts') },
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
    typecheck: { enabled: false },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    allowOnly: false,
  },
})
