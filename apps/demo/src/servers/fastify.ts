import { AuthError } from '@auth/core'
import { assertGuarded, fastifyAuth, getAuth, matrix } from '@auth/fastify'
import fastify, { type FastifyInstance, type RouteHandlerMethod } from 'fastify'
import { type Endpoint, maxBodyBytes } from '../endpoints.js'
import { securityHeaders } from '../page.js'
import type { DemoServer, ServerParts } from './server.js'

/** The demo on Fastify. */
export async function createFastifyServer({ auth, endpoints }: ServerParts): Promise<DemoServer> {
  const app: FastifyInstance = fastify({
    bodyLimit: maxBodyBytes,
    // A path that cannot be decoded meets neither hooks nor error handlers.
    frameworkErrors(error, request, reply) {
      reply.headers(securityHeaders)
      void app.authErrors()(error, request, reply)
    },
  })
  app.addHook('onRequest', async (_request, reply) => void reply.headers(securityHeaders))
  await app.register(fastifyAuth, { auth })
  app.setErrorHandler(app.authErrors())
  app.setNotFoundHandler(() => {
    throw new AuthError('not_found')
  })
  for (const endpoint of endpoints) {
    const { method, path, access } = endpoint
    const onRequest = access === 'public' ? app.authPublic() : app.authGuard(access)
    app.route({ method, url: path, onRequest, handler: handlerOf(endpoint) })
  }
  await app.ready()
  return {
    listener: (req, res) => app.routing(req, res),
    matrix: () => matrix(app),
    assertGuarded: () => assertGuarded(app),
  }
}

function handlerOf({ answer }: Endpoint): RouteHandlerMethod {
  return async (request, reply) => {
    const { query, body, headers } = request
    const params = request.params as Readonly<Record<string, string>> // A route's parameters have names.
    const sent = await answer({
      caller: () => getAuth(request),
      params,
      query,
      body,
      type: headers['content-type'],
      accept: headers.accept,
    })
    reply.code(sent.status)
    return sent.status === 204 ? reply.send() : reply.type(sent.type).send(sent.body)
  }
}
