import { ConfigError } from '@auth/core'
import { createDemoAuth, type DemoAuth, ensureAdmin } from './auth.js'
import { makeDataFolder } from './data-folder.js'
import { ensureClient } from './demo-client.js'
import { joinDeployment } from './deployment.js'
import { createEndpoints, type Endpoint, maxBodyBytes } from './endpoints.js'
import { outboxEndpoints } from './mail/mail-endpoints.js'
import { createOutbox, type Outbox } from './mail/outbox.js'
import { createOrderBook, type OrderBook } from './orders.js'
import { pageEndpoints, securityHeaders } from './page.js'
import { openProviders, type Providers } from './providers.js'
import { keptSecret } from './secret.js'
import { readSettings, type Settings } from './settings.js'
import { StartError } from './start-error.js'
import { openStorage, type Storage } from './storage/index.js'

export { stopOnSignal } from './stop.js'
export type { DemoAuth, Endpoint, OrderBook, Settings }
export { securityHeaders }

const maintenanceMs = 3_600_000
/** How long a database may take to say goodbye. */
const closingMs = 3000

/** A process of the demo that is ready to serve, whatever on. */
export interface Demo {
  readonly auth: DemoAuth
  /** The routes of the app itself, the page's included. */
  readonly endpoints: readonly Endpoint[]
  /** What a body of theirs may be at most. */
  readonly maxBodyBytes: number
  readonly orders: OrderBook
  /** Set on every answer. */
  readonly securityHeaders: Readonly<Record<string, string>>
  /** Writes down the uses of API keys, lets mails go out, and closes the stores. A database that does not answer keeps nobody here. */
  close(): Promise<void>
}

/** Reads the settings, and names on the error output what is set in vain. @throws StartError that names every mistake */
export function demoSettings(env: NodeJS.ProcessEnv, args: readonly string[]): Settings {
  const settings = readSettings(env, args)
  return settings
}

/**
 * Opens the stores, joins the deployment that keeps them, and prints both.
 * @param port Where this process listens.
 * @throws StartError, ConfigError
 */
export async function openDemo(settings: Settings, port: number): Promise<Demo> {
  if (settings.AUTH_SECRET === undefined || settings.DATABASE_URL === undefined) await makeDataFolder(settings.DATA_DIR)
  const secret = settings.AUTH_SECRET ?? (await keptSecret(settings.DATA_DIR))
  const storage = await openStorage(settings)
  console.log(`stores: ${storage.label}`)
  const outbox = settings.SMTP_URL === undefined ? createOutbox(storage.db) : null
  const providers = await openProviders(settings)
  const auth = await prepare(settings, storage, { secret, port, outbox, providers })
  console.log(`issuer: ${auth.issuer}`)
  console.log(`sign-in: ${providers.label}`)
  const orders = createOrderBook(storage.db)
  const maintenance = maintainNowAndThen(auth)
  return {
    auth,
    orders,
    maxBodyBytes,
    securityHeaders,
    endpoints: [...createEndpoints(auth, orders), ...(outbox ? outboxEndpoints(outbox) : []), ...pageEndpoints()],
    async close() {
      clearInterval(maintenance)
      await close(auth, storage, providers)
    },
  }
}

/** Ends the process, with what went wrong for the person who started it. */
export function failStart(error: unknown): never {
  const expected = error instanceof StartError || error instanceof ConfigError
  console.error(expected ? error.message : error)
  process.exit(1)
}

interface Self {
  readonly secret: string
  readonly port: number
  /** `null` where an SMTP server takes the mails. */
  readonly outbox: Outbox | null
  readonly providers: Providers
}

async function prepare(settings: Settings, storage: Storage, self: Self): Promise<DemoAuth> {
  const membership = await joinDeployment(storage, settings, self)
  const mailer = self.outbox ?? (await import('./mail/smtp.js')).smtpMailer(settings.SMTP_URL ?? '', membership.issuer)
  const auth = createDemoAuth(settings, {
    ...membership,
    secret: self.secret,
    stores: storage.stores,
    mailer,
    providers: self.providers.list,
  })
  await auth.ready().catch((error: unknown) => {
    throw isAboutStores(error) ? new StartError(`${error.message}\n${sameStores}`) : error
  })
  await ensureAdmin(auth, settings)
  await ensureClient(auth, settings)
  return auth
}

const sameStores =
  'Give every process of a deployment the same DATABASE_URL (or DATA_DIR) and REDIS_URL. A deployment that is to have\n' +
  'other stores begins anew, with an empty database or another DATA_DIR.'

function isAboutStores(error: unknown): error is ConfigError {
  return error instanceof ConfigError && error.problems.some(({ path }) => path.startsWith('stores.'))
}

/** Every process does: two at once take turns, and one that is stopped is made up for by the others. */
function maintainNowAndThen(auth: DemoAuth): NodeJS.Timeout {
  const maintain = (): void => {
    auth.maintain().catch((error: unknown) => console.error('maintenance failed', error))
  }
  return setInterval(maintain, maintenanceMs)
}

async function close(auth: DemoAuth, storage: Storage, providers: Providers): Promise<void> {
  setTimeout(() => process.exit(), closingMs).unref()
  const uses = auth.apiKeys.flushUses()
  await uses.catch((error: unknown) => console.error('uses of API keys could not be written', error))
  await auth.mailsSent()
  await providers.close()
  await storage.close().catch((error: unknown) => console.error('the stores could not be closed', error))
}
