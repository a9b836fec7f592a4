import type { User } from './routes.js'

/**
 * Why somebody is signed out: `logout`, `logout_all` and `account_deleted` were asked for, here or in another tab;
 * `storage_cleared` says that the browser's storage is empty; anything else is the server's code, such as `refresh_revoked`.
 */
export type SignedOutReason =
  | 'logout'
  | 'logout_all'
  | 'account_deleted'
  | 'storage_cleared'
  | 'refresh_invalid'
  | 'refresh_expired'
  | 'refresh_revoked'
  | 'refresh_reused'
  | 'session_invalid'
  | 'session_expired'
  | 'credentials_missing'
  | (string & {})

/** The tokens of a session. */
export interface SavedTokens {
  readonly accessToken: string
  readonly refreshToken: string
  /** By this machine's clock, milliseconds since 1970: when the answer came plus the life it named. The server's clock has no part in it. */
  readonly expiresAt: number
  readonly lifeMs: number
}

/** Somebody who is signed in. */
export interface SavedSession {
  readonly user: User
  /** `null` where a cookie carries the session. */
  readonly tokens: SavedTokens | null
}

/** What is held, as a whole: each change makes another one, with another id. */
export interface SavedState {
  readonly id: string
  readonly session: SavedSession | null
  /** Why nobody is signed in; `null` where nobody was. */
  readonly reason: SignedOutReason | null
}

/** Before anybody signed in, and after the storage was cleared. */
export const emptyState: SavedState = { id: 'none', session: null, reason: null }

/** The state in a text from storage. Anything but what we write counts as nothing. */
export function parseState(text: string | null): SavedState {
  try {
    const state = JSON.parse(text ?? '') as SavedState // Looked at below; only scripts of this origin can write here.
    const { id, session } = state
    if (typeof id !== 'string') return emptyState
    if (session === null) return state
    const { user, tokens } = session
    if (typeof user.id === 'string' && tokens && Number.isFinite(tokens.expiresAt)) return state
  } catch {}
  return emptyState
}
