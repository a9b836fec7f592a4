import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildNextDemo, nextDemo } from '../../../scripts/lib/next-demo.mjs'

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** A run of the built demo. */
export interface DemoRun {
  readonly child: ChildProcess
  /** All that it wrote so far. */
  output(): { stdout: string; stderr: string }
  /** The code it ended with. */
  readonly exit: Promise<number | null>
}

/** A demo that answers. */
export interface RunningDemo extends DemoRun {
  readonly url: string
  readonly port: number
  readonly dataDir: string
  /** Ends it as an operator would; resolves with its exit code. */
  stop(): Promise<number | null>
}

/** Starts the built demo with nothing in its environment but what is given. */
export function runDemo(env: Readonly<Record<string, string>>, args: readonly string[] = []): DemoRun {
  if (!existsSync(program))
    throw new Error(`${program} is missing: the demo is tested as it is built, so build first (npm run build)`)
  const child = spawn(process.execPath, isOnNext(args) ? [nextDemo] : [program, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.stderr += text
  })
  const exit = once(child, 'close').then(([code]) => code as number | null)
  return { child, exit, output: () => ({ ...written }) }
}

function isOnNext(args: readonly string[]): boolean {
  return args[0] === '--adapter' && args[1] === 'next'
}

/** Starts the built demo on a free port and waits until it answers. Next's part of it is built here, where it has changed. */
export async function startDemo(
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<RunningDemo> {
  if (isOnNext(args)) await buildNextDemo()
  const ownDataDir = env.DATA_DIR === undefined ? await mkdtemp(join(tmpdir(), 'auth-demo-')) : null
  const dataDir = env.DATA_DIR ?? (ownDataDir as string) // One of them is set.
  const run = runDemo({ PORT: '0', DATA_DIR: dataDir, ...env }, args)
  const url = await readyUrl(run)
  return {
    ...run,
    url,
    port: Number(new URL(url).port),
    dataDir,
    async stop() {
      run.child.kill('SIGTERM')
      const code = await run.exit
      if (ownDataDir) await rm(ownDataDir, { recursive: true, force: true })
      return code
    },
  }
}

async function readyUrl({ child, exit, output }: DemoRun): Promise<string> {
  const ready = new Promise<string>((resolve) => {
    child.stdout?.on('data', () => {
      const url = /^ready: (\S+)$/m.exec(output().stdout)?.[1]
      if (url) resolve(url)
    })
  })
  const ended = exit.then((code) => {
    throw new Error(`the demo ended with ${code} before it was ready: ${output().stderr}`)
  })
  return Promise.race([ready, ended])
}
