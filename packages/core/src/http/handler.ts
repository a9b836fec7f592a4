import { AuthError } from '../errors.js'
import type { FoundRoute } from '../rbac/index.js'
import type { KeyRing } from '../signing-keys/index.js'
import type { Authenticator } from './authenticate.js'
import { readJsonObject } from './body.js'
import { ownRoutes } from './own-routes.js'
import { type AuthLogger, refusalResponse, toRefusal } from './problem.js'
import { sourceOfRequest } from './request-source.js'
import type { Route } from './route.js'
import { parseBody } from './schemas.js'

/** What the handler needs. */
export interface HandlerDeps {
  readonly basePath: string
  readonly routes: readonly Route[]
  readonly keyRing: KeyRing
  readonly authenticator: Authenticator
  readonly logger: AuthLogger
}

/** Answers the routes of the SDK. */
export interface AuthHandler {
  /** Never rejects: every fault is an answer. */
  handle(request: Request, ip: string | undefined): Promise<Response>
  /** The SDK's documents at the root. */
  readonly rootPaths: readonly string[]
  /** Whether the path is one of the SDK's own: the base path and below, and the root's `.well-known` documents. */
  serves(pathname: string): boolean
  /** All of them, for a list of routes. */
  readonly routes: readonly FoundRoute[]
}

interface Match {
  readonly route: Route
  readonly id: string
}

const jwksPath = '/jwks.json'
const rootJwksPath = '/.well-known/jwks.json'
const rootPaths: readonly string[] = [rootJwksPath]
const jwksMaxAgeSeconds = 300
/** No route has more. */
const mostSegments = 8
const idPattern = /^[A-Za-z0-9_-]{1,64}$/

/** Makes the handler. */
export function createHandler(deps: HandlerDeps): AuthHandler {
  const { basePath, keyRing, authenticator, logger } = deps
  const byPath = new Map<string, Route[]>()
  for (const route of deps.routes) byPath.set(route.path, [...(byPath.get(route.path) ?? []), route])

  /** The routes at a path, and what stands in the place of their `:id`. */
  function routesAt(path: string): { readonly routes: readonly Route[]; readonly id: string } | null {
    const plain = path.includes(':') ? undefined : byPath.get(path)
    if (plain) return { routes: plain, id: '' }
    const segments = path.split('/', mostSegments + 1)
    for (const [at, id] of segments.entries()) {
      const routes = idPattern.test(id) ? byPath.get(segments.with(at, ':id').join('/')) : undefined
      if (routes) return { routes, id }
    }
    return null
  }

  /** Paths are compared as they came: a second spelling of a path is no path. */
  function find(path: string, method: string): Match {
    const found = routesAt(path)
    if (!found) throw new AuthError('not_found')
    const { routes, id } = found
    const wanted = method === 'HEAD' ? 'GET' : method
    const route = routes.find((candidate) => candidate.method === wanted)
    if (!route) throw new AuthError('method_not_allowed', { allow: routes.flatMap(methodsOf) })
    return { route, id }
  }

  async function jwks(method: string): Promise<Response> {
    if (method !== 'GET' && method !== 'HEAD') throw new AuthError('method_not_allowed', { allow: ['GET', 'HEAD'] })
    const headers = { 'content-type': 'application/jwk-set+json', 'cache-control': `public, max-age=${jwksMaxAgeSeconds}` }
    return new Response(JSON.stringify(await keyRing.jwks()), { headers })
  }

  async function answer(request: Request, ip: string | undefined): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === rootJwksPath || pathname === `${basePath}${jwksPath}`) return jwks(request.method)
    if (!pathname.startsWith(`${basePath}/`)) throw new AuthError('not_found')
    const { route, id } = find(pathname.slice(basePath.length), request.method)
    const body = route.read ? await route.read(request) : parseBody(route.body, await readJsonObject(request))
    const pattern = `${basePath}${route.path}`
    const source = { ...sourceOfRequest(request, ip), route: () => pattern }
    return route.handle({ body, source, ip: authenticator.address(source), route: `${route.method} ${pattern}`, id })
  }

  return {
    rootPaths,
    routes: ownRoutes(basePath, deps.routes, [`${basePath}${jwksPath}`, ...rootPaths]),
    serves: (pathname) => rootPaths.includes(pathname) || pathname === basePath || pathname.startsWith(`${basePath}/`),
    async handle(request, ip) {
      const response = await answer(request, ip).catch((error: unknown) => refusalResponse(toRefusal(error, logger)))
      return request.method === 'HEAD' ? new Response(null, response) : response
    },
  }
}

function methodsOf({ method }: Route): string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method]
}
