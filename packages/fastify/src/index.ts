import {
  type Auth,
  assertGuarded as assertMatrix,
  ConfigError,
  type Principal,
  type Requirement,
  type RouteMatrix,
} from '@auth/core'
import { hasRoutes, principalOf, requirePrincipal } from '@auth/core/node'
import type { Verifier } from '@auth/core/verify'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { guardByConfig } from './config-guard.js'
import { createErrorHandler } from './errors.js'
import { createHooks } from './guard.js'
import { noteRoutes } from './route-list.js'
import { mountOf, serveRoutes } from './routes.js'
import type { FastifyAuthOptions, GuardedRequest } from './types.js'

export type {
  AppRequirement,
  AuthErrorHandler,
  AuthHook,
  FastifyAuthOptions,
  FastifyAuthTypes,
  GuardedReply,
  GuardedRequest,
} from './types.js'

const matrixOf: symbol = Symbol.for('auth.fastify.matrix')

// Async: what a plugin with a callback throws ends the process.
const plugin: FastifyPluginAsync<FastifyAuthOptions> = async (app, options) => {
  const auth: Auth | Verifier = options.auth
  const { prefix, decorator = 'auth' } = options
  const mount = hasRoutes(auth) ? mountOf(auth.basePath, app, prefix) : null
  const hooks = createHooks(auth, decorator)
  app.decorateRequest(decorator)
  app.decorate('authGuard', (requirement: Requirement<string, string, FastifyRequest> = {}) => hooks.guard(requirement))
  app.decorate('authOptional', hooks.optional)
  app.decorate('authPublic', hooks.declaredPublic)
  app.decorate('authErrors', () => createErrorHandler(auth))
  const list = noteRoutes(app, guardByConfig(app, hooks))
  app.decorate(matrixOf, () => auth.matrix(list()))
  if (hasRoutes(auth) && mount !== null) serveRoutes(auth, app, mount)
}

/**
 * Fits an `Auth` to Fastify 5: serves its routes, and decorates the app with `authGuard`, `authOptional`, `authPublic` and
 * `authErrors`. With a verifier of `@auth/core/verify` there are no routes to serve.
 * @throws ConfigError where the routes would not be served at `basePath`
 * @example
 * await app.register(fastifyAuth, { auth })
 * app.get('/orders', { onRequest: app.authGuard({ scopes: ['read:orders'] }) }, (request) => ordersOf(getAuth(request).subject))
 * app.get('/invoices', { config: { auth: { scopes: ['read:invoices'] } } }, listInvoices)
 */
export const fastifyAuth: FastifyPluginAsync<FastifyAuthOptions> = fp(plugin, {
  name: '@auth/fastify',
  fastify: '>=5.3.0 <6',
})

/**
 * Who is calling, behind a guard.
 * @throws ConfigError where no guard let the request through: the route lacks one
 */
export function getAuth(request: Pick<GuardedRequest, 'raw'>): Principal {
  return requirePrincipal(
    request.raw,
    'give the route app.authGuard() or config.auth, or use peekAuth(request) behind authOptional()',
  )
}

/** Who is calling; `null` where no credential came, or no good one, or where neither a guard nor `authOptional()` ran. */
export function peekAuth(request: Pick<GuardedRequest, 'raw'>): Principal | null {
  return principalOf(request.raw)
}

/**
 * Every route of an app with who may call it; `String(…)` is a table. Guards count on the route, in its `config.auth`, and as
 * hooks of the contexts around it; so does `authPublic()`. It is for an app that is ready, and has the plugin before any route.
 * @throws ConfigError where not every route is known
 */
export function matrix(app: FastifyInstance): RouteMatrix {
  const make: unknown = Reflect.get(app, matrixOf)
  if (typeof make === 'function') return make() as RouteMatrix // Decorated by the plugin alone.
  throw new ConfigError([{ path: 'matrix()', message: 'the plugin is not registered on this app: register fastifyAuth' }])
}

/** For the app's own tests. @throws ConfigError that names every route with neither a guard nor a declaration */
export function assertGuarded(app: FastifyInstance): void {
  assertMatrix(matrix(app))
}
