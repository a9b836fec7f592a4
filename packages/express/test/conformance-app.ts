import { once } from 'node:events'
import { createServer } from 'node:http'
import {
  conformanceAuth,
  conformanceRoutes,
  forgedPrincipal,
  type HttpAppSettings,
  type StartedApp,
} from '@auth/core/testing'
import { expressAuth, getAuth, peekAuth } from '@auth/express'
import cors from 'cors'
import express, { type Express, type RequestHandler } from 'express'
import { urlOf } from '../../core/test/support/conformance-server.js'

/** What a variant of the app changes. */
export interface ExpressVariant {
  readonly parsesBodies?: boolean
  /** Stands in front of everything. */
  readonly before?: (app: Express) => void
}

/** Starts the app that the kit asks for, on Express. */
export async function startExpress(
  settings: HttpAppSettings,
  { parsesBodies = false, before }: ExpressVariant = {},
): Promise<StartedApp> {
  const web = expressAuth(conformanceAuth(settings))
  const parse = [express.json(), express.urlencoded({ extended: true })]
  const app = express()
  before?.(app)
  if (settings.pageOrigin) app.use(cors({ origin: settings.pageOrigin, credentials: true }))
  app.use(((req, res, next) => {
    res.append('set-cookie', 'app=1; Path=/')
    if (req.headers['x-forge']) Object.assign(req, { auth: forgedPrincipal, user: forgedPrincipal })
    next()
  }) as RequestHandler)
  if (parsesBodies) app.use(parse)
  app.use(web.routes())
  for (const { method, path, declared, handle } of conformanceRoutes()) {
    const guards =
      declared === null
        ? []
        : declared === 'public'
          ? web.public()
          : declared === 'optional'
            ? web.optional()
            : web.guard(declared)
    app[method === 'GET' ? 'get' : 'post'](path, guards, parse, ((req, res) => {
      const view = { getAuth: () => getAuth(req), peekAuth: () => peekAuth(req), shown: req.auth, body: req.body }
      res.json(handle(view))
    }) as RequestHandler)
  }
  app.use(web.errors())
  const server = createServer(app).listen(0, settings.host)
  await once(server, 'listening')
  return {
    url: urlOf(server),
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
