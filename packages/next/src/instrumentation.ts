import type { IncomingMessage } from 'node:http'
import { type Exchange, exchanges, noteExchanges } from './exchange.js'

/**
 * Watches for the requests of this process, so that the client's address is known: Next tells route handlers only what
 * headers say, which a client writes. For `instrumentation.ts`, in the app's root or in `src`. May be called more than once.
 * @example
 * export { register } from '@auth/next/instrumentation'
 */
export function register(): void {
  // Not imported: Next bundles instrumentation for the edge too, where there is neither.
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks')
  const channels = globalThis.process?.getBuiltinModule?.('node:diagnostics_channel')
  if (!hooks || !channels || exchanges()) return
  const storage = new hooks.AsyncLocalStorage<Exchange>()
  channels.subscribe('http.server.request.start', (message) => {
    const { request } = message as { readonly request: IncomingMessage } // As Node documents the channel.
    const { socket, method = 'GET', url = '/', rawHeaders } = request
    storage.enterWith({ address: socket.remoteAddress, method, target: url, rawHeaders })
  })
  noteExchanges(storage)
}
