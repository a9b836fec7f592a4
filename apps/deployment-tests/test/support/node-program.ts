import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const app = join(here, '..', '..')
const packages = join(app, '..', '..', 'packages')
const source = (name: string): string => join(packages, name, 'src', 'index.ts')

let built: string | undefined

/** The program of a node, built once from the sources of the packages. Drivers are loaded from where they are installed. */
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
    external: ['kysely', 'libsql', 'pg', 'ioredis', '@node-rs/argon2'],
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
