import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '@auth/core'
import { createDemoAuth, type DemoAuth, ensureAdmin } from './auth.js'
import { makeDataFolder } from './data-folder.js'
import { joinDeployment } from './deployment.js'
import { createEndpoints } from './endpoints.js'
import { createOrderBook } from './orders.js'
import { pageEndpoints } from './page.js'
import { keptSecret } from './secret.js'
import { createDemoServer } from './servers/index.js'
import { readSettings, type Settings, unusedVariables } from './settings.js'
import { StartError } from './start-error.js'
import { openStorage, type Storage } from './storage/index.js'

const maintenanceMs = 3_600_000
/** How long requests that are under way may take to finish when the demo is told to stop. */
const patienceMs = 10_000
/** How long a database may take to say goodbye. */
const closingMs = 3000

async function start(): Promise<void> {
  const settings = readSettings(process.env, process.argv.slice(2))
  for (const name of unusedVariables(process.env)) console.error(`${name} is set, but this version does not use it yet`)
  if (settings.AUTH_SECRET === undefined || settings.DATABASE_URL === undefined) await makeDataFolder(settings.DATA_DIR)
  const secret = settings.AUTH_SECRET ?? (await keptSecret(settings.DATA_DIR))
  let answer: RequestListener = (_req, res) => void res.writeHead(503, { 'retry-after': '1' }).end()
  const server = createServer((req, res) => answer(req, res))
  const port = await listen(server, settings.PORT)
  const storage = await openStorage(settings)
  console.log(`stores: ${storage.label}`)
  const auth = await prepare(settings, storage, { secret, port })
  console.log(`issuer: ${auth.issuer}`)
  const endpoints = [...createEndpoints(auth, createOrderBook(storage.db)), ...pageEndpoints()]
  answer = (await createDemoServer(settings.adapter, { auth, endpoints })).listener
  stopOnSignal(server, maintainNowAndThen(auth), () => close(auth, storage))
  console.log(`ready: http://localhost:${port}`)
}

async function prepare(settings: Settings, storage: Storage, self: { secret: string; port: number }): Promise<DemoAuth> {
  const membership = await joinDeployment(storage, settings, self)
  const auth = createDemoAuth(settings, { ...membership, secret: self.secret, stores: storage.stores })
  await auth.ready().catch((error: unknown) => {
    throw isAboutStores(error) ? new StartError(`${error.message}\n${sameStores}`) : error
  })
  await ensureAdmin(auth, settings)
  return auth
}

const sameStores =
  'Give every process of a deployment the same DATABASE_URL (or DATA_DIR) and REDIS_URL. A deployment that is to have\n' +
  'other stores begins anew, with an empty database or another DATA_DIR.'

function isAboutStores(error: unknown): error is ConfigError {
  return error instanceof ConfigError && error.problems.some(({ path }) => path.startsWith('stores.'))
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new StartError(`cannot listen on port ${port}: ${error.message}`)))
    server.listen(port, () => resolve((server.address() as AddressInfo).port)) // A TCP server has no other address.
  })
}

/** Every process does: two at once take turns, and one that is stopped is made up for by the others. */
function maintainNowAndThen(auth: DemoAuth): NodeJS.Timeout {
  const maintain = (): void => {
    auth.maintain().catch((error: unknown) => console.error('maintenance failed', error))
  }
  return setInterval(maintain, maintenanceMs)
}

/** Takes no new connections, lets requests that are under way finish, and then has nothing left to do. */
function stopOnSignal(server: Server, maintenance: NodeJS.Timeout, finish: () => Promise<void>): void {
  const stop = (): void => {
    clearInterval(maintenance)
    const sweep = setInterval(() => server.closeIdleConnections(), 100)
    const patience = setTimeout(() => server.closeAllConnections(), patienceMs)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(patience)
      void finish()
    })
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
}

/** Writes down the uses of API keys, and closes the stores. A database that does not answer keeps nobody here. */
async function close(auth: DemoAuth, storage: Storage): Promise<void> {
  setTimeout(() => process.exit(), closingMs).unref()
  await auth.apiKeys.flushUses().catch((error: unknown) => console.error('uses of API keys could not be written', error))
  await storage.close().catch((error: unknown) => console.error('the stores could not be closed', error))
}

start().catch((error: unknown) => {
  const expected = error instanceof StartError || error instanceof ConfigError
  console.error(expected ? error.message : error)
  process.exit(1)
})
