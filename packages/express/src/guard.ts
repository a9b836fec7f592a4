import type { Auth, Requirement } from '@auth/core'
import { type Gate, guardGate, markGuard, nodeSource, optionalGate, principalOf, sendRefusal } from '@auth/core/node'
import type { Middleware } from './express-request.js'

/** Lets through whoever meets the requirement, and answers everybody else. */
export function createGuard(auth: Pick<Auth, 'authenticate' | 'checkRequirement'>, given: Requirement): Middleware {
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

function standAt(gate: Gate): Middleware {
  return async (req, res, next) => {
    const refusal = await gate(req, nodeSource(req, req.ip, req.originalUrl))
    req.auth = principalOf(req) ?? undefined
    if (refusal) return sendRefusal(res, refusal)
    next()
  }
}
