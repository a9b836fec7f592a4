import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { type Auth, AuthError, type Refusal, type RequestSource } from '@auth/core'
import {
  type Gate,
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
  type ConformanceRoles,
  type ConformanceRoute,
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
export async function startListener(
  listener: RequestListener,
  host: string,
  prepare: (server: Server) => void = () => undefined,
): Promise<StartedApp> {
  const server = createServer(listener)
  prepare(server)
  server.listen(0, host)
  await once(server, 'listening')
  return {
    url: urlOf(server),
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The parts of an adapter, each of which a test may replace by one that is wrong. */
export interface Parts {
  readonly auth: Auth<ConformanceRoles>
  /** Serves the SDK's routes. */
  readonly routes: (req: IncomingMessage, res: ServerResponse) => void
  /** What a guard looks at. */
  readonly source: (req: IncomingMessage) => RequestSource
  /** What stands in front of the app's own routes. */
  readonly gate: (declared: ConformanceRoute['declared']) => Gate
  /** Writes a guard's refusal. `true` where the handler is to run all the same. */
  readonly refuse: (res: ServerResponse, refusal: Refusal, req: IncomingMessage) => boolean
  /** Answers what was thrown. */
  readonly fail: (res: ServerResponse, error: unknown) => void
  /** Who is calling, for the handlers. */
  readonly caller: Pick<Parameters<ConformanceRoute['handle']>[0], 'shown'> | null
  /** Finds a route of the app. */
  readonly find: (routes: readonly ConformanceRoute[], method: string, pathname: string) => ConformanceRoute | undefined
  /** Runs in front of everything. `true` where it has answered. */
  readonly before: (req: IncomingMessage, res: ServerResponse) => boolean
}

/** What a test changes. */
export type Change = (parts: Parts, settings: HttpAppSettings) => Partial<Parts>

/** Starts the app that the kit asks for on `toNodeListener` and no framework at all. */
export function startPlain(
  settings: HttpAppSettings,
  changeAuth?: (auth: Parts['auth']) => Parts['auth'],
  change: Change = () => ({}),
  prepare?: (server: Server) => void,
): Promise<StartedApp> {
  const auth = conformanceAuth(settings)
  const right = rightParts(changeAuth ? changeAuth(auth) : auth, settings)
  return startListener(listenerOf({ ...right, ...change(right, settings) }), settings.host, prepare)
}

function rightParts(auth: Parts['auth'], { pageOrigin }: HttpAppSettings): Parts {
  return {
    auth,
    routes: toNodeListener(auth),
    source: (req) => nodeSource(req),
    gate(declared) {
      if (declared === null || declared === 'public') return async () => null
      return declared === 'optional' ? optionalGate(auth) : guardGate(auth, auth.checkRequirement(declared))
    },
    refuse(res, refusal) {
      sendRefusal(res, refusal)
      return false
    },
    fail(res, error) {
      const refusal = refuseError(auth, error)
      if (refusal) sendRefusal(res, refusal)
    },
    caller: null,
    find: (routes, method, pathname) =>
      routes.find((route) => route.path === pathname && route.method === (method === 'HEAD' ? 'GET' : method)),
    before(req, res) {
      if (pageOrigin && allowPage(req, res, pageOrigin)) return true
      res.appendHeader('set-cookie', 'app=1; Path=/')
      if (req.headers['x-forge']) Object.assign(req, { auth: forgedPrincipal, user: forgedPrincipal })
      return false
    },
  }
}

function listenerOf(parts: Parts): RequestListener {
  const { auth, routes, source, gate, refuse, fail, caller, find, before } = parts
  const own = conformanceRoutes()
  const gates = new Map(own.map(({ path, method, declared }) => [`${method} ${path}`, gate(declared)]))

  async function answerOwn(req: IncomingMessage, res: ServerResponse, pathname: string): Promise<void> {
    const route = find(own, req.method ?? '', pathname)
    if (!route) throw new AuthError('not_found')
    const refusal = await gates.get(`${route.method} ${route.path}`)?.(req, source(req), req)
    if (refusal && !refuse(res, refusal, req)) return
    const text = await readText(req)
    const answer = route.handle({
      getAuth: () => requirePrincipal(req, 'there is no guard'),
      peekAuth: () => principalOf(req),
      shown: principalOf(req),
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
      ...caller,
    })
    if (!res.headersSent) res.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  }

  return (req, res) => {
    if (before(req, res)) return
    const target = req.url?.startsWith('/') ? `http://localhost${req.url}` : (req.url ?? '')
    const { pathname } = new URL(target, 'http://localhost')
    if (auth.serves(pathname)) return routes(req, res)
    answerOwn(req, res, pathname).catch((error: unknown) => fail(res, error))
  }
}

/** What a CORS plugin does. Whether the request was a preflight, which is answered then. */
function allowPage(req: IncomingMessage, res: ServerResponse, pageOrigin: string): boolean {
  res.setHeader('vary', 'Origin').setHeader('access-control-allow-origin', pageOrigin)
  res.setHeader('access-control-allow-credentials', 'true')
  if (req.method !== 'OPTIONS' || !req.headers['access-control-request-method']) return false
  res.writeHead(204, { 'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE' }).end()
  return true
}

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer) // No encoding was set.
  return Buffer.concat(chunks).toString('utf8')
}
