import type { Auth } from '@auth/core'
import { refuseError } from '@auth/core/node'
import type { Middleware } from './koa-context.js'
import { sendRefusal } from './send.js'

/** Answers what is thrown behind it as a problem (RFC 9457). */
export function createErrors(auth: Pick<Auth, 'refuse'>): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      // An answer that has begun is Koa's to end.
      const refusal = ctx.headerSent ? null : refuseError(auth, error)
      if (!refusal) throw error
      sendRefusal(ctx, refusal)
    }
  }
}
