import type { ClientRecord } from './client-store.js'

/** How a client gets tokens. */
export type OAuthGrant = 'authorization_code' | 'refresh_token' | 'client_credentials'

/** How a confidential client proves itself. */
export type ClientAuthMethod = 'client_secret_basic' | 'client_secret_post'

/** A registered OAuth client, without its secrets. */
export interface OAuthClient {
  readonly id: string
  /** Shown to people who are asked whether it may act for them. */
  readonly name: string
  /** `confidential`: a server that keeps a secret. `public`: an app in hands that can read it. */
  readonly kind: 'confidential' | 'public'
  readonly redirectUris: readonly string[]
  readonly grants: readonly OAuthGrant[]
  readonly scopes: readonly string[]
  readonly authMethods: readonly ClientAuthMethod[]
  /** Other resource servers that it may ask tokens for (RFC 8707). */
  readonly resources: readonly string[]
  /** Audiences whose tokens it may introspect, beside its own. */
  readonly introspects: readonly string[]
  readonly consent: 'explicit' | 'implicit'
  /** Its secrets, newest first: when each was made and when it ends. */
  readonly secrets: readonly { readonly createdAt: Date; readonly expiresAt: Date | null }[]
  readonly createdAt: Date
  readonly disabledAt: Date | null
}

/** Whether what a user granted at a time is this client's: not that of another one before it under the same id, nor of before it was disabled. */
export function isOfClient(grantedAt: Date, { grantsSince, createdAt }: ClientRecord): boolean {
  return grantedAt >= (grantsSince ?? createdAt)
}

/** What of a client may be shown. */
export function publicClient({
  version: _version,
  grantsSince: _grantsSince,
  secrets,
  grants,
  authMethods,
  ...client
}: ClientRecord): OAuthClient {
  return {
    ...client,
    grants: grants as readonly OAuthGrant[], // Only those are ever stored.
    authMethods: authMethods as readonly ClientAuthMethod[], // The same.
    secrets: secrets.map(({ createdAt, expiresAt }) => ({ createdAt, expiresAt })),
  }
}
