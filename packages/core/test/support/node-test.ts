import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'tsup'
import { onTestFinished } from 'vitest'

const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

/** Runs a program under `node:test`, in a process of its own, and counts its tests. */
export async function runUnderNodeTest(program: URL): Promise<{ readonly passed: number; readonly failed: number }> {
  const outDir = await mkdtemp(join(tmpdir(), 'node-test-'))
  onTestFinished(() => rm(outDir, { recursive: true, force: true }))
  await build({
    entry: { program: fileURLToPath(program) },
    outDir,
    format: ['esm'],
    outExtension: () => ({ js: '.mjs' }),
    // The one package with native code is loaded by the default hasher alone.
    external: ['@node-rs/argon2'],
    noExternal: [/^(?!@node-rs)/],
    config: false,
    removeNodeProtocol: false,
    silent: true,
    esbuildOptions(options) {
      options.alias = {
        '@auth/core': source('index.ts'),
        '@auth/core/node': source('node/index.ts'),
        '@auth/core/testing': source('testing/index.ts'),
      }
    },
  })
  const run = promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', join(outDir, 'program.mjs')], {
    // The variable by which a runner of `node:test` knows that it runs within another.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    maxBuffer: 10_000_000,
  })
  // Failures end it with another code; what it printed says which.
  const { stdout } = await run.catch((error: { stdout: string }) => error)
  const count = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1])
  return { passed: count('pass'), failed: count('fail') }
}
