// Prints every route of the demo with who may call it. Fails where one is neither guarded nor declared public.
import { memoryStores } from '@auth/core'
import { expressAuth } from '@auth/express'
import { createApp } from './app.js'
import { createDemoAuth } from './auth.js'
import type { OrderBook } from './orders.js'
import { readSettings } from './settings.js'

const issuer = 'http://localhost:3000'
// Nobody signs in or orders anything here: secret and stores are for this run alone.
const parts = { issuer, origins: [issuer], secret: crypto.randomUUID(), stores: memoryStores() }
const auth = createDemoAuth(readSettings({}, []), parts)
const never = (): never => {
  throw new Error('no request is answered here')
}
const orders: OrderBook = { list: never, place: never, forget: never }
const web = expressAuth(auth)
const app = createApp(auth, orders)

console.log(String(web.matrix(app)))
web.assertGuarded(app)
