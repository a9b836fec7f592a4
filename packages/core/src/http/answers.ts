import { publicUser, type UserRecord } from '../accounts/index.js'
import type { Principal } from '../rbac/index.js'
import { earlier, type SessionRecord } from '../sessions/index.js'
import type { Clock } from '../shared/clock.js'
import type { IssuedToken } from '../tokens/index.js'
import { type CookieNames, setCookie } from './cookies.js'

/** What a session's carrier brings with it. */
export interface SignedIn {
  readonly user: UserRecord
  readonly session: SessionRecord
  /** The cookie's value or the refresh token. */
  readonly token: string
  /** The known-device mark. */
  readonly deviceToken: string
}

/** Writes the answers of the routes. */
export interface Answers {
  /** Tokens in the body. `user` is left out of a refresh. */
  tokens(signedIn: SignedIn, access: IssuedToken, options: { status: 200 | 201; withUser: boolean }): Response
  /** The session in a cookie, no token in the body. */
  cookie(signedIn: SignedIn, status: 200 | 201): Response
  /**
   * Nothing to tell; `renewed` sets the session's cookies anew, `cleared` removes the session's, `marked` sets a known-device mark
   * alone: for who has proved to be the owner without being signed in.
   */
  empty(cookies?: { readonly renewed?: SignedIn } | { readonly cleared: true } | { readonly marked: string }): Response
  /** Any object. */
  json(value: object, status?: number): Response
}

/** A session as listed. */
export interface SessionView {
  readonly id: string
  readonly current: boolean
  readonly carrier: SessionRecord['carrier']
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
  readonly ip: string | null
  readonly userAgent: string | null
  /** The OAuth client that acts for the user in it; absent for logins of their own. */
  readonly clientId?: string
}

const deviceCookieSeconds = 400 * 86_400

/** What of a session may be shown: its id is a handle, not its secret. */
export function viewSession(session: SessionRecord, currentId: string | undefined): SessionView {
  const { id, clientId, carrier, createdAt, lastSeenAt, expiresAt, ip, userAgent } = session
  const view = { id, current: id === currentId, carrier, createdAt, lastSeenAt, expiresAt, ip, userAgent }
  return clientId === null ? view : { ...view, clientId }
}

/** What of a principal is shown to itself. */
export function viewPrincipal(principal: Principal): object {
  return { ...principal }
}

/** Makes the writer. Everything it answers is `no-store`. */
export function createAnswers(cookies: CookieNames, clock: Clock): Answers {
  function json(value: object, status = 200, setCookies: readonly string[] = []): Response {
    return answer(JSON.stringify(value), status, setCookies, 'application/json')
  }

  function sessionCookies({ session, token, deviceToken }: SignedIn): string[] {
    return [setCookie(cookies, cookies.session, token, secondsUntil(session.expiresAt)), deviceCookie(deviceToken)]
  }

  function deviceCookie(mark: string): string {
    return setCookie(cookies, cookies.device, mark, deviceCookieSeconds)
  }

  function secondsUntil(instant: Date): number {
    return Math.max(0, Math.ceil((instant.getTime() - clock.now().getTime()) / 1000))
  }

  return {
    tokens({ user, session, token, deviceToken }, access, { status, withUser }) {
      const nearer = earlier(session.idleExpiresAt, session.expiresAt)
      const body = {
        accessToken: access.token,
        refreshToken: token,
        tokenType: 'Bearer',
        expiresIn: access.expiresIn,
        refreshExpiresIn: secondsUntil(nearer),
        ...(withUser ? { user: publicUser(user) } : {}),
        deviceToken,
      }
      return json(body, status)
    },
    cookie(signedIn, status) {
      const { user, session } = signedIn
      return json({ user: publicUser(user), session: viewSession(session, session.id) }, status, sessionCookies(signedIn))
    },
    empty(change = {}) {
      if ('cleared' in change) return answer(null, 204, [setCookie(cookies, cookies.session, '', 0)])
      if ('marked' in change) return answer(null, 204, [deviceCookie(change.marked)])
      return answer(null, 204, change.renewed ? sessionCookies(change.renewed) : [])
    },
    json: (value, status) => json(value, status),
  }
}

function answer(body: string | null, status: number, setCookies: readonly string[], type?: string): Response {
  const headers = new Headers({ 'cache-control': 'no-store' })
  if (type) headers.set('content-type', type)
  for (const cookie of setCookies) headers.append('set-cookie', cookie)
  return new Response(body, { status, headers })
}
