import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts', argon2: 'src/argon2/index.ts', node: 'src/node/index.ts', testing: 'src/testing/index.ts' },
  format: ['esm'],
  target: 'node20',
  dts: true,
  sourcemap: true,
  clean: true,
})
