import { type Auth, AuthError, StoreError } from '@auth/core'
import { type Gate, refusalResponse, sourceOfRequest } from '@auth/core/node'
import type { NextRequest } from 'next/server.js'
import type { Receive } from './received.js'
import type { RouteHandler } from './types.js'

/** Puts what decides in front of a handler. */
export function standBefore<Context>(
  auth: Pick<Auth, 'refuse'>,
  gate: Gate<NextRequest>,
  receive: Receive,
  handler: RouteHandler<Context>,
): RouteHandler<Context> {
  return async (request, context) => {
    const { target, headers, ip } = receive(request.url, request.headers)
    const source = sourceOfRequest({ method: request.method, url: target, headers }, ip)
    const refusal = await gate(request, source, request)
    if (refusal) return refusalResponse(refusal)
    try {
      return await handler(request, context)
    } catch (error) {
      // What steers Next, as redirect(), and faults are Next's to answer.
      if (!(error instanceof AuthError || error instanceof StoreError)) throw error
      return refusalResponse(auth.refuse(error))
    }
  }
}
