import type { Auth } from '@auth/core'
import { refuseError } from '@auth/core/node'
import { sendRefusal } from './send.js'
import type { AuthErrorHandler } from './types.js'

/** Answers what was thrown as a problem (RFC 9457). */
export function createErrorHandler(auth: Pick<Auth, 'refuse'>): AuthErrorHandler {
  return async (error, _request, reply) => {
    // What a schema found wrong is told by the handler around this one; an answer that has begun is Fastify's to end.
    const refusal = reply.sent || isValidation(error) ? null : refuseError(auth, error)
    if (!refusal) throw error
    sendRefusal(reply, refusal)
    await reply
  }
}

function isValidation(error: unknown): boolean {
  return typeof error === 'object' && error !== null && Array.isArray(Reflect.get(error, 'validation'))
}
