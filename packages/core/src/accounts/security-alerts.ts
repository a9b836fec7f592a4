/** An account was locked for devices it has not signed in on: too many passwords in a row were wrong. Once a lock. */
export interface LockoutAlert {
  readonly kind: 'lockout'
  readonly userId: string
  readonly lockedUntil: Date
  readonly at: Date
  /** Where the last of them came from. */
  readonly ip?: string
}

/** Somebody who has signed in before did so on a device that was not known to be theirs. */
export interface NewDeviceAlert {
  readonly kind: 'new_device'
  readonly userId: string
  readonly sessionId: string
  readonly at: Date
  readonly ip?: string
  readonly userAgent?: string
}

/** An account at a provider was linked to a user: whoever has it can sign in from now on. */
export interface IdentityLinkedAlert {
  readonly kind: 'identity_linked'
  readonly userId: string
  /** The provider's id. */
  readonly provider: string
  readonly at: Date
  readonly ip?: string
}
