import { type AuthClient, type AuthState, createAuthClient, type SignedOutReason, type User } from '@auth/client'
import { type Answer, ask, attempt } from './http.js'
import { meaningOfCode } from './messages.js'
import { createWire, type SeenTokens } from './wire.js'

/** The tokens of this tab. */
export interface Tokens extends SeenTokens {
  readonly runsOutAt: number
}

/** Somebody who is signed in. Without tokens, a cookie that no script can read says so. */
export interface SignedIn {
  readonly user: User
  readonly tokens: Tokens | null
}

/** What a sign-in form holds. */
export interface Credentials {
  readonly email: string
  readonly password: string
  readonly name?: string
  readonly transport: 'bearer' | 'cookie'
}

/** What is sent to the app's API. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly body?: object
}

/** The session of this page. */
export interface PageSession {
  current(): SignedIn | null
  /** Signs up or in. A sign-up that has to be confirmed first signs nobody in, and has status 202. */
  enter(how: 'register' | 'login', credentials: Credentials): Promise<Answer>
  /** Finds out whether a cookie from before is still good. */
  resume(): Promise<void>
  /** Asks the server as whoever is signed in. A token that has run out is refreshed where that is allowed. */
  call(call: Call): Promise<Answer>
  /** Exchanges the refresh token; `null` with a cookie. */
  refresh(): Promise<Answer | null>
  /** Sends the spent refresh token once more, as a thief would. */
  replay(): Promise<void>
  /** Deletes the account. */
  remove(password: string): Promise<Answer>
  /** Ends the session, or all of the account. */
  leave(how: 'logout' | 'logoutAll'): Promise<Answer>
  /** Signs out where the session has ended already, and says why. */
  end(notice: string): Promise<void>
}

/** What the page does about it. */
export interface SessionEvents {
  /** Whether a token that has run out may be refreshed without asking. */
  mayRefresh(): boolean
  /** Tokens or user are new. */
  changed(signedIn: SignedIn): void
  /** Nobody is signed in any more. */
  ended(notice: string): void
}

const notices: Readonly<Record<string, string>> = {
  logout: 'You are signed out.',
  logout_all: 'You are signed out everywhere.',
  account_deleted: 'Your account is deleted.',
}

/** Makes the page's session: whoever signs in chooses whether tokens or a cookie carry it. */
export function createPageSession(events: SessionEvents): PageSession {
  const wire = createWire()
  let notice: string | null = null
  const bearer = createAuthClient({ baseUrl: '/auth', fetch: wire.fetch })
  const cookie = createAuthClient({ baseUrl: '/auth', transport: 'cookie' })
  let active = bearer

  function view(client: AuthClient, state: AuthState | null): SignedIn | null {
    if (!state) return null
    const seen = client === bearer ? wire.seen() : null
    return { user: state.user, tokens: seen && { ...seen, runsOutAt: state.accessTokenExpiresAt?.getTime() ?? 0 } }
  }

  function watch(client: AuthClient): void {
    client.onChange((state) => {
      const signedIn = view(client, state)
      // With a cookie this also happens where another tab signs in.
      if (!signedIn || (client !== active && active.current())) return
      active = client
      events.changed(signedIn)
    })
    client.onSignedOut((reason: SignedOutReason) => {
      if (client !== active) return
      events.ended(notice ?? notices[reason] ?? `${meaningOfCode(reason)} (${reason})`)
      notice = null
    })
  }
  watch(bearer)
  watch(cookie)

  function call({ method, path, body }: Call): Promise<Answer> {
    const headers = body ? { 'content-type': 'application/json' } : {}
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }
    const token = active === bearer && active.current() && !events.mayRefresh() ? wire.seen()?.accessToken : undefined
    // With a header of its own the client leaves a request as it is: the token is sent though it may have run out.
    const kept = token === undefined ? init : { ...init, headers: { ...headers, authorization: `Bearer ${token}` } }
    return ask(() => active.fetch(path, kept))
  }

  async function end(text: string): Promise<void> {
    notice = text
    await attempt(() => active.logout())
  }

  return {
    current: () => view(active, active.current()),
    call,
    end,
    async enter(how, { transport, ...credentials }) {
      const client = transport === 'cookie' ? cookie : bearer
      let isSent = false
      const answer = await attempt(async () => {
        const entered = await client[how](credentials)
        isSent = 'status' in entered && entered.status === 'verification_sent'
      })
      return isSent ? { ...answer, status: 202 } : answer
    },
    async resume() {
      // No script sees whether there is one; another process of the deployment may have set it.
      await attempt(() => cookie.restore())
    },
    refresh: async () => (active === bearer && active.current() ? attempt(() => active.refresh()) : null),
    async replay() {
      const refreshToken = wire.seen()?.spentRefreshToken
      if (!refreshToken) return
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ refreshToken })
      const { code } = await ask(() => fetch('/auth/refresh', { method: 'POST', headers, body }))
      if (code.startsWith('refresh_')) await end(`${meaningOfCode(code)} (${code})`)
    },
    remove: (password) => attempt(() => active.deleteAccount(password === '' ? {} : { password })),
    leave: (how) => attempt(() => active[how]()),
  }
}
