import { defineConfig } from 'tsup'

/**
 * The build of one package or app, into a folder that nobody loads from: `place.mjs` brings it to `dist`.
 * @param {Record<string, string>} entry Source file of each entry point.
 * @param {{ types?: boolean }} [options]
 */
export function bundle(entry, { types = true } = {}) {
  return defineConfig({
    entry,
    outDir: '.build',
    format: ['esm'],
    target: 'node20',
    dts: types,
    sourcemap: true,
    clean: true,
  })
}
