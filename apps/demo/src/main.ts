import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '@auth/core'
import { createApp } from './app.js'
import { createDemoAuth, type DemoAuth, ensureAdmin } from './auth.js'
import { keptSecret } from './secret.js'
import { readSettings, type Settings, StartError, unusedVariables } from './settings.js'

const maintenanceMs = 3_600_000
/** How long requests that are under way may take to finish when the demo is told to stop. */
const patienceMs = 10_000

async function start(): Promise<void> {
  const settings = readSettings(process.env, process.argv.slice(2))
  for (const name of unusedVariables(process.env)) console.error(`${name} is set, but this version does not use it yet`)
  const secret = settings.AUTH_SECRET ?? (await keptSecret(settings.DATA_DIR))
  let answer: RequestListener = (_req, res) => void res.writeHead(503, { 'retry-after': '1' }).end()
  const server = createServer((req, res) => answer(req, res))
  const port = await listen(server, settings.PORT)
  const issuer = settings.ISSUER ?? `http://localhost:${port}`
  const auth = await prepare(settings, issuer, secret)
  answer = createApp(auth)
  stopOnSignal(server, maintainNowAndThen(auth))
  console.log(`ready: http://localhost:${port}`)
}

async function prepare(settings: Settings, issuer: string, secret: string): Promise<DemoAuth> {
  const auth = createDemoAuth(settings, { issuer, secret })
  await auth.ready()
  await ensureAdmin(auth, settings)
  return auth
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new StartError(`cannot listen on port ${port}: ${error.message}`)))
    server.listen(port, () => resolve((server.address() as AddressInfo).port)) // A TCP server has no other address.
  })
}

function maintainNowAndThen(auth: DemoAuth): NodeJS.Timeout {
  const maintain = (): void => {
    auth.maintain().catch((error: unknown) => console.error('maintenance failed', error))
  }
  return setInterval(maintain, maintenanceMs)
}

/** Takes no new connections, lets requests that are under way finish, and leaves the process with nothing to do. */
function stopOnSignal(server: Server, maintenance: NodeJS.Timeout): void {
  const stop = (): void => {
    clearInterval(maintenance)
    const sweep = setInterval(() => server.closeIdleConnections(), 100)
    const patience = setTimeout(() => server.closeAllConnections(), patienceMs)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(patience)
    })
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
}

start().catch((error: unknown) => {
  const expected = error instanceof StartError || error instanceof ConfigError
  console.error(expected ? error.message : error)
  process.exit(1)
})
