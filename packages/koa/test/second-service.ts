import { koaAuth, peekAuth } from '@auth/koa'
import Router from '@koa/router'
import Koa from 'koa'
import { listen } from '../../core/src/testing/real-port.js'
import { callerView, type StartService, serviceRoutes } from '../../core/test/support/second-service-app.js'

/** Starts the service on Koa. */
export const startKoaService: StartService = async (verifier) => {
  const web = koaAuth(verifier)
  const router = new Router()
  for (const [path, standing] of Object.entries(serviceRoutes)) {
    const before = standing === 'public' ? web.public() : standing === 'optional' ? web.optional() : web.guard(standing)
    router.get(path, before, (ctx) => {
      ctx.body = callerView(peekAuth(ctx))
    })
  }
  const app = new Koa().use(web.errors()).use(router.routes())
  const callback = app.callback()
  const { url } = await listen((req, res) => void callback(req, res))
  return { url, matrix: web.matrix(app).routes.map(({ path, access }) => [path, access] as const) }
}
