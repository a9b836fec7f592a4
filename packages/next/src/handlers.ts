import { type Auth, AuthError } from '@auth/core'
import { refusalResponse, requestUrl } from '@auth/core/node'
import type { createReceiver } from './received.js'
import type { AuthHandlers } from './types.js'

/** Serves the SDK's routes, whatever the method. */
export function createHandlers(
  auth: Pick<Auth, 'handler' | 'issuer' | 'serves' | 'refuse'>,
  receive: ReturnType<typeof createReceiver>,
): AuthHandlers {
  const { origin } = new URL(auth.issuer)
  const serve = async (request: Request): Promise<Response> => {
    const { target, headers, ip } = receive(request.url, request.headers)
    const { method, body, signal } = request
    const url = requestUrl(target, origin)
    if (!url || !auth.serves(url.pathname)) return refusalResponse(auth.refuse(new AuthError('not_found')))
    const init: RequestInit & { duplex: 'half' } = { method, headers, body, signal, duplex: 'half' }
    return auth.handler(new Request(url, init), { ip })
  }
  return { GET: serve, HEAD: serve, POST: serve, PUT: serve, PATCH: serve, DELETE: serve, OPTIONS: serve }
}
