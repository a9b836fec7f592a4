/**
 * The build of one package or app, into a folder that nobody loads from: `place.mjs` brings it to `dist`.
 * @param {Record<string, string>} entry Source file of each entry point.
 * @param {{ types?: boolean }} [options]
 * @returns {import('tsup').Options}
 */
export function bundle(entry, { types = true } = {}) {
  return { entry, outDir: '.build', format: ['esm'], target: 'node20', dts: types, sourcemap: true, clean: true }
}
