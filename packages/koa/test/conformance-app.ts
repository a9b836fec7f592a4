import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import {
  conformanceAuth,
  conformanceRoutes,
  forgedPrincipal,
  type HttpAppSettings,
  type StartedApp,
} from '@auth/core/testing'
import { getAuth, koaAuth, type Middleware, peekAuth } from '@auth/koa'
import { bodyParser } from '@koa/bodyparser'
import cors from '@koa/cors'
import Router from '@koa/router'
import Koa from 'koa'
import { urlOf } from '../../core/test/support/conformance-server.js'

/** What a variant of the app changes. */
export interface KoaVariant {
  readonly parsesBodies?: boolean
  /** Which Koa. */
  readonly koa?: new () => Koa
  readonly before?: (app: Koa) => void
}

/** Starts the app that the kit asks for, on Koa. */
export async function startKoa(
  settings: HttpAppSettings,
  { parsesBodies = false, koa: App = Koa, before }: KoaVariant = {},
): Promise<StartedApp> {
  const web = koaAuth(conformanceAuth(settings))
  const app = new App()
  app.silent = true
  before?.(app)
  const { pageOrigin } = settings
  if (pageOrigin)
    app.use(
      cors({
        origin: (ctx) => (ctx.get('Origin') === pageOrigin ? pageOrigin : ''),
        credentials: true,
        keepHeadersOnError: false,
      }),
    )
  app.use(async (ctx, next) => {
    ctx.append('Set-Cookie', 'app=1; Path=/')
    if (ctx.get('x-forge')) ctx.state.auth = ctx.state.user = forgedPrincipal
    await next()
  })
  app.use(web.errors())
  if (parsesBodies) app.use(bodyParser())
  app.use(web.routes())
  const router = new Router()
  const through: Middleware = async (_ctx, next) => void (await next())
  for (const { method, path, declared, handle } of conformanceRoutes()) {
    const guard =
      declared === null
        ? through
        : declared === 'public'
          ? web.public()
          : declared === 'optional'
            ? web.optional()
            : web.guard(declared)
    router[method === 'GET' ? 'get' : 'post'](path, guard, bodyParser(), (ctx) => {
      const view = {
        getAuth: () => getAuth(ctx),
        peekAuth: () => peekAuth(ctx),
        shown: ctx.state.auth,
        body: ctx.request.body,
      }
      ctx.body = handle(view)
    })
  }
  app.use(router.routes())
  const server = createServer(app.callback() as RequestListener).listen(0, settings.host)
  await once(server, 'listening')
  return {
    url: urlOf(server),
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
