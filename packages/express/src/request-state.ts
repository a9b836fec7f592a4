import type { IncomingMessage } from 'node:http'
import { ConfigError, type Principal } from '@auth/core'
import type { ExpressRequest } from './express-request.js'

declare global {
  namespace Express {
    interface Request {
      /** Who is calling, as a guard found out: for reading. `getAuth(req)` gives the same and cannot be set by others. */
      auth?: Principal | undefined
    }
  }
}

/** What decides: a property of the request could be another library's. */
const principals = new WeakMap<IncomingMessage, Principal>()

/** Notes who is calling; `null` notes that nobody is, whatever stood on the request before. */
export function setPrincipal(req: ExpressRequest, principal: Principal | null): void {
  if (principal) principals.set(req, principal)
  else principals.delete(req)
  req.auth = principal ?? undefined
}

/**
 * Who is calling, behind a guard.
 * @throws ConfigError where no guard let the request through: the route lacks one
 */
export function getAuth(req: IncomingMessage): Principal {
  const principal = principals.get(req)
  if (principal) return principal
  const message = 'no guard let this request through: put guard() before the handler, or use peekAuth(req) behind optional()'
  throw new ConfigError([{ path: 'getAuth', message }])
}

/** Who is calling; `null` where no credential came, or no good one, or where neither guard nor `optional()` ran. */
export function peekAuth(req: IncomingMessage): Principal | null {
  return principals.get(req) ?? null
}
