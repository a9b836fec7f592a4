import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const app = join(here, '..', '..')
const packages = join(app, '..', '..', 'packages')
const source = (name: string): string => join(packages, name, 'src', 'index.ts')

let built: string | undefined

/**
 * The program of a node, built once from the sources of the packages. All is in one file, but for what is native: to read some
 * hundred small ones took longer than all else of a start.
 */
export function nodeProgram(): string {
  if (built !== undefined) return built
  const outfile = join(app, 'node_modules', '.test', `node-${process.pid}-${Date.now()}.mjs`)
  buildSync({
    entryPoints: [join(here, 'node', 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    external: ['libsql', '@node-rs/argon2', 'pg-native'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    alias: {
      '@auth/core/node': join(packages, 'core', 'src', 'node', 'index.ts'),
      '@auth/core': source('core'),
      '@auth/kysely': source('kysely'),
      '@auth/redis': source('redis'),
    },
  })
  process.once('exit', () => rmSync(outfile, { force: true }))
  built = outfile
  return outfile
}
