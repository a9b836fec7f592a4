// Prints every route of the demo with who may call it. Fails where one is neither guarded nor declared public.
import { github, google, memoryStores } from '@auth/core'
import { createDemoAuth } from './auth.js'
import { createEndpoints } from './endpoints.js'
import { outboxEndpoints } from './mail/mail-endpoints.js'
import type { OrderBook } from './orders.js'
import { pageEndpoints } from './page.js'
import { createDemoServer } from './servers/index.js'
import { readSettings } from './settings.js'

const issuer = 'http://localhost:3000'
// Nobody signs in or orders anything here: secret and stores are for this run alone.
const mailer = { send: () => undefined }
const credentials = { clientId: 'none', clientSecret: 'none' }
const providers = [google(credentials), github(credentials)]
const parts = { issuer, origins: [issuer], secret: crypto.randomUUID(), stores: memoryStores(), mailer, providers }
const settings = readSettings({}, process.argv.slice(2))
const auth = createDemoAuth(settings, parts)
const never = (): never => {
  throw new Error('no request is answered here')
}
const orders: OrderBook = { list: never, place: never, forget: never }
const endpoints = [...createEndpoints(auth, orders), ...outboxEndpoints({ ...mailer, list: never }), ...pageEndpoints()]
const server = await createDemoServer(settings.adapter, { auth, endpoints })

console.log(String(server.matrix()))
server.assertGuarded()
