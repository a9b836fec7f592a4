/** Something that a user or an operator should hear of at once. */
export interface SecurityAlert {
  readonly kind: 'refresh_reused'
  readonly userId: string
  readonly sessionId: string
  readonly at: Date
}
