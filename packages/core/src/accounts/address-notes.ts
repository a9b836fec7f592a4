import type { Clock } from '../shared/clock.js'
import { digestOf } from '../shared/digest.js'
import { later } from '../shared/duration.js'
import type { TicketStore } from '../tickets/index.js'
import { heldSince } from './account-mails.js'
import { provided } from './ticket-payload.js'
import type { UserRecord } from './user-store.js'

/** Whose address it is, or was. */
type Owned = Pick<UserRecord, 'id' | 'emailKey'>

/** What is remembered of the addresses of accounts, beside the tickets and for as long as those matter. */
export interface AddressNotes {
  /** Notes since when an account has had its address, before it gets another one. Repeatable. */
  noteFormer(user: UserRecord): Promise<void>
  /** Since when an account had an address that it lately gave up; `null` where nobody knows. */
  formerSince(owned: Owned): Promise<Date | null>
  /** Notes that somebody else has signed up with the address of an account that nobody has proved. Repeatable. */
  noteContested(owned: Owned): Promise<void>
  /** Whether that has happened. */
  isContested(owned: Owned): Promise<boolean>
  /** Forgets all of a user's: part of deleting them. Repeatable. */
  forget(userId: string): Promise<void>
}

const former = 'former-address'
const contested = 'contested-address'
const daySeconds = 86_400
/**
 * How long a former address is remembered, at least. Much longer than a warning can be answered, as each change brings new ones:
 * an owner who finds out after weeks has the address back that they had first. But not for ever: whoever has the mailbox of an
 * address given up long ago has no say over an account any more.
 */
const formerSeconds = 30 * daySeconds
/** As long as nobody has proved the address; afterwards it says nothing any more. */
const contestedSeconds = 10 * 365 * daySeconds

/**
 * Makes them. They are kept as tickets that nobody holds: each is found by the digest of what it is about. Of an address
 * that is given up more than once, there is one for each span of time, so that a later one is remembered as long.
 */
export function createAddressNotes(store: TicketStore, clock: Clock): AddressNotes {
  const presentSpan = (): number => Math.floor(clock.now().getTime() / 1000 / formerSeconds)

  async function note(
    purpose: string,
    { id, emailKey }: Owned,
    span: number,
    payload: object,
    seconds: number,
  ): Promise<void> {
    const digest = await digestOf(purpose, id, emailKey, span)
    const createdAt = clock.now()
    const expiresAt = later(createdAt, seconds)
    const times = { createdAt, expiresAt, rememberUntil: expiresAt }
    // One that is there says the same, or says it since earlier.
    await store.insert({
      digest,
      purpose,
      binding: digest,
      userId: id,
      grantId: null,
      payload: JSON.stringify(payload),
      ...times,
    })
  }

  async function find(purpose: string, { id, emailKey }: Owned, span: number): Promise<string | null> {
    return (await store.find(await digestOf(purpose, id, emailKey, span), purpose, clock.now()))?.payload ?? null
  }

  return {
    noteFormer: (user) =>
      // Twice as long, because one that is left out for it may be of the end of its span.
      note(former, user, presentSpan(), { since: heldSince(user).toISOString() }, 2 * formerSeconds),
    async formerSince(owned) {
      const present = presentSpan()
      const found = await Promise.all([present, present - 1].map((span) => find(former, owned, span)))
      const times = found
        .filter((payload) => payload !== null)
        .map((payload) => new Date(provided(JSON.parse(payload), ['since']).since).getTime())
      return times.length > 0 ? new Date(Math.min(...times)) : null
    },
    noteContested: (owned) => note(contested, owned, 0, {}, contestedSeconds),
    isContested: async (owned) => (await find(contested, owned, 0)) !== null,
    async forget(userId) {
      for (const purpose of [former, contested]) await store.revokeAll(purpose, userId)
    },
  }
}
