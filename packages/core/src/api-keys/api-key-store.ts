import type { ChangeEvent } from '../audit/index.js'
import type { StoreBase } from '../shared/deployment-mark.js'
import type { Digest } from '../shared/digest.js'

/** An API key as stored. */
export interface ApiKeyRecord {
  /** The public part of the key, or what follows from the digest of one that was issued elsewhere; unique. */
  readonly id: string
  /** Its owner. */
  readonly userId: string
  /** What the key begins with, for people to tell keys apart. */
  readonly prefix: string
  readonly name: string
  /** SHA-256 of the whole key, in base64url. */
  readonly digest: Digest
  /** What it may do at most; never more than its owner. */
  readonly scopes: readonly string[]
  /** Networks (CIDR) it may be used from; `null`: from anywhere. */
  readonly allowedIps: readonly string[] | null
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
  readonly uses: number
  readonly revokedAt: Date | null
  /** The key that took its place. */
  readonly replacedBy: string | null
}

/** What became of a new key. */
export type ApiKeyInsertOutcome = 'inserted' | 'exists' | 'limit'

/** A key that takes another's place. */
export interface ApiKeyRotation {
  readonly id: string
  readonly userId: string
  readonly successor: ApiKeyRecord
  /** Until when the old key stays valid; the store keeps its own end where that is sooner. */
  readonly validUntil: Date
  readonly now: Date
  /** See `ChangeEvent`. */
  readonly event?: ChangeEvent | undefined
}

/** What became of a rotation. */
export type ApiKeyRotationOutcome = 'rotated' | 'absent' | 'revoked' | 'expired' | 'replaced'

/** Uses of one key, gathered over a while. */
export interface ApiKeyUses {
  readonly id: string
  readonly lastUsedAt: Date
  readonly uses: number
}

/** Where API keys live. */
export interface ApiKeyStore extends StoreBase {
  /**
   * Adds a key; `exists` where its id exists: never overwrites. With a `limit`, adds none to an owner who has so many,
   * dead ones included, and answers `limit`. Counts and adds in one step: of N racers no more get in than there is room for.
   */
  insert(key: ApiKeyRecord, limit?: number, event?: ChangeEvent): Promise<ApiKeyInsertOutcome>
  /** Reads a key, dead or alive. */
  find(id: string): Promise<ApiKeyRecord | null>
  /** Lists the owner's keys, newest first, at most 1,000. */
  list(userId: string): Promise<readonly ApiKeyRecord[]>
  /** Adds the successor and shortens the old key's life in one step, once: of N racers one gets `rotated`, the others `replaced`. */
  rotate(rotation: ApiKeyRotation): Promise<ApiKeyRotationOutcome>
  /** Ends the owner's key; answers whether it was not revoked before. */
  revoke(id: string, userId: string, now: Date, event?: ChangeEvent): Promise<boolean>
  /** Ends all keys of an owner; answers how many. */
  revokeAll(userId: string, now: Date): Promise<number>
  /** Adds uses up and moves `lastUsedAt` forward, never back. Keys that are gone are passed over. */
  recordUses(uses: readonly ApiKeyUses[]): Promise<void>
  /** Removes up to `limit` keys that expired or were revoked before `before`; answers how many. */
  deleteExpired(before: Date, limit: number): Promise<number>
}
