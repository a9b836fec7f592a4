import { currentExchange, linesOf } from './exchange.js'
import type { NextAuthOptions } from './types.js'

/** A request as it came, without what Next made of it. */
export interface Received {
  /** As the request line had it; `undefined` where nobody watches for it. */
  readonly method: string | undefined
  /** The request target: a path and query, or an absolute URL. */
  readonly target: string
  readonly headers: Headers
  /** The address of the client or of the proxy before it; `undefined` where nobody watches for it. */
  readonly ip: string | undefined
}

/** Takes away what Next did to a request. @param url Its URL as Next has it, where nobody watches for another. */
export type Receive = (url: string, given: Headers) => Received

/** Makes the receiver of an app. @param countsAttempts Whether anything is limited by address, so that a missing one matters. */
export function createReceiver({ clientAddress }: NextAuthOptions, countsAttempts: boolean): Receive {
  return (url, given) => {
    const headers = new Headers(given)
    const exchange = currentExchange()
    if (exchange) {
      // Node shows the first of several lines alone.
      const authorization = linesOf(exchange, 'authorization')
      if (authorization.length > 1) headers.set('authorization', authorization.join(', '))
      for (const name of forwarded) if (linesOf(exchange, name).length === 0) headers.delete(name)
    }
    const ip = clientAddress ? clientAddress(headers) : exchange?.address
    if (ip === undefined && countsAttempts) warnOnce()
    return { method: exchange?.method, target: exchange?.target ?? url, headers, ip }
  }
}

/** What Next adds of its own where no proxy sent it. */
const forwarded = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'] as const

const warned: symbol = Symbol.for('auth.next.warned')

function warnOnce(): void {
  if (Reflect.get(globalThis, warned)) return
  Reflect.set(globalThis, warned, true)
  console.warn(
    "@auth/next: the client's address is not known, so that all callers share one limit of attempts: " +
      "put `export { register } from '@auth/next/instrumentation'` into instrumentation.ts, or set clientAddress",
  )
}
