import type { IncomingMessage } from 'node:http'
import {
  type Auth,
  assertGuarded,
  type Principal,
  type Requirement,
  type RoleNameOf,
  type Roles,
  type RouteMatrix,
  type ScopeNameOf,
} from '@auth/core'
import { hasRoutes, principalOf, requirePrincipal } from '@auth/core/node'
import type { Verifier } from '@auth/core/verify'
import { createErrors } from './errors.js'
import { createGuard, createOptional, createPublic } from './guard.js'
import type { KoaContext, Middleware } from './koa-context.js'
import { listRoutes } from './route-list.js'
import { createRoutes } from './routes.js'

export type { KoaContext, Middleware } from './koa-context.js'

/** The middleware of one `Auth` for a Koa app. */
export interface KoaAuth<R extends Roles = Roles> extends KoaGuards<R> {
  /**
   * Serves the SDK's routes; any other path goes on to the app. `app.use(web.routes())` serves the base path and the
   * root's `.well-known` documents; mounted elsewhere than at the base path, every request is a ConfigError. Body parsers
   * may come before or after.
   */
  routes(): Middleware
}

/** The middleware that stands before an app's own routes. All that there is of a verifier, which has no routes. */
export interface KoaGuards<R extends Roles = Roles> {
  /**
   * Lets through whoever meets the requirement; without one, whoever is signed in. Everybody else gets 401 or 403 as a
   * problem, never a redirect and never a thrown error. The caller is then `getAuth(ctx)`, and `ctx.state.auth` to read. A
   * `check` is given the context.
   * @throws ConfigError where the requirement names what is not declared
   */
  guard(requirement?: Requirement<RoleNameOf<R>, ScopeNameOf<R>, KoaContext>): Middleware
  /** Finds out who is calling without refusing anybody: a bad credential counts as none, and `peekAuth(ctx)` is `null` then. A store that is down is answered 503 all the same. */
  optional(): Middleware
  /** Declares a route public. It does nothing but tell readers, and whatever lists the routes. */
  public(): Middleware
  /** Answers errors as problems (RFC 9457); to be used first. What a handler throws unexpectedly is a 500 that tells nothing. */
  errors(): Middleware
  /**
   * Every route of an app, or of a router of `@koa/router`, with who may call it; `String(…)` is a table. A guard counts for
   * what is behind it: on the route, by `router.use` before it, or by `app.use` before its router.
   * @throws ConfigError where something cannot be looked into, as what koa-mount mounts
   */
  matrix(app: object): RouteMatrix
  /** For the app's own tests. @throws ConfigError that names every route with neither a guard nor a declaration */
  assertGuarded(app: object): void
}

/**
 * Fits an `Auth` to Koa.
 * @example
 * const web = koaAuth(auth)
 * app.use(web.errors()).use(web.routes())
 * router.get('/orders', web.guard({ scopes: ['read:orders'] }), (ctx) => { ctx.body = ordersOf(getAuth(ctx).subject) })
 */
export function koaAuth<R extends Roles>(auth: Auth<R>): KoaAuth<R>
/** Guards the routes of a service that accepts another's access tokens, with what `createVerifier` of `@auth/core/verify` makes. */
export function koaAuth<R extends Roles>(verifier: Verifier<R>): KoaGuards<R>
export function koaAuth(auth: Auth | Verifier): KoaGuards {
  const guards: KoaGuards = {
    guard: (requirement = {}) => createGuard(auth, requirement),
    optional: () => createOptional(auth),
    public: createPublic,
    errors: () => createErrors(auth),
    matrix: (app) => auth.matrix(listRoutes(app)),
    assertGuarded: (app) => assertGuarded(auth.matrix(listRoutes(app))),
  }
  return Object.freeze(hasRoutes(auth) ? { routes: () => createRoutes(auth), ...guards } : guards)
}

/**
 * Who is calling, behind a guard.
 * @throws ConfigError where no guard let the request through: the route lacks one
 */
export function getAuth(ctx: { readonly req: IncomingMessage }): Principal {
  return requirePrincipal(ctx.req, 'put guard() before the handler, or use peekAuth(ctx) behind optional()')
}

/** Who is calling; `null` where no credential came, or no good one, or where neither guard nor `optional()` ran. */
export function peekAuth(ctx: { readonly req: IncomingMessage }): Principal | null {
  return principalOf(ctx.req)
}
