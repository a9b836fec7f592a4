import type { RouteHandler } from '@auth/next'
import { settings } from './settings'

/** What the kit asks for in front of everything: a CORS plugin, and a cookie of the app's own. Route handlers have no such place. */
export function withNeighbours(handler: RouteHandler): RouteHandler {
  return async (request, context) => {
    const { pageOrigin } = settings()
    const isPreflight = request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
    const isAnswered = pageOrigin !== null && isPreflight
    const { status, statusText, body, headers } = isAnswered
      ? new Response(null, { status: 204 })
      : await handler(request, context)
    const answer = new Response(body, { status, statusText, headers })
    answer.headers.append('set-cookie', 'app=1; Path=/')
    if (pageOrigin === null) return answer
    answer.headers.append('vary', 'Origin')
    if (request.headers.get('origin') !== pageOrigin) return answer
    answer.headers.set('access-control-allow-origin', pageOrigin)
    answer.headers.set('access-control-allow-credentials', 'true')
    if (isPreflight) answer.headers.set('access-control-allow-methods', 'GET,POST')
    return answer
  }
}
