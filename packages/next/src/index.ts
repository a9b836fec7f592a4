import type { Auth, Principal, Roles } from '@auth/core'
import { guardGate, hasRoutes, optionalGate, principalOf, requirePrincipal } from '@auth/core/node'
import type { Verifier } from '@auth/core/verify'
import { createActions } from './actions.js'
import { standBefore } from './guard.js'
import { createHandlers } from './handlers.js'
import { createFinders } from './principal.js'
import { createProxy } from './proxy.js'
import { createReceiver } from './received.js'
import type { NextAuth, NextAuthOptions, NextGuards } from './types.js'

export type {
  ActionDone,
  ActionOptions,
  ActionProblem,
  ActionRefusal,
  ActionSignedIn,
  ActionUser,
  AuthActions,
  LoginFields,
  RegisterFields,
} from './action-types.js'
export type {
  AuthHandlers,
  AuthProxy,
  NextAuth,
  NextAuthOptions,
  NextGuards,
  NextRequirement,
  PageRequirement,
  ProxyOptions,
  RouteHandler,
  RouteParams,
} from './types.js'

/**
 * Fits an `Auth` to Next, 15.5 or 16, with its App Router.
 * @example
 * export const web = nextAuth(auth)
 * export const GET = web.guard({ scopes: ['read:orders'] }, (request) => Response.json(ordersOf(getAuth(request).subject)))
 */
export function nextAuth<R extends Roles>(auth: Auth<R>, options?: NextAuthOptions): NextAuth<R>
/** Guards the route handlers of a service that accepts another's access tokens, with what `createVerifier` of `@auth/core/verify` makes. */
export function nextAuth<R extends Roles>(verifier: Verifier<R>, options?: NextAuthOptions): NextGuards<R>
export function nextAuth(auth: Auth | Verifier, options: NextAuthOptions = {}): NextAuth | NextGuards {
  const receive = createReceiver(options, hasRoutes(auth))
  const guards: NextGuards = {
    guard: (requirement, handler) =>
      standBefore(auth, guardGate(auth, auth.checkRequirement(requirement)), receive, handler),
    optional: (handler) => standBefore(auth, optionalGate(auth), receive, handler),
  }
  if (!hasRoutes(auth)) return Object.freeze(guards)
  return Object.freeze<NextAuth>({
    handlers: createHandlers(auth, receive),
    ...guards,
    ...createFinders(auth, receive),
    proxy: (given) => createProxy(auth, receive, given),
    actions: createActions(auth, receive),
  })
}

/**
 * Who is calling, behind a guard.
 * @throws ConfigError where no guard let the request through: the route lacks one
 */
export function getAuth(request: Request): Principal {
  return requirePrincipal(request, 'wrap the handler in guard(), or use peekAuth(request) within optional()')
}

/** Who is calling; `null` where no credential came, or no good one, or where neither `guard` nor `optional` is around the handler. */
export function peekAuth(request: Request): Principal | null {
  return principalOf(request)
}
