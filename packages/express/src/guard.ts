import type { Auth, Requirement } from '@auth/core'
import { markGuard, nodeSource, sendRefusal } from '@auth/core/node'
import type { ExpressRequest, Middleware } from './express-request.js'
import { setPrincipal } from './request-state.js'

/** Lets through whoever meets the requirement, and answers everybody else. */
export function createGuard(auth: Pick<Auth, 'authenticate' | 'checkRequirement'>, given: Requirement): Middleware {
  const requirement = auth.checkRequirement(given)
  const guard: Middleware = async (req, res, next) => {
    const seen = await auth.authenticate(sourceOf(req), requirement)
    if (!seen.ok) return sendRefusal(res, seen.refusal)
    setPrincipal(req, seen.principal)
    next()
  }
  return markGuard(guard, { kind: 'guard', requirement })
}

/** Finds out who is calling and lets everybody through; where that cannot be found out, it answers. */
export function createOptional(auth: Pick<Auth, 'authenticate'>): Middleware {
  const optional: Middleware = async (req, res, next) => {
    const seen = await auth.authenticate(sourceOf(req))
    if (!seen.ok && seen.refusal.status >= 500) return sendRefusal(res, seen.refusal)
    setPrincipal(req, seen.ok ? seen.principal : null)
    next()
  }
  return markGuard(optional, { kind: 'optional' })
}

/** Declares a route public, and does nothing. */
export function createPublic(): Middleware {
  const declaredPublic: Middleware = (_req, _res, next) => next()
  return markGuard(declaredPublic, { kind: 'public' })
}

function sourceOf(req: ExpressRequest): ReturnType<typeof nodeSource> {
  return nodeSource(req, req.ip, req.originalUrl)
}
