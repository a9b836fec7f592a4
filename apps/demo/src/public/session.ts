import { type Answer, type Call, send } from './http.js'
import { meaningOf } from './messages.js'

/** The account as the server shows it. */
export interface User {
  readonly id: string
  readonly email: string
  readonly name: string | null
  readonly roles: readonly string[]
  readonly createdAt: string
}

/** Access and refresh token, kept in memory: what a script could read from storage, another script could too. */
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
  /** The one before, which is spent. */
  readonly spentRefreshToken: string | null
  readonly lifeMs: number
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

/** The session of this page. */
export interface PageSession {
  current(): SignedIn | null
  /** Signs up or in. */
  enter(path: '/auth/register' | '/auth/login', credentials: Credentials): Promise<Answer>
  /** Finds out whether a cookie from before is still good. */
  resume(): Promise<void>
  /** Asks the server as whoever is signed in. A token that has run out is refreshed first where that is allowed. */
  call(call: Call): Promise<Answer>
  /** Exchanges the refresh token; `null` with a cookie. Calls at the same time share one exchange: a token is good for one. */
  refresh(): Promise<Answer | null>
  /** Sends the spent refresh token once more, as a thief would. */
  replay(): Promise<void>
  /** Ends the session, or with `/auth/logout-all` all of the account. */
  leave(path: '/auth/logout' | '/auth/logout-all'): Promise<Answer>
  /** Notes on the page that the session has ended. */
  end(notice: string): void
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

/** Answers after which the session is over for good. */
const fatal = /^(token_revoked|session_|refresh_)/

/** Says that a cookie may be there, so that nobody is asked in vain. Neither it nor the device's mark is a credential. */
const cookieHint = 'auth-demo.cookie'
const deviceMark = 'auth-demo.device'

/** Makes the page's session. */
export function createPageSession(events: SessionEvents): PageSession {
  let signedIn: SignedIn | null = null
  let refreshing: Promise<Answer> | null = null

  function set(next: SignedIn): void {
    signedIn = next
    events.changed(next)
  }

  function end(notice: string): void {
    if (!signedIn) return
    signedIn = null
    localStorage.removeItem(cookieHint)
    events.ended(notice)
  }

  function endIfFatal(answer: Answer): Answer {
    if (fatal.test(answer.code)) end(`${meaningOf(answer)} (${answer.code})`)
    return answer
  }

  async function exchange({ user, tokens }: SignedIn & { tokens: Tokens }): Promise<Answer> {
    const answer = await send({ method: 'POST', path: '/auth/refresh', body: { refreshToken: tokens.refreshToken } })
    if (answer.ok && signedIn) set({ user, tokens: readTokens(answer, tokens.refreshToken) })
    return endIfFatal(answer)
  }

  async function refresh(): Promise<Answer | null> {
    if (!signedIn?.tokens) return null
    refreshing ??= exchange({ ...signedIn, tokens: signedIn.tokens }).finally(() => {
      refreshing = null
    })
    return refreshing
  }

  async function call(request: Call): Promise<Answer> {
    const ask = (): Promise<Answer> => send({ ...request, accessToken: signedIn?.tokens?.accessToken })
    const answer = await ask()
    if (answer.code !== 'token_expired' || !events.mayRefresh()) return endIfFatal(answer)
    return (await refresh())?.ok ? endIfFatal(await ask()) : answer
  }

  return {
    current: () => signedIn,
    call,
    refresh,
    end,
    async enter(path, { transport, ...fields }) {
      const mark = path === '/auth/login' ? localStorage.getItem(deviceMark) : null
      const body = { ...fields, transport, ...(mark === null ? {} : { deviceToken: mark }) }
      const answer = await send({ method: 'POST', path, body })
      if (!answer.ok) return answer
      if (transport === 'cookie') localStorage.setItem(cookieHint, '1')
      else localStorage.setItem(deviceMark, String(answer.body?.deviceToken))
      set({ user: userOf(answer), tokens: transport === 'cookie' ? null : readTokens(answer, null) })
      return answer
    },
    async resume() {
      if (localStorage.getItem(cookieHint) === null) return
      const answer = await send({ method: 'GET', path: '/auth/me' })
      if (answer.ok) set({ user: userOf(answer), tokens: null })
      else if (answer.status === 401) localStorage.removeItem(cookieHint)
    },
    async replay() {
      const spent = signedIn?.tokens?.spentRefreshToken
      if (spent) endIfFatal(await send({ method: 'POST', path: '/auth/refresh', body: { refreshToken: spent } }))
    },
    async leave(path) {
      const answer = await call({ method: 'POST', path })
      if (answer.ok) end(path === '/auth/logout' ? 'You are signed out.' : 'You are signed out everywhere.')
      return answer
    },
  }
}

function userOf({ body }: Answer): User {
  return body?.user as User // The answer to signing in, and to asking who one is.
}

function readTokens({ body }: Answer, spentRefreshToken: string | null): Tokens {
  const lifeMs = Number(body?.expiresIn) * 1000
  return {
    accessToken: String(body?.accessToken),
    refreshToken: String(body?.refreshToken),
    spentRefreshToken,
    lifeMs,
    runsOutAt: Date.now() + lifeMs,
  }
}
