/** A refresh token was used twice: by its owner and by somebody who copied it. */
export interface ReuseAlert {
  readonly kind: 'refresh_reused'
  readonly userId: string
  readonly sessionId: string
  /** The OAuth client whose grant it was, which alone has ended; absent for the user's own logins. */
  readonly clientId?: string
  readonly at: Date
}
