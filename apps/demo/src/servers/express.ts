import { AuthError } from '@auth/core'
import { expressAuth, getAuth } from '@auth/express'
import express, { type RequestHandler } from 'express'
import { type Endpoint, maxBodyBytes } from '../endpoints.js'
import { securityHeaders } from '../page.js'
import type { DemoServer, ServerParts } from './server.js'

/** The demo on Express. */
export async function createExpressServer({ auth, endpoints }: ServerParts): Promise<DemoServer> {
  const web = expressAuth(auth)
  const app = express()
  app.disable('x-powered-by')
  app.use((_req, res, next) => {
    res.set(securityHeaders)
    next()
  })
  app.use(web.routes())
  for (const endpoint of endpoints) {
    const { method, path, access } = endpoint
    const guard = access === 'public' ? web.public() : web.guard(access)
    const parsers = method === 'POST' ? [express.json({ limit: maxBodyBytes })] : []
    app.route(path)[verbs[method]](guard, ...parsers, handlerOf(endpoint))
  }
  app.use(() => {
    throw new AuthError('not_found')
  })
  app.use(web.errors())
  return { listener: app, matrix: () => web.matrix(app), assertGuarded: () => web.assertGuarded(app) }
}

const verbs = { GET: 'get', POST: 'post', DELETE: 'delete' } as const

function handlerOf({ answer }: Endpoint): RequestHandler {
  return async (req, res) => {
    const { params, query, body } = req
    const reply = await answer({
      caller: () => getAuth(req),
      params,
      query,
      body,
      type: req.get('content-type'),
      accept: req.get('accept'),
    })
    res.status(reply.status)
    if (reply.status === 204) res.end()
    else res.type(reply.type).send(reply.body)
  }
}
