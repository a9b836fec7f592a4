import { type Auth, AuthError, type AuthErrorCode } from '@auth/core'
import { sendRefusal } from '@auth/core/node'
import type { ErrorMiddleware } from './express-request.js'

/** Answers what was thrown as a problem (RFC 9457). */
export function createErrors(auth: Pick<Auth, 'refuse'>): ErrorMiddleware {
  return (error, _req, res, next) => {
    const status = clientFault(error)
    const code = status === null ? undefined : parserCodes[status]
    // Another middleware's refusal is its own to word; an answer that has begun is Express's to end.
    if (res.headersSent || (status !== null && code === undefined)) return next(error)
    sendRefusal(res, auth.refuse(code === undefined ? error : new AuthError(code, {}, { cause: error })))
  }
}

/** What the router and body parsers refuse. */
const parserCodes: Readonly<Record<number, AuthErrorCode>> = {
  400: 'invalid_request',
  404: 'not_found',
  413: 'body_too_large',
  415: 'unsupported_media_type',
}

/** The 4xx status that Express's own conventions put on an error. */
function clientFault(error: unknown): number | null {
  if (typeof error !== 'object' || error === null) return null
  const status: unknown = Reflect.get(error, 'status') ?? Reflect.get(error, 'statusCode')
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null
}
