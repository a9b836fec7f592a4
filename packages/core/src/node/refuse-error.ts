import type { Auth } from '../auth.js'
import { AuthError, type AuthErrorCode } from '../errors.js'
import type { Refusal } from '../http/index.js'

/**
 * The answer to whatever an app's handler threw. `null` where another middleware's refusal is its own to word: an error
 * with a 4xx `status` or `statusCode` that is none of a router's or body parser's.
 */
export function refuseError(auth: Pick<Auth, 'refuse'>, error: unknown): Refusal | null {
  const status = clientFault(error)
  if (status === null) return auth.refuse(error)
  const code = parserCodes[status]
  return code === undefined ? null : auth.refuse(new AuthError(code, {}, { cause: error }))
}

/** What routers and body parsers refuse. */
const parserCodes: Readonly<Record<number, AuthErrorCode>> = {
  400: 'invalid_request',
  404: 'not_found',
  413: 'body_too_large',
  415: 'unsupported_media_type',
}

/** The 4xx status that Node's frameworks put on an error. */
function clientFault(error: unknown): number | null {
  if (typeof error !== 'object' || error === null) return null
  const status: unknown = Reflect.get(error, 'status') ?? Reflect.get(error, 'statusCode')
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null
}
