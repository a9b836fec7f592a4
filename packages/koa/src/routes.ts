import { type Auth, ConfigError } from '@auth/core'
import { handleRequest, markGuard, requestUrl } from '@auth/core/node'
import type { KoaContext, Middleware } from './koa-context.js'
import { sendResponse } from './send.js'

/** Serves the SDK's routes and leaves every other path to the app. */
export function createRoutes(auth: Pick<Auth, 'handler' | 'issuer' | 'basePath' | 'serves'>): Middleware {
  const { origin } = new URL(auth.issuer)
  const routes: Middleware = async (ctx, next) => {
    const url = requestUrl(ctx.originalUrl, origin)
    const mount = url && mountOf(ctx, url.pathname)
    if (mount && mount !== auth.basePath) throw wrongMount(mount, auth.basePath)
    if (!url || !auth.serves(url.pathname)) {
      await next()
      return
    }
    const options = { url, ip: ctx.ip || undefined, body: ctx.request.body }
    sendResponse(ctx, await handleRequest(auth, ctx.req, ctx.res, options))
  }
  return markGuard(routes, { kind: 'routes' })
}

/** Where koa-mount says that this middleware stands: it takes what it stands below off the path. */
function mountOf(ctx: KoaContext, whole: string): string {
  if (!('mountPath' in ctx)) return ''
  if (whole.endsWith(ctx.path)) return whole.slice(0, whole.length - ctx.path.length)
  return ctx.path === '/' ? whole : ''
}

function wrongMount(mount: string, basePath: string): ConfigError {
  const right = `app.use(web.routes()) or app.use(mount('${basePath}', web.routes()))`
  const message = `are mounted at ${mount}, but basePath is ${basePath}: use ${right}, or set basePath`
  return new ConfigError([{ path: 'routes()', message }])
}
