import type { Auth, RequestSource, Requirement } from '@auth/core'
import {
  type Gate,
  guardGate,
  markGuard,
  namedSegments,
  nodeSource,
  optionalGate,
  principalOf,
  sendRefusal,
} from '@auth/core/node'
import type { ExpressRequest, GuardedRequest, Middleware } from './express-request.js'

/** Lets through whoever meets the requirement, and answers everybody else. */
export function createGuard(
  auth: Pick<Auth, 'authenticate' | 'checkRequirement'>,
  given: Requirement<string, string, GuardedRequest>,
): Middleware {
  const requirement = auth.checkRequirement(given)
  return markGuard(standAt(guardGate(auth, requirement)), { kind: 'guard', requirement })
}

/** Finds out who is calling and lets everybody through; where that cannot be found out, it answers. */
export function createOptional(auth: Pick<Auth, 'authenticate'>): Middleware {
  return markGuard(standAt(optionalGate(auth)), { kind: 'optional' })
}

/** Declares a route public, and does nothing. */
export function createPublic(): Middleware {
  const declaredPublic: Middleware = (_req, _res, next) => next()
  return markGuard(declaredPublic, { kind: 'public' })
}

function standAt(gate: Gate<GuardedRequest>): Middleware {
  return async (req, res, next) => {
    const refusal = await gate(req, sourceOf(req), req as GuardedRequest) // Express sets `params` before any middleware.
    req.auth = principalOf(req) ?? undefined
    if (refusal) return sendRefusal(res, refusal)
    next()
  }
}

function sourceOf(req: ExpressRequest): RequestSource {
  return { ...nodeSource(req, req.ip, req.originalUrl), route: () => routeOf(req) }
}

/** The pattern of a route, behind what is mounted at plain paths alone: of other mounts Express keeps no pattern. */
function routeOf({ route, baseUrl }: ExpressRequest): string | undefined {
  const path: unknown = typeof route === 'object' && route !== null ? Reflect.get(route, 'path') : undefined
  return path === undefined ? undefined : `${namedSegments(baseUrl)}${String(path)}`
}
