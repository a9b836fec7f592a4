import type { CallOptions } from './call-route.js'
import type {
  DeleteAccountRequest,
  LoginRequest,
  Me,
  PasswordChangeRequest,
  RegisterRequest,
  Registration,
  SessionInfo,
  User,
} from './routes.js'
import type { SignedOutReason } from './saved-state.js'

/** Somebody is signed in. The same object until something changes, as `useSyncExternalStore` wants it. */
export interface AuthState {
  readonly user: User
  /** When the access token runs out, by this machine's clock; `null` where a cookie carries the session. */
  readonly accessTokenExpiresAt: Date | null
}

/**
 * The session of a user, in a tab or in all tabs of an origin. Calls reject with an AuthClientError whose `code` is the server's,
 * `network` or `unexpected_answer`, or with the reason of their signal.
 */
export interface AuthClient {
  /** Where the state is kept. `localStorage` is what was asked for, and possible. */
  readonly storage: 'memory' | 'localStorage'
  /** Who is signed in, as far as is known here; asks nobody. */
  current(): AuthState | null
  /** Who is signed in, after a page was loaded: with a cookie the server is asked. `null` for nobody. */
  restore(options?: CallOptions): Promise<User | null>
  /** Signs up, and in where the server does not verify addresses first. Whoever was signed in here no longer is. */
  register(request: RegisterRequest, options?: CallOptions): Promise<Registration>
  /** Signs in. Whoever was signed in here no longer is. */
  login(request: LoginRequest, options?: CallOptions): Promise<User>
  /**
   * Signs out, in all tabs that share the state. Tokens are forgotten first, so that this tab is signed out even if the
   * call fails: then the server's session was not ended. With a cookie, only the server can end it, and a failure changes nothing.
   */
  logout(options?: CallOptions): Promise<void>
  /** Ends every session of the user, everywhere. */
  logoutAll(options?: CallOptions): Promise<void>
  /** Renews the access token now; with a cookie there is nothing to renew. @throws AuthClientError also `signed_out` */
  refresh(options?: CallOptions): Promise<void>
  /** A live access token, renewed if need be; `null` where nobody is signed in, or a cookie carries the session. It is yours to guard. */
  accessToken(options?: CallOptions): Promise<string | null>
  /** Asks the server who is calling. */
  me(options?: CallOptions): Promise<Me>
  /** Where the user is signed in. */
  sessions(options?: CallOptions): Promise<readonly SessionInfo[]>
  /** Ends one of the user's sessions. For the current one call `logout`. */
  endSession(id: string, options?: CallOptions): Promise<void>
  /** Changes the password. Other sessions end, this one goes on. */
  changePassword(request: PasswordChangeRequest, options?: CallOptions): Promise<void>
  /** Deletes the account, for good. */
  deleteAccount(request?: DeleteAccountRequest, options?: CallOptions): Promise<void>
  /**
   * Like the platform's `fetch`, with the session's credential for allowed origins, and for no other. A request whose token
   * turns out to have run out, or been revoked, is repeated once with a renewed one, unless its body is a stream or it is a
   * `Request` other than GET or HEAD. With tokens, redirects are errors unless `redirect` says otherwise. A header
   * `Authorization` or `X-API-Key` of the caller's own is left alone.
   * @throws AuthClientError where the token could not be renewed, or somebody else has signed in before the request was sent
   */
  readonly fetch: typeof globalThis.fetch
  /** Calls after every sign-in, refresh and sign-out in any tab that shares the state. Gives what ends that. */
  onChange(listener: (state: AuthState | null) => void): () => void
  /** Calls when whoever was signed in no longer is. Gives what ends that. */
  onSignedOut(listener: (reason: SignedOutReason) => void): () => void
  /** Stops listening to other tabs, for a client that is no longer needed. */
  close(): void
}
