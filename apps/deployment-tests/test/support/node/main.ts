// One node of a deployment under test: `main '<settings as JSON>'`, with a channel to whoever started it.
import { createServer } from 'node:http'
import { tasks } from '../../../../../packages/kysely/test/support/race-tasks.js'
import { makeApp, makeAuth, takeVerified } from './app.js'
import { shiftedClock } from './clock.js'
import { watchStores } from './fail-points.js'
import { flaws } from './flaws.js'
import { breakRandom } from './random.js'
import type { Message, NodeSettings, Order } from './settings.js'
import { openStores } from './stores.js'

const patienceMs = 10_000

function tell(message: Message): void {
  process.send?.(message)
}

async function start(settings: NodeSettings): Promise<void> {
  const opened = openStores(settings.storage)
  const stores = settings.flaw === undefined ? opened.stores : flaws[settings.flaw](opened.stores)
  const watched = watchStores(stores, () => tell({ kind: 'reached' }))
  const clock = shiftedClock()
  await opened.prepare()
  const auth = makeAuth(settings, watched.stores, clock)
  await auth.ready()
  const server = createServer(makeApp(auth))

  const orders: { readonly [Kind in Order['kind']]: (order: Extract<Order, { kind: Kind }>) => unknown } = {
    arm: ({ point }) => watched.arm(point),
    release: () => watched.release(),
    writes: () => watched.takeWrites(),
    verified: () => takeVerified(),
    shift: (by) => clock.shift(by),
    random: ({ fails }) => breakRandom(fails),
    pool: () => opened.pool(),
    task: ({ name, ...input }) => tasks[name]?.({ stores: watched.stores, migrate: opened.prepare }, input),
  }
  process.on('message', async ({ id, order }: { readonly id: number; readonly order: Order }) => {
    const obey = orders[order.kind] as (order: Order) => unknown // The one for its kind.
    tell({ kind: 'answer', id, value: await obey(order) })
  })

  /** Takes no new connections and lets requests that are under way finish; nothing then keeps the process. */
  process.once('SIGTERM', () => {
    const sweep = setInterval(() => server.closeIdleConnections(), 50)
    const patience = setTimeout(() => server.closeAllConnections(), patienceMs)
    server.close(async () => {
      clearInterval(sweep)
      clearTimeout(patience)
      await opened.close()
      process.disconnect()
    })
  })
  // What comes with a write for which there is no room; without a listener it ends the process.
  process.on('SIGXFSZ', () => undefined)
  process.once('disconnect', () => {
    if (server.listening) process.exit()
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    tell({ kind: 'ready', port: typeof address === 'object' && address !== null ? address.port : 0 })
  })
}

start(JSON.parse(process.argv[2] ?? '{}') as NodeSettings).catch((error: unknown) => {
  tell({ kind: 'failed', message: String(error) })
  process.disconnect?.()
  process.exitCode = 1
})
