import {
  conformanceAuth,
  conformanceRoutes,
  forgedPrincipal,
  type HttpAppSettings,
  type StartedApp,
} from '@auth/core/testing'
import { fastifyAuth, getAuth, peekAuth } from '@auth/fastify'
import cors from '@fastify/cors'
import fastify, { type FastifyInstance } from 'fastify'
import { urlOf } from '../../core/test/support/conformance-server.js'

/** What a variant of the app changes. */
export interface FastifyVariant {
  /** How routes are guarded: by a hook of theirs, at one of two stages, or by a requirement in their config. */
  readonly guardedBy?: 'onRequest' | 'preHandler' | 'config'
  readonly before?: (app: FastifyInstance) => void
}

/** Starts the app that the kit asks for, on Fastify. */
export async function startFastify(
  settings: HttpAppSettings,
  { guardedBy = 'onRequest', before }: FastifyVariant = {},
): Promise<StartedApp> {
  const app = fastify()
  before?.(app)
  if (settings.pageOrigin) await app.register(cors, { origin: [settings.pageOrigin], credentials: true })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('set-cookie', 'app=1; Path=/')
    if (request.headers['x-forge']) Object.assign(request, { auth: forgedPrincipal, user: forgedPrincipal })
  })
  await app.register(fastifyAuth, { auth: conformanceAuth(settings) })
  app.setErrorHandler(app.authErrors())
  for (const { method, path, declared, handle } of conformanceRoutes()) {
    const byConfig = guardedBy === 'config' && typeof declared === 'object' && declared !== null
    const hook =
      declared === 'public'
        ? app.authPublic()
        : declared === 'optional'
          ? app.authOptional()
          : declared && !byConfig
            ? app.authGuard(declared)
            : []
    app.route({
      method,
      url: path,
      ...(byConfig ? { config: { auth: declared } } : {}),
      [guardedBy === 'config' ? 'onRequest' : guardedBy]: hook,
      handler: async (request) =>
        handle({
          getAuth: () => getAuth(request),
          peekAuth: () => peekAuth(request),
          shown: request.auth,
          body: request.body,
        }),
    })
  }
  await app.listen({ port: 0, host: settings.host })
  return {
    url: urlOf(app.server),
    async close() {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}
