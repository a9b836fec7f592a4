import { type Auth, AuthError } from '@auth/core'
import { refusalResponse, requestUrl } from '@auth/core/node'
import type { Receive } from './received.js'
import type { AuthHandlers } from './types.js'

/** Serves the SDK's routes, whatever the method. */
export function createHandlers(
  auth: Pick<Auth, 'handler' | 'issuer' | 'serves' | 'refuse'>,
  receive: Receive,
): AuthHandlers {
  const { origin } = new URL(auth.issuer)
  const serve = async (request: Request): Promise<Response> => {
    const { target, headers, ip } = receive(request.url, request.headers)
    const { method, signal } = request
    const body = announcesBody(headers) ? request.body : null
    const url = requestUrl(target, origin)
    if (!url || !auth.serves(url.pathname)) return refusalResponse(auth.refuse(new AuthError('not_found')))
    const init: RequestInit & { duplex: 'half' } = { method, headers, body, signal, duplex: 'half' }
    try {
      return await auth.handler(new Request(url, init), { ip })
    } catch (error) {
      return refusalResponse(auth.refuse(error))
    }
  }
  return { GET: serve, HEAD: serve, POST: serve, PUT: serve, PATCH: serve, DELETE: serve, OPTIONS: serve }
}

/** Whether there is a body. Next makes a stream of none, too. */
function announcesBody(headers: Headers): boolean {
  const length = headers.get('content-length') ?? '0'
  return length !== '0' || headers.has('transfer-encoding') || headers.has('content-type')
}
