import { AuthError } from '../errors.js'
import type { PublicDocument } from '../oauth-server/index.js'
import type { FoundRoute } from '../rbac/index.js'
import type { KeyRing } from '../signing-keys/index.js'
import type { Authenticator } from './authenticate.js'
import { readJsonObject } from './body.js'
import { oauthRefusal } from './oauth-answers.js'
import { ownRoutes } from './own-routes.js'
import { type AuthLogger, refusalResponse, toRefusal } from './problem.js'
import { wantsPage } from './refusal-page.js'
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
  /** What anybody may read at the root beside the keys. */
  readonly documents: readonly PublicDocument[]
  /** Where the metadata of the protected resource is, for challenges; `null` where there is none. */
  readonly resourceMetadata: string | null
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

/** Where the OAuth server's endpoints are, below the base path. */
const oauthPath = '/oauth/'
const jwksPath = '/jwks.json'
const rootJwksPath = '/.well-known/jwks.json'
const documentMaxAgeSeconds = 300
/** No route has more. */
const mostSegments = 8
const idPattern = /^[A-Za-z0-9_-]{1,64}$/

/** Makes the handler. */
export function createHandler(deps: HandlerDeps): AuthHandler {
  const { basePath, keyRing, authenticator, logger, resourceMetadata } = deps
  const documents = new Map(deps.documents.map(({ path, content }) => [path, JSON.stringify(content)]))
  const rootPaths = [rootJwksPath, ...documents.keys()]
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
    const isKnown = (each: Route): boolean => each.accepts?.(id) ?? true
    if (route ? !isKnown(route) : !routes.some(isKnown)) throw new AuthError('not_found')
    if (!route) throw new AuthError('method_not_allowed', { allow: routes.filter(isKnown).flatMap(methodsOf) })
    return { route, id }
  }

  async function document(method: string, path: string): Promise<Response | null> {
    const isKeys = path === rootJwksPath || path === `${basePath}${jwksPath}`
    const content = documents.get(path)
    if (!isKeys && content === undefined) return null
    if (method !== 'GET' && method !== 'HEAD') throw new AuthError('method_not_allowed', { allow: ['GET', 'HEAD'] })
    const headers = { 'content-type': 'application/json', 'cache-control': `public, max-age=${documentMaxAgeSeconds}` }
    return new Response(content ?? JSON.stringify(await keyRing.jwks()), { headers })
  }

  /** What shows a person why their request is refused: where its route has that, and they ask for a page. */
  function pageOf(request: Request): Route['page'] {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith(`${basePath}/`) || !wantsPage(sourceOfRequest(request, undefined))) return undefined
    return routesAt(pathname.slice(basePath.length))?.routes.find(({ method }) => method === request.method)?.page
  }

  /** Below `/oauth/` in OAuth's own terms, elsewhere as a problem. */
  async function refuse(request: Request, error: unknown): Promise<Response> {
    const shown = await pageOf(request)?.(error)
    if (shown) return shown
    const isOAuth = new URL(request.url).pathname.startsWith(`${basePath}${oauthPath}`) && byPath.has('/oauth/token')
    return isOAuth ? oauthRefusal(error, logger) : refusalResponse(toRefusal(error, logger, resourceMetadata))
  }

  async function answer(request: Request, ip: string | undefined): Promise<Response> {
    const { pathname } = new URL(request.url)
    const found = await document(request.method, pathname)
    if (found) return found
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
      const response = await answer(request, ip).catch((error: unknown) => refuse(request, error))
      return request.method === 'HEAD' ? new Response(null, response) : response
    },
  }
}

function methodsOf({ method }: Route): string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method]
}
