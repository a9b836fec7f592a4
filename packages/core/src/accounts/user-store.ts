import type { ChangeEvent } from '../audit/index.js'
import type { StoreBase } from '../shared/deployment-mark.js'
import type { RevocationStore } from '../tokens/index.js'

/** A user as stored. */
export interface UserRecord {
  /** A UUID. */
  readonly id: string
  /** The address as its owner wrote it, for display. */
  readonly email: string
  /** The address in the one form it is compared in; unique. */
  readonly emailKey: string
  readonly emailVerifiedAt: Date | null
  readonly name: string | null
  /** A PHC string, or `null` for an account without a password. */
  readonly passwordHash: string | null
  /** Names of declared roles. */
  readonly roles: readonly string[]
  /** Raised by whatever ends all sessions; a session of another epoch is dead. */
  readonly sessionEpoch: number
  /** Raised by whatever ends all access tokens; a token of a lower version is dead. */
  readonly accessVersion: number
  readonly createdAt: Date
  readonly disabledAt: Date | null
}

/** Fields that a change may write together with the versions it raises. */
export type UserChanges = Partial<Pick<UserRecord, 'passwordHash' | 'emailVerifiedAt' | 'roles' | 'disabledAt'>>

/** A change that takes something back from the user's sessions or tokens. */
export interface UserRevocation {
  readonly userId: string
  /** `sessions` raises `sessionEpoch` and `accessVersion`; `tokens` raises `accessVersion` alone. */
  readonly ends: 'sessions' | 'tokens'
  /** What else changes in the same statement. */
  readonly set?: UserChanges
  /** Nothing is changed unless these still hold. */
  readonly expected?: Partial<Pick<UserRecord, 'emailKey' | 'passwordHash' | 'sessionEpoch' | 'accessVersion'>>
  /** Sets of roles. Nothing is changed where that would take the last holder of one of them away: see `UserStore.revoke`. */
  readonly keepsHolderOf?: readonly (readonly string[])[]
  /**
   * The deployment's feed. A store that keeps this very feed too appends `{ user, minVersion }` in the same
   * transaction and answers `announced: true`; otherwise the caller appends it.
   */
  readonly feed: RevocationStore
  /** When the entry for the feed expires. */
  readonly entryExpiresAt: Date
  /** See `ChangeEvent`. */
  readonly event?: ChangeEvent | undefined
}

/** The versions after a change. */
export interface RaisedVersions {
  readonly sessionEpoch: number
  readonly accessVersion: number
  /** Whether the feed already has the entry. */
  readonly announced: boolean
}

/** An address that its owner has confirmed. */
export interface EmailSwap {
  readonly userId: string
  /** The canonical address that the user still has to have. */
  readonly from: string
  /** The epoch that the user still has to be in; `null` where any will do. */
  readonly sessionEpoch: number | null
  /** The confirmed address as its owner wrote it. */
  readonly email: string
  /** The same in canonical form; may be `from`. */
  readonly emailKey: string
  readonly verifiedAt: Date
  /** See `ChangeEvent`. */
  readonly event?: ChangeEvent | undefined
}

/** What became of it. */
export type EmailSwapOutcome =
  /** The user has the address. */
  | 'swapped'
  /** Somebody else has it. Nothing has changed. */
  | 'taken'
  /** There is no such user, or neither address nor epoch are as expected any more. Nothing has changed. */
  | 'stale'

/** Which users to list. */
export interface UserQuery {
  /** Only users listed after this id, whether or not it is still there; `null` for the first ones. */
  readonly after: string | null
  readonly limit: number
}

/** Where accounts live. Implement this alone to keep a users table of your own. */
export interface UserStore extends StoreBase {
  /** Reads a user: all fields of one moment. */
  find(id: string): Promise<UserRecord | null>
  /** Reads the user of a canonical address: all fields of one moment, so that the password hash and the epoch belong together. */
  findByEmailKey(emailKey: string): Promise<UserRecord | null>
  /** Adds a user; `false` where the id or the canonical address exists. Of N racers with one address exactly one gets `true`. */
  insert(user: UserRecord, event?: ChangeEvent): Promise<boolean>
  /** Replaces the password hash only while it is still `from`, and nothing else: the same password under newer parameters. */
  swapPasswordHash(userId: string, from: string, to: string): Promise<boolean>
  /**
   * Replaces the address only while it is still `from`, and says when it was verified; nothing else changes. Both addresses
   * are compared in canonical form: of N racers for one address, users who sign up among them, exactly one gets it.
   */
  swapEmail(swap: EmailSwap): Promise<EmailSwapOutcome>
  /**
   * Raises the versions and writes `set` in one statement, if everything in `expected` still holds. Each call raises
   * by one, also when N race. `null` where there is no such user, an expectation failed or the last holder of a set would
   * be gone: then nothing has changed.
   *
   * A holder of a set of `keepsHolderOf` is a user who is not disabled and whose `roles` name one of its roles. A change
   * that makes its user one no longer is made only while another holder of that set remains. Each set counts by itself,
   * whatever the others have in common with it, and one that nobody holds keeps nobody. Of N such changes and deletions
   * that race, each of another user, never all are made where that would leave a set without a holder: one remains.
   */
  revoke(change: UserRevocation): Promise<RaisedVersions | null>
  /**
   * Deletes the user. `false` where there is none, or where the last holder of a set of `keepsHolderOf` would be gone, as for `revoke`;
   * then nothing has changed. The canonical address is free at once, the id never comes back.
   */
  delete(userId: string, keepsHolderOf?: readonly (readonly string[])[], event?: ChangeEvent): Promise<boolean>
  /** Lists users in one order of their ids that stays, so that pages miss nobody who is there throughout and repeat nobody. */
  list(query: UserQuery): Promise<readonly UserRecord[]>
}
