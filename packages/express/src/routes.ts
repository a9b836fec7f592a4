import { type Auth, ConfigError } from '@auth/core'
import { answerRequest, markGuard, requestUrl } from '@auth/core/node'
import type { Middleware } from './express-request.js'

/** Serves the SDK's routes and leaves every other path to the app. */
export function createRoutes(auth: Pick<Auth, 'handler' | 'issuer' | 'basePath' | 'serves'>): Middleware {
  const { origin } = new URL(auth.issuer)
  const routes: Middleware = async (req, res, next) => {
    if (!isMount(req.baseUrl, auth.basePath)) return next(wrongMount(req.baseUrl, auth.basePath))
    const url = requestUrl(req.originalUrl, origin)
    if (!url || !auth.serves(url.pathname)) return next()
    try {
      await answerRequest(auth, req, res, { url, ip: req.ip, body: req.body })
    } catch (error) {
      next(error)
    }
  }
  return markGuard(routes, { kind: 'routes' })
}

/** Express compares mount paths without regard to case: another spelling is a client's doing and no mistake of the app. */
function isMount(baseUrl: string, basePath: string): boolean {
  return baseUrl === '' || baseUrl.toLowerCase() === basePath.toLowerCase()
}

function wrongMount(baseUrl: string, basePath: string): ConfigError {
  const right = `app.use(web.routes()) or app.use('${basePath}', web.routes())`
  const message = `are mounted at ${baseUrl}, but basePath is ${basePath}: use ${right}, or set basePath`
  return new ConfigError([{ path: 'routes()', message }])
}
