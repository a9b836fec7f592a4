import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['packages/*/vectors/**/*.vectors.ts'], testTimeout: 60_000 } })
