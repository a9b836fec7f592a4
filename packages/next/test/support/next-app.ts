import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HttpAppSettings, StartedApp } from '@auth/core/testing'

/** Where the app is. */
const app = fileURLToPath(new URL('../app/', import.meta.url))
const next = join(dirname(createRequire(import.meta.url).resolve('next/package.json')), 'dist', 'bin', 'next')

/** Starts the app with settings, and builds it before the first time. */
export async function startNext(settings: HttpAppSettings, more: NodeJS.ProcessEnv = {}): Promise<StartedApp> {
  await build(settings)
  const env = environment(settings, more)
  // Port 0 is a free one.
  const server = spawn(process.execPath, [next, 'start', '--port', '0', '--hostname', settings.host], { cwd: app, env })
  const url = await listening(server)
  return {
    url,
    async close() {
      server.kill('SIGKILL')
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
    },
  }
}

let built: Promise<void> | undefined

/** One build serves every app of a test file. */
function build(settings: HttpAppSettings): Promise<void> {
  built ??= (async () => {
    const child = spawn(process.execPath, [next, 'build'], { cwd: app, env: environment(settings) })
    const { code, output } = await finished(child)
    if (code !== 0) throw new Error(`the app was not built:\n${output}`)
  })()
  return built
}

function environment(settings: HttpAppSettings, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  // Vitest's own NODE_ENV is none of Next's.
  const { NODE_ENV: _, ...own } = process.env
  return { ...own, ...more, NEXT_TELEMETRY_DISABLED: '1', APP_SETTINGS: JSON.stringify(settings) } as NodeJS.ProcessEnv
}

async function finished(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data.toString()))
  const [code] = (await once(child, 'close')) as [number | null] // As Node gives it.
  return { code, output }
}

/** Resolves with the URL when the server says that it is ready. */
function listening(server: ChildProcess): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    const hear = (data: Buffer): void => {
      output += data.toString()
      const port =
        /http:\/\/[^\s:]+(?:\[[^\]]*\])?:(\d+)/.exec(output)?.[1] ?? /Local:\s+http:\/\/\S*:(\d+)/.exec(output)?.[1]
      if (port !== undefined && output.includes('Ready in')) resolve(`http://127.0.0.1:${port}`)
    }
    server.stdout?.on('data', hear)
    server.stderr?.on('data', hear)
    server.once('exit', (code) => reject(new Error(`next start ended with ${code}:\n${output}`)))
  })
}
