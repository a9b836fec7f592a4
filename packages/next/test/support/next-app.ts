import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HttpAppSettings, StartedApp } from '@auth/core/testing'

/** Where the app is. */
export const appDirectory: string = fileURLToPath(new URL('../app/', import.meta.url))
const ownNext = dirname(createRequire(import.meta.url).resolve('next/package.json'))

/** An app of Next: it is built once, and started with settings as often as it is needed. */
export interface NextApp {
  build(): Promise<void>
  /** Starts what was built. */
  start(settings: HttpAppSettings): Promise<StartedApp>
}

/** The app in a directory, with the Next installed in another. */
export function nextApp(directory: string = appDirectory, next: string = ownNext): NextApp {
  const program = join(next, 'dist', 'bin', 'next')
  return {
    async build() {
      const env = environment(await someSettings())
      const { code, output } = await finished(spawn(process.execPath, [program, 'build'], { cwd: directory, env }))
      if (code !== 0) throw new Error(`the app was not built:\n${output}`)
    },
    async start(settings) {
      const env = environment(settings)
      // Port 0 is a free one.
      const args = [program, 'start', '--port', '0', '--hostname', settings.host]
      const server = spawn(process.execPath, args, { cwd: directory, env })
      const url = await listening(server)
      return {
        url,
        async close() {
          server.kill('SIGKILL')
          if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
        },
      }
    },
  }
}

/** Settings for an app that the kit does not start. */
export async function someSettings(): Promise<HttpAppSettings> {
  const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const signingKey = { ...(await crypto.subtle.exportKey('jwk', privateKey)), kid: 'app', alg: 'ES256', use: 'sig' }
  const secret = crypto.randomUUID() + crypto.randomUUID()
  const issuer = 'https://app.example.com'
  return { issuer, secret, signingKey, trustedProxies: [], isDown: false, host: '127.0.0.1', pageOrigin: null }
}

function environment(settings: HttpAppSettings): NodeJS.ProcessEnv {
  // Vitest's own NODE_ENV is none of Next's.
  const { NODE_ENV: _, ...own } = process.env
  return { ...own, NEXT_TELEMETRY_DISABLED: '1', APP_SETTINGS: JSON.stringify(settings) } as NodeJS.ProcessEnv
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
