import type { Auth, RequestSource, Requirement } from '@auth/core'
import { type Gate, guardGate, markGuard, nodeSource, optionalGate, principalOf } from '@auth/core/node'
import type { FastifyRequest } from 'fastify'
import { sendRefusal } from './send.js'
import type { AuthHook, GuardedRequest } from './types.js'

/** Makes the hooks of one `Auth`, which show the caller under the given name. */
export function createHooks(auth: Pick<Auth, 'authenticate' | 'checkRequirement'>, decorator: string): Hooks {
  function standAt(gate: Gate<FastifyRequest>): AuthHook {
    return async (request, reply) => {
      const refusal = await gate(request.raw, sourceOf(request), request as FastifyRequest) // Hooks get nothing else.
      Reflect.set(request, decorator, principalOf(request.raw) ?? undefined)
      if (!refusal) return
      sendRefusal(reply, refusal)
      // Never settles. A hook that resolves lets the handler run unless the reply has ended by then, which it has not
      // while another plugin's `onSend` is at work, or when the client has gone.
      await new Promise<never>(() => undefined)
    }
  }

  return {
    guard(given) {
      const requirement = auth.checkRequirement(given)
      return markGuard(standAt(guardGate(auth, requirement)), { kind: 'guard', requirement })
    },
    optional: () => markGuard(standAt(optionalGate(auth)), { kind: 'optional' }),
    declaredPublic: () => markGuard(async () => undefined, { kind: 'public' }),
  }
}

/** The hooks that routes are declared with. */
export interface Hooks {
  guard(requirement: Requirement<string, string, FastifyRequest>): AuthHook
  optional(): AuthHook
  declaredPublic(): AuthHook
}

function sourceOf(request: GuardedRequest): RequestSource {
  return { ...nodeSource(request.raw, request.ip, request.originalUrl), route: () => request.routeOptions.url }
}
