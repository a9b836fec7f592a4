import type { Auth } from '../auth.js'
import type { Refusal, RequestSource } from '../http/index.js'
import type { Requirement } from '../rbac/index.js'
import { setPrincipal } from './principals.js'

/**
 * What stands in front of a handler. `null` lets the request through, and who is calling has been noted; a refusal is to
 * be written, and the handler not to be called.
 * @param req Node's own request.
 */
export type Gate = (req: object, source: RequestSource) => Promise<Refusal | null>

/** Lets through whoever meets the requirement, which `auth.checkRequirement` has checked. */
export function guardGate(auth: Pick<Auth, 'authenticate'>, requirement: Requirement): Gate {
  return async (req, source) => {
    const seen = await auth.authenticate(source, requirement)
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
