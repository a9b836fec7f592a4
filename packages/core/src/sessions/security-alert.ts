/** A refresh token was used twice: by its owner and by somebody who copied it. */
export interface ReuseAlert {
  readonly kind: 'refresh_reused'
  readonly userId: string
  readonly sessionId: string
  readonly at: Date
}
