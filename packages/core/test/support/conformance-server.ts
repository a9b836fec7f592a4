import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { AuthError } from '@auth/core'
import {
  guardGate,
  nodeSource,
  optionalGate,
  principalOf,
  refuseError,
  requirePrincipal,
  sendRefusal,
  toNodeListener,
} from '@auth/core/node'
import {
  conformanceAuth,
  conformanceRoutes,
  forgedPrincipal,
  type HttpAppSettings,
  type StartedApp,
} from '@auth/core/testing'

/** Where a server that listens is reached. */
export function urlOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

/** Starts a listener on a free port. */
export async function startListener(listener: RequestListener, host: string): Promise<StartedApp> {
  const server = createServer(listener).listen(0, host)
  await once(server, 'listening')
  return {
    url: urlOf(server),
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Starts the app that the kit asks for on `toNodeListener` and no framework at all. */
export function startPlain(settings: HttpAppSettings): Promise<StartedApp> {
  return startListener(plainListener(settings), settings.host)
}

/** The listener of that app. */
export function plainListener(settings: HttpAppSettings): RequestListener {
  const auth = conformanceAuth(settings)
  const routes = toNodeListener(auth)
  const own = conformanceRoutes().map((route) => {
    const { declared } = route
    const open = async (): Promise<null> => null
    const gate =
      declared === null || declared === 'public'
        ? open
        : declared === 'optional'
          ? optionalGate(auth)
          : guardGate(auth, auth.checkRequirement(declared))
    return { ...route, gate }
  })

  async function answerOwn(req: IncomingMessage, res: ServerResponse, pathname: string): Promise<void> {
    const method = req.method === 'HEAD' ? 'GET' : req.method
    const route = own.find((candidate) => candidate.path === pathname && candidate.method === method)
    if (!route) throw new AuthError('not_found')
    const refusal = await route.gate(req, nodeSource(req))
    if (refusal) return sendRefusal(res, refusal)
    const text = await readText(req)
    const view = {
      getAuth: () => requirePrincipal(req, 'there is no guard'),
      peekAuth: () => principalOf(req),
      shown: principalOf(req),
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    }
    res.setHeader('content-type', 'application/json').end(JSON.stringify(route.handle(view)))
  }

  return (req, res) => {
    if (settings.pageOrigin && allowPage(req, res, settings.pageOrigin)) return
    res.appendHeader('set-cookie', 'app=1; Path=/')
    if (req.headers['x-forge']) Object.assign(req, { auth: forgedPrincipal, user: forgedPrincipal })
    const { pathname } = new URL(
      req.url?.startsWith('/') ? `http://localhost${req.url}` : (req.url ?? ''),
      'http://localhost',
    )
    if (auth.serves(pathname)) return routes(req, res)
    answerOwn(req, res, pathname).catch((error: unknown) => {
      const refusal = refuseError(auth, error)
      if (refusal) sendRefusal(res, refusal)
    })
  }
}

/** What a CORS plugin does. Whether the request was a preflight, which is answered then. */
function allowPage(req: IncomingMessage, res: ServerResponse, pageOrigin: string): boolean {
  res
    .setHeader('vary', 'Origin')
    .setHeader('access-control-allow-origin', pageOrigin)
    .setHeader('access-control-allow-credentials', 'true')
  if (req.method !== 'OPTIONS' || !req.headers['access-control-request-method']) return false
  res.writeHead(204, { 'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE' }).end()
  return true
}

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer) // No encoding was set.
  return Buffer.concat(chunks).toString('utf8')
}
