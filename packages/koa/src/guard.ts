import type { Auth, RequestSource, Requirement } from '@auth/core'
import { type Gate, guardGate, markGuard, nodeSource, optionalGate, principalOf } from '@auth/core/node'
import type { KoaContext, Middleware } from './koa-context.js'
import { sendRefusal } from './send.js'

/** Lets through whoever meets the requirement, and answers everybody else. */
export function createGuard(
  auth: Pick<Auth, 'authenticate' | 'checkRequirement'>,
  given: Requirement<string, string, KoaContext>,
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
  const declaredPublic: Middleware = async (_ctx, next) => {
    await next()
  }
  return markGuard(declaredPublic, { kind: 'public' })
}

function standAt(gate: Gate<KoaContext>): Middleware {
  return async (ctx, next) => {
    const refusal = await gate(ctx.req, sourceOf(ctx), ctx)
    Reflect.set(ctx.state, 'auth', principalOf(ctx.req) ?? undefined)
    if (refusal) return sendRefusal(ctx, refusal)
    await next()
  }
}

function sourceOf(ctx: KoaContext): RequestSource {
  return { ...nodeSource(ctx.req, ctx.ip || undefined, ctx.originalUrl), route: () => routeOf(ctx) }
}

/** The pattern of a route of `@koa/router`, where nothing that is mounted stands around it. */
function routeOf({ matched, method, mountPath }: KoaContext): string | undefined {
  if (mountPath !== undefined || !Array.isArray(matched)) return undefined
  const layers: readonly MatchedLayer[] = matched
  const route = layers.findLast(({ methods }) => Array.isArray(methods) && methods.includes(method))
  return route && String(route.path)
}

/** What of an entry of a router is looked at. */
interface MatchedLayer {
  readonly methods?: unknown
  readonly path?: unknown
}
