import { expressAuth, peekAuth } from '@auth/express'
import express from 'express'
import { listen } from '../../core/src/testing/real-port.js'
import { callerView, type StartService, serviceRoutes } from '../../core/test/support/second-service-app.js'

/** Starts the service on Express. */
export const startExpressService: StartService = async (verifier) => {
  const web = expressAuth(verifier)
  const app = express()
  for (const [path, standing] of Object.entries(serviceRoutes)) {
    const before = standing === 'public' ? web.public() : standing === 'optional' ? web.optional() : web.guard(standing)
    app.get(path, before, (req, res) => void res.json(callerView(peekAuth(req))))
  }
  app.use(web.errors())
  const { url } = await listen(app)
  return { url, matrix: web.matrix(app).routes.map(({ path, access }) => [path, access] as const) }
}
