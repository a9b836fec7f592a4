import type { IncomingMessage } from 'node:http'
import type { Principal } from '@auth/core'
import { principalOf, requirePrincipal } from '@auth/core/node'

declare global {
  namespace Express {
    interface Request {
      /** Who is calling, as a guard found out: for reading. `getAuth(req)` gives the same and cannot be set by others. */
      auth?: Principal | undefined
    }
  }
}

/**
 * Who is calling, behind a guard.
 * @throws ConfigError where no guard let the request through: the route lacks one
 */
export function getAuth(req: IncomingMessage): Principal {
  return requirePrincipal(req, 'put guard() before the handler, or use peekAuth(req) behind optional()')
}

/** Who is calling; `null` where no credential came, or no good one, or where neither guard nor `optional()` ran. */
export function peekAuth(req: IncomingMessage): Principal | null {
  return principalOf(req)
}
