import { AuthError } from '@auth/core'
import { getAuth, koaAuth } from '@auth/koa'
import { bodyParser } from '@koa/bodyparser'
import Router, { type RouterContext } from '@koa/router'
import Koa from 'koa'
import { type Endpoint, maxBodyBytes } from '../endpoints.js'
import { securityHeaders } from '../page.js'
import type { DemoServer, ServerParts } from './server.js'

/** The demo on Koa. */
export async function createKoaServer({ auth, endpoints }: ServerParts): Promise<DemoServer> {
  const web = koaAuth(auth)
  const app = new Koa()
  const router = new Router()
  app.use(async (ctx, next) => {
    ctx.set(securityHeaders)
    await next()
  })
  app.use(web.errors())
  app.use(web.routes())
  const parser = bodyParser({ enableTypes: ['json'], jsonLimit: maxBodyBytes })
  for (const endpoint of endpoints) {
    const { method, path, access } = endpoint
    const guard = access === 'public' ? web.public() : web.guard(access)
    const parsers = method === 'POST' ? [parser] : []
    router.register(path, [method], [guard, ...parsers, handlerOf(endpoint)])
  }
  app.use(router.routes())
  app.use(() => {
    throw new AuthError('not_found')
  })
  const answer = app.callback()
  return {
    listener: (req, res) => void answer(req, res),
    matrix: () => web.matrix(app),
    assertGuarded: () => web.assertGuarded(app),
  }
}

function handlerOf({ answer }: Endpoint): (ctx: RouterContext) => Promise<void> {
  return async (ctx) => {
    const { params, query } = ctx
    const { body } = ctx.request
    const reply = await answer({
      caller: () => getAuth(ctx),
      params,
      query,
      body,
      type: ctx.get('content-type') || undefined,
      accept: ctx.get('accept') || undefined,
    })
    ctx.status = reply.status
    if (reply.status === 204) return
    ctx.type = reply.type
    ctx.body = reply.body
  }
}
