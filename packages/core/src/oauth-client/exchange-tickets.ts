import { AuthError, StoreError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { digestOf } from '../shared/digest.js'
import { later } from '../shared/duration.js'
import { isPlainObject } from '../shared/plain-object.js'
import type { Secrets } from '../shared/secrets.js'
import { createTaggedSecret, readTaggedSecret } from '../shared/tagged-secret.js'
import type { TicketStore } from '../tickets/index.js'

/** A sign-in that waits for its client. */
export interface ExchangeGrant {
  readonly userId: string
  /** The epoch that the user was in. */
  readonly sessionEpoch: number
  /** When the person proved who they are. */
  readonly authenticatedAt: Date
}

/** Tickets that a page gets after a sign-in and turns into tokens, once and at once. */
export interface ExchangeTickets {
  /** Issues one of 256 random bits. */
  issue(grant: ExchangeGrant): Promise<string>
  /** Whether this deployment issued it, used up or not. Asks no store. */
  isIssued(ticket: string): Promise<boolean>
  /** Uses one up. Of N racers exactly one succeeds. @throws AuthError `ticket_invalid` */
  consume(ticket: string): Promise<ExchangeGrant>
}

const purpose = 'signin-exchange'
/** A page has it in its address: long enough to load, and no longer. */
const lifeSeconds = 60
const memorySeconds = 600

/** Makes the tickets of a deployment. */
export function createExchangeTickets({
  secrets,
  tickets,
  clock,
}: {
  readonly secrets: Secrets
  readonly tickets: TicketStore
  readonly clock: Clock
}): ExchangeTickets {
  const isIssued = async (ticket: string): Promise<boolean> => (await readTaggedSecret(ticket, purpose, secrets)) !== null

  return {
    isIssued,
    async issue({ userId, sessionEpoch, authenticatedAt }) {
      const { text: ticket } = await createTaggedSecret(purpose, secrets)
      const createdAt = clock.now()
      const expiresAt = later(createdAt, lifeSeconds)
      const inserted = await tickets.insert({
        digest: await digestOf(purpose, ticket),
        purpose,
        binding: await digestOf('signin-exchange-binding'),
        userId,
        grantId: null,
        payload: JSON.stringify({ sessionEpoch, authenticatedAt: authenticatedAt.getTime() }),
        createdAt,
        expiresAt,
        rememberUntil: later(expiresAt, memorySeconds),
      })
      if (!inserted) throw new StoreError('A ticket was there before it was issued')
      return ticket
    },
    async consume(ticket) {
      if (!(await isIssued(ticket))) throw new AuthError('ticket_invalid')
      const binding = await digestOf('signin-exchange-binding')
      const used = await tickets.consume({ digest: await digestOf(purpose, ticket), purpose, binding, now: clock.now() })
      if (used.outcome !== 'consumed' || used.ticket.userId === null) throw new AuthError('ticket_invalid')
      const { userId } = used.ticket
      const payload: unknown = JSON.parse(used.ticket.payload)
      if (!isPlainObject(payload) || typeof payload.sessionEpoch !== 'number' || typeof payload.authenticatedAt !== 'number')
        throw new StoreError('A ticket holds something else than was written')
      return { userId, sessionEpoch: payload.sessionEpoch, authenticatedAt: new Date(payload.authenticatedAt) }
    },
  }
}
