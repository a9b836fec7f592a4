import type { StoreBase } from '../shared/deployment-mark.js'

/** One attempt on a key's ledger. */
export interface AttemptSlot {
  readonly id: string
  readonly at: Date
  /** `true` once the attempt is known to have failed; before that it is in flight. */
  readonly failed: boolean
}

/** An attempt about to be made. */
export interface AttemptTake {
  /** What is limited: a fixed-length digest of an address or account. */
  readonly key: string
  /** Chosen by the caller, unique. */
  readonly slot: string
  readonly now: Date
  /** When the slot is forgotten. */
  readonly expiresAt: Date
}

/**
 * The ledger of attempts. It only counts; the rule is a pure function in the core. All racers see one order: each
 * answer of `take` holds every slot that was taken before, so that a limit holds however many race.
 */
export interface AttemptStore extends StoreBase {
  /** Reads the slots of a key that have not expired, oldest first. */
  find(key: string, now: Date): Promise<readonly AttemptSlot[]>
  /** Appends a slot and answers the ledger up to and including it, expired slots left out, in one step. */
  take(take: AttemptTake): Promise<readonly AttemptSlot[]>
  /**
   * Marks a slot as failed, no effect where it is gone, and answers the ledger as it is then, expired slots left out, in one
   * step: of several that settle at once each sees those before it, so that exactly one sees itself complete a number.
   */
  settle(key: string, slot: string, now: Date): Promise<readonly AttemptSlot[]>
  /** Removes exactly this slot; `false` where it is gone already. A count never falls by anything else. */
  giveBack(key: string, slot: string): Promise<boolean>
  /** Forgets all slots of a key. */
  clear(key: string): Promise<void>
  /** Removes up to `limit` slots that expired before `before`; answers how many. */
  deleteExpired(before: Date, limit: number): Promise<number>
}
