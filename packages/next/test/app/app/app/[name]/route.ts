import { type ConformanceRoute, forgedPrincipal } from '@auth/core/testing'
import { getAuth, peekAuth, type RouteHandler } from '@auth/next'
import type { NextRequest } from 'next/server'
import { routes, web } from '../../../lib/auth'
import { withNeighbours } from '../../../lib/neighbours'

/** A route of the kit as one of Next. */
function toHandler({ declared, handle }: ConformanceRoute): RouteHandler {
  const handler = async (request: NextRequest) => {
    const text = await request.text()
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    // The adapter shows nobody anywhere: `getAuth` is the one way.
    const shown = peekAuth(request)
    return Response.json(handle({ getAuth: () => getAuth(request), peekAuth: () => peekAuth(request), shown, body }))
  }
  if (declared === null || declared === 'public') return handler
  return declared === 'optional' ? web.optional(handler) : web.guard(declared, handler)
}

const handlers = new Map(routes.map((route) => [`${route.method} ${route.path}`, toHandler(route)]))

const dispatch = withNeighbours(async (request, context) => {
  const { name } = await context.params
  if (request.headers.has('x-forge')) Object.assign(request, { auth: forgedPrincipal, user: forgedPrincipal })
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const handler = handlers.get(`${method} /app/${String(name)}`)
  return handler ? handler(request, context) : new Response(null, { status: 404 })
})

export { dispatch as GET, dispatch as OPTIONS, dispatch as POST }
