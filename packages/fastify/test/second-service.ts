import { fastifyAuth, matrix, peekAuth } from '@auth/fastify'
import { callerView, type StartService, serviceRoutes } from '../../core/test/support/second-service-app.js'
import { testApp } from './support.js'

/** Starts the service on Fastify. */
export const startFastifyService: StartService = async (verifier) => {
  const app = testApp()
  await app.register(fastifyAuth, { auth: verifier })
  for (const [path, standing] of Object.entries(serviceRoutes)) {
    const onRequest =
      standing === 'public' ? app.authPublic() : standing === 'optional' ? app.authOptional() : app.authGuard(standing)
    app.get(path, { onRequest }, async (request) => callerView(peekAuth(request)))
  }
  app.setErrorHandler(app.authErrors())
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url, matrix: matrix(app).routes.map(({ path, access }) => [path, access] as const) }
}
