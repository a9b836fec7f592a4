import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

/** The client as a page would load it: one minified module, of its door and nothing else, without what only services import. */
export async function bundleClient(options: { readonly globalName?: string } = {}): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `export { AuthClientError, createAuthClient } from './index.ts'`, resolveDir: source('.') },
    bundle: true,
    write: false,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    format: options.globalName === undefined ? 'esm' : 'iife',
    ...options,
  })
  return outputFiles[0]?.text ?? ''
}
