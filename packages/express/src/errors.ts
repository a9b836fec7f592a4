import type { Auth } from '@auth/core'
import { refuseError, sendRefusal } from '@auth/core/node'
import type { ErrorMiddleware } from './express-request.js'

/** Answers what was thrown as a problem (RFC 9457). */
export function createErrors(auth: Pick<Auth, 'refuse'>): ErrorMiddleware {
  return (error, _req, res, next) => {
    // An answer that has begun is Express's to end.
    const refusal = res.headersSent ? null : refuseError(auth, error)
    if (!refusal) return next(error)
    sendRefusal(res, refusal)
  }
}
