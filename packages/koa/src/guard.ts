import type { Auth, Requirement } from '@auth/core'
import { type Gate, guardGate, markGuard, nodeSource, optionalGate, principalOf } from '@auth/core/node'
import type { Middleware } from './koa-context.js'
import { sendRefusal } from './send.js'

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
  const declaredPublic: Middleware = async (_ctx, next) => {
    await next()
  }
  return markGuard(declaredPublic, { kind: 'public' })
}

function standAt(gate: Gate): Middleware {
  return async (ctx, next) => {
    const refusal = await gate(ctx.req, nodeSource(ctx.req, ctx.ip || undefined, ctx.originalUrl))
    Reflect.set(ctx.state, 'auth', principalOf(ctx.req) ?? undefined)
    if (refusal) return sendRefusal(ctx, refusal)
    await next()
  }
}
