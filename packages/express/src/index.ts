import {
  type Auth,
  assertGuarded,
  type Requirement,
  type RoleNameOf,
  type Roles,
  type RouteMatrix,
  type ScopeNameOf,
} from '@auth/core'
import { hasRoutes } from '@auth/core/node'
import type { Verifier } from '@auth/core/verify'
import { createErrors } from './errors.js'
import type { ErrorMiddleware, GuardedRequest, Middleware } from './express-request.js'
import { createGuard, createOptional, createPublic } from './guard.js'
import { listRoutes } from './route-list.js'
import { createRoutes } from './routes.js'

export type { ErrorMiddleware, ExpressRequest, GuardedRequest, Middleware } from './express-request.js'
export { getAuth, peekAuth } from './request-state.js'

/** The middleware of one `Auth` for an Express app. */
export interface ExpressAuth<R extends Roles = Roles> extends ExpressGuards<R> {
  /**
   * Serves the SDK's routes; any other path goes on to the app. `app.use(web.routes())` serves the base path and the
   * root's `.well-known` documents, `app.use(basePath, web.routes())` the base path alone; mounted elsewhere, every
   * request is a ConfigError. Body parsers may come before or after.
   */
  routes(): Middleware
}

/** The middleware that stands before an app's own routes. All that there is of a verifier, which has no routes. */
export interface ExpressGuards<R extends Roles = Roles> {
  /**
   * Lets through whoever meets the requirement; without one, whoever is signed in. Everybody else gets 401 or 403 as a
   * problem, never a redirect. The caller is then `getAuth(req)`. The body is not touched. A `check` is given the request.
   * @throws ConfigError where the requirement names what is not declared
   */
  guard(requirement?: Requirement<RoleNameOf<R>, ScopeNameOf<R>, GuardedRequest>): Middleware
  /** Finds out who is calling without refusing anybody: a bad credential counts as none, and `peekAuth(req)` is `null` then. A store that is down is answered 503 all the same. */
  optional(): Middleware
  /** Declares a route public. It does nothing but tell readers, and whatever lists the routes. */
  public(): Middleware
  /** Answers errors as problems (RFC 9457); to be used last. What a handler throws unexpectedly is a 500 that tells nothing. */
  errors(): ErrorMiddleware
  /**
   * Every route of an app with who may call it; `String(…)` is a table. A guard counts for what is behind it: on the route,
   * or by `use` before it, on any router around. `use(public(), …)` declares public what comes next in that router.
   * @throws ConfigError where Express's router is too old to tell where others are mounted
   */
  matrix(app: object): RouteMatrix
  /** For the app's own tests. @throws ConfigError that names every route with neither a guard nor a declaration */
  assertGuarded(app: object): void
}

/**
 * Fits an `Auth` to Express 5.
 * @example
 * const web = expressAuth(auth)
 * app.use(web.routes())
 * app.get('/orders', web.guard({ scopes: ['read:orders'] }), (req, res) => res.json(ordersOf(getAuth(req).subject)))
 * app.use(web.errors())
 */
export function expressAuth<R extends Roles>(auth: Auth<R>): ExpressAuth<R>
/** Guards the routes of a service that accepts another's access tokens, with what `createVerifier` of `@auth/core/verify` makes. */
export function expressAuth<R extends Roles>(verifier: Verifier<R>): ExpressGuards<R>
export function expressAuth(auth: Auth | Verifier): ExpressGuards {
  const guards: ExpressGuards = {
    guard: (requirement = {}) => createGuard(auth, requirement),
    optional: () => createOptional(auth),
    public: createPublic,
    errors: () => createErrors(auth),
    matrix: (app) => auth.matrix(listRoutes(app)),
    assertGuarded: (app) => assertGuarded(auth.matrix(listRoutes(app))),
  }
  return Object.freeze(hasRoutes(auth) ? { routes: () => createRoutes(auth), ...guards } : guards)
}
