import type { UserRecord, UserStore } from '../accounts/index.js'
import type { ChangeEvent } from '../audit/index.js'
import type { StoreBase } from '../shared/deployment-mark.js'
import type { Digest } from '../shared/digest.js'

/** How a session's secret travels. */
export type SessionCarrier = 'cookie' | 'refresh'

/** Why a session ended before its time. */
export type SessionEndReason = 'logout' | 'revoked' | 'reuse' | 'rollback' | 'password' | 'replaced'

/** One continuing login as stored: one row, however often its secret is rotated. */
export interface SessionRecord {
  /** A UUID. A handle, not a secret. */
  readonly id: string
  readonly userId: string
  /** The OAuth client the grant belongs to; `null` for the user's own logins. */
  readonly clientId: string | null
  /** What the user granted to that client, with a space between the scopes; `null` for the user's own logins. */
  readonly scope: string | null
  /** The resource server that the grant is for (RFC 8707); `null` for the deployment's own. */
  readonly resource: string | null
  readonly carrier: SessionCarrier
  /** The user's `sessionEpoch` when the password was read. The session lives only while they are equal. */
  readonly epoch: number
  /** How often the secret was rotated. */
  readonly generation: number
  readonly currentDigest: Digest
  readonly previousDigest: Digest | null
  /** The current secret, encrypted under a key that only the previous one yields; `null` without a retry window. */
  readonly sealedSuccessor: string | null
  readonly rotatedAt: Date | null
  readonly createdAt: Date
  /** When a person proved who they are. Never moved by a refresh. */
  readonly authenticatedAt: Date
  readonly lastSeenAt: Date
  readonly idleExpiresAt: Date
  readonly expiresAt: Date
  readonly revokedAt: Date | null
  readonly revokedReason: SessionEndReason | null
  readonly ip: string | null
  readonly userAgent: string | null
}

/** A session and whose it is. */
export interface SessionWithUser {
  readonly session: SessionRecord
  /** `null` where there is no such user (any more). */
  readonly user: UserRecord | null
}

/** A presented secret and what is to take its place. */
export interface Rotation {
  readonly id: string
  readonly carrier: SessionCarrier
  readonly clientId: string | null
  /** Generation and digest of the presented secret. */
  readonly generation: number
  readonly digest: Digest
  /** What becomes current if the presented one still is. */
  readonly successor: { readonly digest: Digest; readonly sealed: string | null }
  /** The user's `sessionEpoch` as read just before. */
  readonly userEpoch: number
  readonly now: Date
  /** For how long after a rotation the previous secret gets the same successor again; 0: never. */
  readonly retryWindowMs: number
  /** The idle end from now on; never later than the session's absolute end. */
  readonly idleExpiresAt: Date
  /** See `ChangeEvent`; kept where this call rotates. */
  readonly event?: ChangeEvent | undefined
}

/** What became of a rotation. `session` is the row afterwards. */
export type RotationOutcome =
  /** There is no such session. */
  | { readonly outcome: 'absent' }
  /** Another carrier or client. Nothing has changed. */
  | { readonly outcome: 'invalid' }
  /** Ended before, or of an epoch that is over. Nothing has changed. */
  | { readonly outcome: 'revoked'; readonly session: SessionRecord }
  /** Past its idle or absolute end. Nothing has changed. */
  | { readonly outcome: 'expired' }
  /** The successor is current now. */
  | { readonly outcome: 'rotated'; readonly session: SessionRecord }
  /** The same rotation again, within the window: the successor stored then. Nothing has changed. */
  | { readonly outcome: 'retried'; readonly session: SessionRecord; readonly sealedSuccessor: string }
  /** A secret spent earlier. The session has ended, with reason `reuse`. */
  | { readonly outcome: 'reused'; readonly session: SessionRecord }
  /** A secret that this store never reached: it went back in time. The session has ended, with reason `rollback`. */
  | { readonly outcome: 'rolled_back'; readonly session: SessionRecord }

/** The end of one session. */
export interface SessionRevocation {
  readonly id: string
  readonly reason: SessionEndReason
  readonly now: Date
  /** Until when the end is remembered where there is no row yet. */
  readonly rememberUntil: Date
  /** See `ChangeEvent`; kept where a live session was ended. */
  readonly event?: ChangeEvent | undefined
}

/** A session that goes on after its user's epoch was raised. */
export interface EpochSwap {
  readonly id: string
  readonly fromEpoch: number
  readonly toEpoch: number
  /** The secret to put in place with it, at the next generation; absent: the secret stays. */
  readonly digest?: Digest
  readonly now: Date
}

/** Where sessions live. Expiry is judged by the `now` passed in, never by the store's own clock alone. */
export interface SessionStore extends StoreBase {
  /** Adds a session; `false` where the id exists, which includes an id that was revoked before it was inserted. */
  insert(session: SessionRecord, event?: ChangeEvent): Promise<boolean>
  /** Reads a session, dead or alive. */
  find(id: string): Promise<SessionRecord | null>
  /**
   * Reads a session, dead or alive, and its user. A store that keeps these very `users` too reads both in one query;
   * any other reads the session, then asks `users` for its user.
   * @param users The deployment's.
   */
  findWithUser(id: string, users: UserStore): Promise<SessionWithUser | null>
  /** Lists the user's sessions that are neither revoked nor expired, newest first, at most 1,000. */
  listLive(userId: string, now: Date): Promise<readonly SessionRecord[]>
  /**
   * Decides about a presented secret and acts, in one step, exactly as `decideRotation` says. Of N racers with one
   * current secret one gets `rotated`; without a retry window one other gets `reused` and the rest `revoked`.
   */
  rotate(rotation: Rotation): Promise<RotationOutcome>
  /** Moves `lastSeenAt` and the idle end of a live session; `false` where it is not live. Never brings one back. */
  touch(id: string, now: Date, idleExpiresAt: Date): Promise<boolean>
  /** Moves a live session to its user's new epoch, only while it still has the old one. */
  swapEpoch(swap: EpochSwap): Promise<boolean>
  /**
   * Ends a session. Once resolved, no secret of it is accepted, not even one rotated meanwhile, and a later `insert`
   * of the id answers `false`. Answers whether this call ended a live session.
   */
  revoke(revocation: SessionRevocation): Promise<boolean>
  /** Ends the user's sessions of epochs below `epoch`, and of any epoch for `null`; answers how many were live. Housekeeping: the epoch decides. */
  revokeAll(userId: string, epoch: number | null, reason: SessionEndReason, now: Date): Promise<number>
  /** Forgets sealed successors of rotations before `rotatedBefore`, at most `limit`; answers how many. */
  eraseSuccessors(rotatedBefore: Date, limit: number): Promise<number>
  /** Removes up to `limit` rows whose absolute end lies before `before`; answers how many. */
  deleteExpired(before: Date, limit: number): Promise<number>
}
