import type { Auth } from '@auth/core'
import { discardRest, refuseError, type UnreadRequest } from '@auth/core/node'
import { sendRefusal } from './send.js'
import type { AuthErrorHandler, GuardedReply } from './types.js'

/** Answers what was thrown as a problem (RFC 9457). */
export function createErrorHandler(auth: Pick<Auth, 'refuse'>): AuthErrorHandler {
  return async (error, request, reply) => {
    // What a schema found wrong is told by the handler around this one; an answer that has begun is Fastify's to end.
    const refusal = reply.sent || isValidation(error) ? null : refuseError(auth, error)
    if (!refusal) throw error
    if (!request.raw.complete) closeLater(request.raw, reply)
    sendRefusal(reply, refusal)
    await reply
  }
}

/** Fastify closes the connection upon a body that it did not read; while the client still sends, the answer is lost so. */
function closeLater(req: UnreadRequest, reply: GuardedReply): void {
  reply.removeHeader('connection')
  reply.raw.once('finish', () => discardRest(req))
}

function isValidation(error: unknown): boolean {
  return typeof error === 'object' && error !== null && Array.isArray(Reflect.get(error, 'validation'))
}
