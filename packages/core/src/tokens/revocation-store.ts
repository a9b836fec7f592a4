import type { StoreBase } from '../shared/deployment-mark.js'

/** What a feed entry takes back. */
export type RevocationTarget =
  /** Every token of one session. */
  | { readonly session: string }
  /** One access token. */
  | { readonly jti: string }
  /** The user's access tokens whose `ver` is below `minVersion`. */
  | { readonly user: string; readonly minVersion: number }
  /** One API key. */
  | { readonly apiKey: string }
  /** Every token of one OAuth client. */
  | { readonly client: string }
  /** Every token signed with one key. */
  | { readonly kid: string }

/** One line of the revocation feed. */
export interface RevocationEntry {
  /** Chosen by whoever appends; an entry appended twice counts once. */
  readonly id: string
  readonly target: RevocationTarget
  /** When nothing it covers can be valid any more. */
  readonly expiresAt: Date
}

/** A part of the feed. */
export interface RevocationPage {
  readonly entries: readonly RevocationEntry[]
  /** Where the next read goes on. Opaque. */
  readonly cursor: string
  /** `true` where the page is everything that has not expired: the first read, and whenever the cursor is not known any more. */
  readonly whole: boolean
  /** The store's own clock at the read. */
  readonly storeTime: Date
}

/** The feed through which every process learns, within `maxStaleness`, what is no longer valid. */
export interface RevocationStore extends StoreBase {
  /** Adds an entry. Once resolved, every read that starts later sees it, on every node. Appending an id again changes nothing. */
  append(entry: RevocationEntry): Promise<void>
  /**
   * Reads what was added since `cursor`, or the whole feed for `null`. May repeat entries; never passes one by,
   * also where entries commit in another order than they were written. A cursor that the store does not know
   * (trimmed, restored, failed over) gives the whole feed.
   */
  read(cursor: string | null, now: Date): Promise<RevocationPage>
  /** Calls `wake` when something may have been added. A hint to read sooner: silence proves nothing. Returns how to stop. */
  subscribe(wake: () => void): () => void
  /** Removes up to `limit` entries that expired before `before`; answers how many. */
  deleteExpired(before: Date, limit: number): Promise<number>
}
