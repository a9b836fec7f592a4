import type { Auth } from '@auth/core'
import { cookieNames, readCookie } from '@auth/core/node'

/** The session's cookie, for the jars of Next. */
export interface SessionCookie {
  readonly name: string
  /** How every cookie of the SDK is set. */
  readonly attributes: {
    readonly path: '/'
    readonly httpOnly: true
    readonly sameSite: 'lax'
    readonly secure: boolean
  }
}

/** Tells the session's cookie by the issuer, as the SDK's routes set it. */
export function sessionCookie({ issuer }: Pick<Auth, 'issuer'>): SessionCookie {
  const { session: name, secure } = cookieNames(new URL(issuer))
  return { name, attributes: { path: '/', httpOnly: true, sameSite: 'lax', secure } }
}

/**
 * Writes into a request's headers what its session's cookie is by now: the proxy, or the action before a render, may have
 * changed it. Two that contradict each other stay so, and are none.
 */
export function keepCookie(headers: Headers, name: string, now: string | undefined): void {
  const given = headers.get('cookie') ?? ''
  const came = readCookie(given, name)
  if (came === null || (came !== undefined && decoded(came) === now) || came === now) return
  const others = given.split(';').filter((pair) => readCookie(pair, name) === undefined)
  headers.set('cookie', [...others, ...(now ? [`${name}=${encodeURIComponent(now)}`] : [])].join('; '))
}

/** As Next's jar has it, which does not show what cannot be decoded. */
function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
