import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

/** The client as a browser would load it: one minified module, of its door and nothing else. */
export async function bundleClient(options: { readonly globalName?: string } = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source('index.ts')],
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
