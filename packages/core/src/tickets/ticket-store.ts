import type { ChangeEvent } from '../audit/index.js'
import type { StoreBase } from '../shared/deployment-mark.js'
import type { Digest } from '../shared/digest.js'

/** A single-use secret as stored: an authorization code, a mail's link, a sign-in's state, a challenge. */
export interface TicketRecord {
  /** Of the secret; unique. */
  readonly digest: Digest
  /** What the secret is for; one purpose's secret is none of another's. */
  readonly purpose: string
  /** Of all that it is tied to: whoever presents it must know these things too. */
  readonly binding: Digest
  /** Whose it is, where it is somebody's. */
  readonly userId: string | null
  /** The grant it leads to, chosen before: what a replay takes back. */
  readonly grantId: string | null
  /** What its issuer wrote down with it, as JSON; sealed where it holds a secret. */
  readonly payload: string
  readonly createdAt: Date
  readonly expiresAt: Date
  /** Until when its use is remembered; never before `expiresAt`. */
  readonly rememberUntil: Date
}

/** A presented secret. */
export interface TicketUse {
  readonly digest: Digest
  readonly purpose: string
  readonly binding: Digest
  readonly now: Date
  /** See `ChangeEvent`; kept where this call uses the ticket up. */
  readonly event?: ChangeEvent | undefined
}

/** What became of a use. */
export type TicketOutcome =
  /** This call used it up. */
  | { readonly outcome: 'consumed'; readonly ticket: TicketRecord }
  /** Used before, and presented with the right binding again. Nothing has changed. */
  | { readonly outcome: 'replayed'; readonly ticket: TicketRecord }
  /** Another purpose or binding. Nothing has changed: the rightful holder can still use it. */
  | { readonly outcome: 'mismatch' }
  /** Unknown, expired unused, withdrawn, or forgotten. */
  | { readonly outcome: 'absent' }

/** Where tickets live. */
export interface TicketStore extends StoreBase {
  /** Adds a ticket; `false` where its digest exists. */
  insert(ticket: TicketRecord): Promise<boolean>
  /** Reads an unused, unexpired ticket without using it. Advises; `consume` decides. */
  find(digest: Digest, purpose: string, now: Date): Promise<TicketRecord | null>
  /**
   * Uses a ticket up in one step and remembers that until `rememberUntil`. Of N racers exactly one gets `consumed`;
   * the others learn that it was used.
   */
  consume(use: TicketUse): Promise<TicketOutcome>
  /** Withdraws the user's unused tickets of a purpose; answers how many. Once resolved, none of them can be consumed. */
  revokeAll(purpose: string, userId: string): Promise<number>
  /** Removes up to `limit` tickets to be remembered no longer than `before`; answers how many. */
  deleteExpired(before: Date, limit: number): Promise<number>
}
