import type { AuthClient } from './auth-client.js'
import { AuthClientError } from './auth-client-error.js'
import type { CallOptions, RouteCall } from './call-route.js'
import type { DeviceMark } from './device-mark.js'
import { sessionOf } from './renewal.js'
import type { Me, TokenAnswer, User } from './routes.js'
import type { SavedSession, SignedOutReason } from './saved-state.js'
import { replaceState, type Vault } from './vault.js'

/** What goes with a call of a route. */
export type Sent = Partial<Pick<RouteCall, 'body' | 'keepalive' | 'signal'>>

/** Calls a route, by its path below the base URL. */
export type Ask = (method: RouteCall['method'], path: string, sent?: Sent) => Promise<unknown>

/** What signing in and out needs. */
export interface SignInDeps {
  readonly transport: 'bearer' | 'cookie'
  readonly vault: Vault
  readonly mark: DeviceMark
  /** Calls a route without the session's token. */
  readonly post: (path: string, sent: Sent) => Promise<unknown>
  /** Calls one with it. */
  readonly ask: Ask
  readonly now: () => number
}

/** Signing up, in and out. */
export interface SignIn
  extends Pick<AuthClient, 'register' | 'login' | 'logout' | 'logoutAll' | 'deleteAccount' | 'restore'> {
  /** Turns the ticket of a sign-in with a provider into a session. */
  exchange(ticket: string, options: CallOptions | undefined): Promise<User>
}

/** Makes the part of the client that changes who is signed in. */
export function createSignIn({ transport, vault, mark, post, ask, now }: SignInDeps): SignIn {
  const withCookie = transport === 'cookie'

  /** Takes a sign-in's answer. The session that it replaces in this browser is ended. */
  async function enter(answer: TokenAnswer): Promise<User> {
    const session = withCookie ? cookieSessionOf(answer) : sessionOf(answer, now())
    if (!withCookie) mark.write(answer.deviceToken)
    const replaced = await replaceState(vault, session, null)
    const refreshToken = replaced?.session?.tokens?.refreshToken
    if (refreshToken !== undefined) post('/logout', { body: { refreshToken }, keepalive: true }).catch(() => undefined)
    return session.user
  }

  /** Asks for the end of all that the user has, and notes it unless somebody else has signed in since. */
  async function endAll(path: string, reason: SignedOutReason, sent: Sent): Promise<void> {
    const userId = vault.read().session?.user.id
    await ask('POST', path, sent)
    await replaceState(vault, null, reason, ({ session }) => session !== null && session.user.id === userId)
  }

  return {
    async login({ email, password }, options) {
      const deviceToken = withCookie ? undefined : mark.read()
      const body = { email, password, transport, ...(deviceToken !== undefined && { deviceToken }) }
      return enter((await post('/login', { ...options, body })) as TokenAnswer) // As documented; looked at in `enter`.
    },
    async exchange(ticket, options) {
      return enter((await post('/signin/exchange', { ...options, body: { ticket } })) as TokenAnswer) // As above.
    },
    async register({ email, password, name }, options) {
      const body = { email, password, transport, ...(name !== undefined && { name }) }
      const answer = (await post('/register', { ...options, body })) as TokenAnswer | { status?: string } | null // As above.
      if (answer && 'status' in answer && answer.status === 'verification_sent') return { status: 'verification_sent' }
      return { status: 'signed_in', user: await enter(answer as TokenAnswer) } // As above.
    },
    async logout(options) {
      if (withCookie) {
        await post('/logout', options ?? {})
        await replaceState(vault, null, 'logout', isSignedIn)
        return
      }
      const { session } = vault.read()
      if (!session) return
      // At once, also while a refresh hangs: the server ends the session of a token, spent or not.
      vault.write(null, 'logout')
      const refreshToken = session.tokens?.refreshToken
      if (refreshToken !== undefined) await post('/logout', { ...options, body: { refreshToken }, keepalive: true })
    },
    logoutAll: (options) => endAll('/logout-all', 'logout_all', options ?? {}),
    deleteAccount: (body = {}, options) => endAll('/me/delete', 'account_deleted', { ...options, body }),
    async restore(options) {
      if (!withCookie) return vault.read().session?.user ?? null
      const { id, session } = vault.read()
      const user = await askWho(options)
      if (user && JSON.stringify(user) !== JSON.stringify(session?.user))
        await vault.ifCurrent(id, async () => vault.write({ user, tokens: null }))
      return user
    },
  }

  async function askWho(options: CallOptions | undefined): Promise<User | null> {
    try {
      return ((await ask('GET', '/me', options)) as Me).user ?? null // As documented.
    } catch (error) {
      if (error instanceof AuthClientError && error.status === 401) return null
      throw error
    }
  }
}

function isSignedIn({ session }: { readonly session: SavedSession | null }): boolean {
  return session !== null
}

function cookieSessionOf({ user }: TokenAnswer): SavedSession {
  if (typeof user?.id !== 'string') throw new AuthClientError('unexpected_answer', { status: 200 })
  return { user, tokens: null }
}
