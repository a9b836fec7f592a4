import type { Auth, Principal, Roles } from '@auth/core'
import { guardGate, optionalGate, principalOf, requirePrincipal } from '@auth/core/node'
import { createActions } from './actions.js'
import { standBefore } from './guard.js'
import { createHandlers } from './handlers.js'
import { createFinders } from './principal.js'
import { createProxy } from './proxy.js'
import { createReceiver } from './received.js'
import type { NextAuth, NextAuthOptions } from './types.js'

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
export function nextAuth<R extends Roles>(auth: Auth<R>, options: NextAuthOptions = {}): NextAuth<R> {
  const receive = createReceiver(options)
  return Object.freeze<NextAuth<R>>({
    handlers: createHandlers(auth, receive),
    guard: (requirement, handler) =>
      standBefore(auth, guardGate(auth, auth.checkRequirement(requirement)), receive, handler),
    optional: (handler) => standBefore(auth, optionalGate(auth), receive, handler),
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
