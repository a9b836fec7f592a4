import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HttpAppSettings, StartedApp } from '@auth/core/testing'

/** Where the app is. */
const app = fileURLToPath(new URL('../app/', import.meta.url))
const next = join(dirname(createRequire(import.meta.url).resolve('next/package.json')), 'dist', 'bin', 'next')

/** Starts the built app with settings. */
export async function startNext(settings: HttpAppSettings): Promise<StartedApp> {
  const env = environment(settings)
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

/** Builds the app. */
export async function buildNext(): Promise<void> {
  const child = spawn(process.execPath, [next, 'build'], { cwd: app, env: environment(await someSettings()) })
  const { code, output } = await finished(child)
  if (code !== 0) throw new Error(`the app was not built:\n${output}`)
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
