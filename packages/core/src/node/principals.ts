import { ConfigError } from '../errors.js'
import type { Principal } from '../rbac/index.js'

/** What decides: a property of a request could be another library's, or an attacker's. */
const principals = new WeakMap<object, Principal>()

/** Notes who is calling; `null` notes that nobody is, whatever was noted before. @param req Node's own request. */
export function setPrincipal(req: object, principal: Principal | null): void {
  if (principal) principals.set(req, principal)
  else principals.delete(req)
}

/** Who is calling, as a guard noted it; `null` where none did, or nobody is. @param req Node's own request. */
export function principalOf(req: object): Principal | null {
  return principals.get(req) ?? null
}

/**
 * Who is calling, behind a guard.
 * @param req Node's own request.
 * @param advice What to do where no guard let the request through, in the framework's words.
 * @throws ConfigError where no guard let the request through: the route lacks one
 */
export function requirePrincipal(req: object, advice: string): Principal {
  const principal = principals.get(req)
  if (principal) return principal
  throw new ConfigError([{ path: 'getAuth', message: `no guard let this request through: ${advice}` }])
}
