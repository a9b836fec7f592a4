import type { StartApp } from '@auth/core/testing'
import { type Change, type Parts, startPlain } from '../support/conformance-server.js'

/** An adapter with one flaw, and the rows that the flaw breaks. */
export interface BrokenAdapter {
  readonly flaw: string
  /** The names of the tests that must fail. */
  readonly breaks: readonly string[]
  readonly start: StartApp
}

/** An adapter of which one part is wrong. */
export function wrong(flaw: string, breaks: readonly string[], change: Change): BrokenAdapter {
  return { flaw, breaks, start: (settings) => startPlain(settings, undefined, change) }
}

/** An adapter that hands over requests, or writes responses, in a wrong way. */
export function wrongRoutes(
  flaw: string,
  breaks: readonly string[],
  handler: (right: Parts['auth']['handler']) => Parts['auth']['handler'],
): BrokenAdapter {
  const changeAuth = (auth: Parts['auth']): Parts['auth'] => ({ ...auth, handler: handler(auth.handler) })
  return { flaw, breaks, start: (settings) => startPlain(settings, changeAuth) }
}

/** A response with something changed. */
export async function changed(
  answer: Promise<Response>,
  change: { status?: number; body?: string | null; headers?: (headers: Headers) => void },
): Promise<Response> {
  const response = await answer
  const headers = new Headers(response.headers)
  change.headers?.(headers)
  const body = change.body === undefined ? response.body : change.body
  return new Response(body, { status: change.status ?? response.status, headers })
}
