import type { Auth } from '../auth.js'
import type { Refusal, RequestSource } from '../http/index.js'
import type { Requirement } from '../rbac/index.js'
import { setPrincipal } from './principals.js'

/**
 * What stands in front of a handler. `null` lets the request through, and who is calling has been noted; a refusal is to
 * be written, and the handler not to be called.
 * @param req Node's own request.
 * @param context The request as the framework has it, which the requirement's `check` is given.
 */
export type Gate<Context = unknown> = (req: object, source: RequestSource, context: Context) => Promise<Refusal | null>

/** Lets through whoever meets the requirement, which `auth.checkRequirement` has checked. */
export function guardGate<Context>(
  auth: Pick<Auth, 'authenticate'>,
  requirement: Requirement<string, string, Context>,
): Gate<Context> {
  return async (req, source, context) => {
    const seen = await auth.authenticate(source, requirement, context)
    setPrincipal(req, seen.ok ? seen.principal : null)
    return seen.ok ? null : seen.refusal
  }
}

/** Lets everybody through, a bad credential as none; refuses only where it cannot be found out who is calling. */
export function optionalGate(auth: Pick<Auth, 'authenticate'>): Gate {
  return async (req, source) => {
    const seen = await auth.authenticate(source)
    setPrincipal(req, seen.ok ? seen.principal : null)
    return seen.ok || seen.refusal.status < 500 ? null : seen.refusal
  }
}
