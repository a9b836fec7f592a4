import { AuthClientError } from './auth-client-error.js'
import type { TokenAnswer, User } from './routes.js'
import type { SavedSession, SavedState } from './saved-state.js'
import type { Vault } from './vault.js'

/** Keeps access tokens fresh. */
export interface Renewal {
  /** The state, its access token renewed where it has run out or is about to. Where that fails, a token that still lives will do. */
  fresh(): Promise<SavedState>
  /**
   * What follows a state whose access token was refused: the one that another caller or tab has made meanwhile, or a
   * renewed one, or one that says why the session is over.
   * @throws AuthClientError where the refresh failed and the session may go on: no answer, 503, 429
   */
  renew(refused: SavedState): Promise<SavedState>
}

/** What renewing needs. */
export interface RenewalDeps {
  readonly vault: Vault
  /** Presents a refresh token. @throws AuthClientError */
  readonly refresh: (refreshToken: string) => Promise<TokenAnswer>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** How long before its end a token is renewed; at most a quarter of its life. */
  readonly aheadMs: number
}

/** Makes the renewal. Callers at the same time share one refresh: a refresh token is good for one. */
export function createRenewal({ vault, refresh, now, aheadMs }: RenewalDeps): Renewal {
  let running: { readonly id: string; readonly done: Promise<SavedState> } | null = null

  async function exchange({ id, session }: SavedState): Promise<SavedState> {
    const tokens = session?.tokens
    if (!tokens) return vault.read()
    const isCurrent = (): boolean => vault.read().id === id
    const made = await vault.ifCurrent(id, async () => {
      try {
        const next = sessionOf(await refresh(tokens.refreshToken), now(), session.user)
        // Stored before anybody else may look, but not where they have signed out meanwhile.
        return isCurrent() ? vault.write(next) : undefined
      } catch (error) {
        if (!isRefusal(error)) throw error
        return isCurrent() ? vault.write(null, error.code) : undefined
      }
    })
    return made ?? vault.read()
  }

  function renew(refused: SavedState): Promise<SavedState> {
    if (running?.id === refused.id) return running.done
    const done = exchange(refused).finally(() => {
      if (running?.done === done) running = null
    })
    running = { id: refused.id, done }
    return done
  }

  return {
    renew,
    async fresh() {
      const state = vault.read()
      const tokens = state.session?.tokens
      if (!tokens) return state
      const left = tokens.expiresAt - now()
      if (left > Math.min(aheadMs, tokens.lifeMs / 4)) return state
      try {
        return await renew(state)
      } catch (error) {
        if (tokens.expiresAt > now()) return state
        throw error
      }
    },
  }
}

/** Whether the server will never take the refresh token again. A 401 of anybody else, such as a proxy, is no such thing. */
function isRefusal(error: unknown): error is AuthClientError {
  return error instanceof AuthClientError && error.status === 401 && error.code.startsWith('refresh_')
}

/** The session in an answer that came at `now`. @throws AuthClientError `unexpected_answer` */
export function sessionOf(answer: TokenAnswer, now: number, known?: User): SavedSession {
  const { accessToken, refreshToken, expiresIn, user = known } = answer
  if (
    typeof accessToken !== 'string' ||
    typeof refreshToken !== 'string' ||
    !(expiresIn > 0) ||
    typeof user?.id !== 'string'
  )
    throw new AuthClientError('unexpected_answer', { status: 200 })
  return { user, tokens: { accessToken, refreshToken, expiresAt: now + expiresIn * 1000, lifeMs: expiresIn * 1000 } }
}
