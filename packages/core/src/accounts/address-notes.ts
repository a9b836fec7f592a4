import type { Clock } from '../shared/clock.js'
import { digestOf } from '../shared/digest.js'
import { later } from '../shared/duration.js'
import { type TicketStore, ticketLifeSeconds } from '../tickets/index.js'
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
}

const former = 'former-address'
const contested = 'contested-address'
const daySeconds = 86_400
/** How many days a warning about an address can still be answered, the present one included. */
const daysToRemember = Math.ceil(ticketLifeSeconds['not-me'] / daySeconds) + 1
/** As long as nobody has proved the address; afterwards it says nothing any more. */
const contestedSeconds = 10 * 365 * daySeconds

/**
 * Makes them. They are kept as tickets that nobody holds: each is found by the digest of what it is about. Of an address
 * that is given up more than once, there is one for each day, so that a later one lives as long as its warning.
 */
export function createAddressNotes(store: TicketStore, clock: Clock): AddressNotes {
  const dayOf = (instant: Date): number => Math.floor(instant.getTime() / 1000 / daySeconds)

  async function note(
    purpose: string,
    { id, emailKey }: Owned,
    day: number,
    payload: object,
    seconds: number,
  ): Promise<void> {
    const digest = await digestOf(purpose, id, emailKey, day)
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

  async function find(purpose: string, { id, emailKey }: Owned, day: number): Promise<string | null> {
    return (await store.find(await digestOf(purpose, id, emailKey, day), purpose, clock.now()))?.payload ?? null
  }

  return {
    noteFormer: (user) =>
      note(former, user, dayOf(clock.now()), { since: heldSince(user).toISOString() }, daysToRemember * daySeconds),
    async formerSince(owned) {
      const today = dayOf(clock.now())
      const days = Array.from({ length: daysToRemember + 1 }, (_, ago) => today - ago)
      const found = await Promise.all(days.map((day) => find(former, owned, day)))
      const times = found
        .filter((payload) => payload !== null)
        .map((payload) => new Date(provided(JSON.parse(payload), ['since']).since).getTime())
      return times.length > 0 ? new Date(Math.min(...times)) : null
    },
    noteContested: (owned) => note(contested, owned, 0, {}, contestedSeconds),
    isContested: async (owned) => (await find(contested, owned, 0)) !== null,
  }
}
