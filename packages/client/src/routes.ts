/** An account as the server shows it to its owner. */
export interface User {
  /** A UUID. */
  readonly id: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string | null
  readonly roles: readonly string[]
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

/** A continuing login, as listed. */
export interface SessionInfo {
  /** A handle for ending it, not a secret. */
  readonly id: string
  /** Whether it is the one that asked. */
  readonly current: boolean
  readonly carrier: 'cookie' | 'refresh'
  /** ISO 8601, UTC; so are the other two. */
  readonly createdAt: string
  readonly lastSeenAt: string
  readonly expiresAt: string
  readonly ip: string | null
  readonly userAgent: string | null
}

/** Who the server says is calling. */
export interface PrincipalInfo {
  readonly kind: 'user' | 'api-key' | 'client'
  /** The user's, key's or client's id. */
  readonly subject: string
  readonly userId?: string
  readonly sessionId?: string
  readonly clientId?: string
  readonly keyId?: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly via: 'bearer' | 'cookie' | 'api-key'
  /** When the person proved who they are; ISO 8601, UTC. */
  readonly authenticatedAt?: string
}

/** The answer of `GET /me`. */
export interface Me {
  readonly principal: PrincipalInfo
  /** Absent where the credential belongs to no user. */
  readonly user?: User
}

/** What `POST /login` takes. The client adds the transport and this device's mark. */
export interface LoginRequest {
  readonly email: string
  readonly password: string
}

/** What `POST /register` takes. */
export interface RegisterRequest extends LoginRequest {
  readonly name?: string
}

/** What a registration came to: where the server verifies addresses first, nobody is signed in yet. */
export type Registration = { readonly status: 'signed_in'; readonly user: User } | { readonly status: 'verification_sent' }

/** What `POST /password/change` takes. */
export interface PasswordChangeRequest {
  readonly currentPassword: string
  readonly newPassword: string
}

/** What `POST /me/delete` takes. */
export interface DeleteAccountRequest {
  /** Needed where the account has one. */
  readonly password?: string
}

/** The server's answer to a sign-in with the bearer transport; to a refresh it comes without `user`. */
export interface TokenAnswer {
  readonly accessToken: string
  readonly refreshToken: string
  readonly tokenType: 'Bearer'
  /** Seconds the access token lives. */
  readonly expiresIn: number
  /** Seconds until the session ends unless it is refreshed. */
  readonly refreshExpiresIn: number
  readonly user?: User
  /** The mark by which the server knows this device; no credential. */
  readonly deviceToken: string
}
