import type { ApiKeyRecord } from './api-key-store.js'

/** An API key as the application may see it: no digest, and nothing from which the key could be made again. */
export interface ApiKey {
  /** Names the key; no secret. */
  readonly id: string
  readonly userId: string
  /** What the key begins with, for people to tell keys apart. */
  readonly prefix: string
  readonly name: string
  /** What it may do at most. At use its owner's scopes of that moment narrow it further. */
  readonly scopes: readonly string[]
  /** Networks (CIDR) it may be used from; `null`: from anywhere. */
  readonly allowedIps: readonly string[] | null
  readonly createdAt: Date
  /** `null`: never. Of a key that was rotated, the end of its overlap. */
  readonly expiresAt: Date | null
  /** Up to about a minute late. */
  readonly lastUsedAt: Date | null
  /** How often it was used, roughly: counts are written about once a minute, and a crash loses those of the last. */
  readonly uses: number
  readonly revokedAt: Date | null
  /** The id of the key that took its place. */
  readonly replacedBy: string | null
}

/** A key that was just made: the only time that its text is known. */
export interface IssuedApiKey extends ApiKey {
  /** The key itself. It is stored nowhere. */
  readonly key: string
}

/** What of a stored key may leave the SDK. */
export function publicApiKey({ digest: _, ...shown }: ApiKeyRecord): ApiKey {
  return shown
}
