import type { ChangeEvent } from '../audit/index.js'
import { AuthError, StoreError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { later } from '../shared/duration.js'
import { isPlainObject } from '../shared/plain-object.js'
import type { Secrets } from '../shared/secrets.js'
import {
  bindTicket,
  createTicket,
  digestTicket,
  formatTicket,
  parseTicket,
  type Ticket,
  type TicketPurpose,
  ticketPurposes,
} from './ticket-format.js'
import type { TicketStore } from './ticket-store.js'

/** What the service needs. */
export interface TicketServiceDeps {
  readonly store: TicketStore
  readonly secrets: Secrets
  readonly clock: Clock
}

/** A ticket to be issued. */
export interface NewTicket {
  readonly purpose: TicketPurpose
  readonly userId: string
  /** What its use will need. Is stored as it is: holds no secret. */
  readonly payload: TicketPayload
}

/** Texts that stay with a ticket. */
export type TicketPayload = Readonly<Record<string, string>>

/** A ticket that is genuine and was good a moment ago. */
export interface LiveTicket {
  readonly purpose: TicketPurpose
  readonly userId: string
  readonly payload: TicketPayload
}

/** Single-use secrets that go out by mail. */
export interface TicketService {
  /**
   * Issues a ticket. All unused ones of the same user and purpose are void from then on, but for `not-me`, of which each
   * mail's stays good.
   */
  issue(ticket: NewTicket): Promise<string>
  /** Whether this deployment issued a ticket for one of the purposes, used up or not. Asks no store. @throws AuthError `ticket_invalid` */
  checkIssued(presented: string, purposes: readonly TicketPurpose[]): Promise<void>
  /**
   * Reads a ticket without using it, so that what can be refused is refused before it is used up.
   * @param presented As received. What this deployment did not issue for one of the purposes costs no store call.
   * @throws AuthError `ticket_invalid`; StoreError
   */
  read(presented: string, purposes: readonly TicketPurpose[]): Promise<LiveTicket>
  /**
   * Uses a ticket up. Of N racers exactly one succeeds.
   * @param event Of what the use is the last step of.
   * @throws AuthError `ticket_invalid`; StoreError
   */
  consume(presented: string, purposes: readonly TicketPurpose[], event?: ChangeEvent): Promise<LiveTicket>
  /** Makes the user's unused tickets void. */
  withdraw(userId: string, purposes?: readonly TicketPurpose[]): Promise<void>
}

/** How long each is good. */
export const ticketLifeSeconds: Readonly<Record<TicketPurpose, number>> = {
  'email-verification': 86_400,
  'email-change': 86_400,
  'password-reset': 3600,
  'not-me': 3 * 86_400,
}

/** How much longer than it lives its use is remembered. */
const memorySeconds = 600

/** Makes the service. */
export function createTicketService({ store, secrets, clock }: TicketServiceDeps): TicketService {
  async function genuine(presented: string, purposes: readonly TicketPurpose[]): Promise<Ticket> {
    const ticket = await parseTicket(presented, secrets)
    if (!ticket || !purposes.includes(ticket.purpose)) throw new AuthError('ticket_invalid')
    return ticket
  }

  async function withdraw(userId: string, purposes: readonly TicketPurpose[] = ticketPurposes): Promise<void> {
    for (const purpose of purposes) await store.revokeAll(purpose, userId)
  }

  return {
    withdraw,
    checkIssued: async (presented, purposes) => void (await genuine(presented, purposes)),
    async issue({ purpose, userId, payload }) {
      if (purpose !== 'not-me') await withdraw(userId, [purpose])
      const ticket = createTicket(purpose, userId)
      const createdAt = clock.now()
      const expiresAt = later(createdAt, ticketLifeSeconds[purpose])
      const inserted = await store.insert({
        digest: await digestTicket(ticket),
        purpose,
        binding: await bindTicket(ticket),
        userId,
        grantId: null,
        payload: JSON.stringify(payload),
        createdAt,
        expiresAt,
        rememberUntil: later(expiresAt, memorySeconds),
      })
      if (!inserted) throw new StoreError('A ticket was there before it was issued')
      return formatTicket(ticket, secrets)
    },
    async read(presented, purposes) {
      const ticket = await genuine(presented, purposes)
      const found = await store.find(await digestTicket(ticket), ticket.purpose, clock.now())
      if (!found) throw new AuthError('ticket_invalid')
      return { purpose: ticket.purpose, userId: ticket.userId, payload: readPayload(found.payload) }
    },
    async consume(presented, purposes, event) {
      const ticket = await genuine(presented, purposes)
      const use = { digest: await digestTicket(ticket), purpose: ticket.purpose, binding: await bindTicket(ticket) }
      const used = await store.consume({ ...use, now: clock.now(), event })
      if (used.outcome !== 'consumed') throw new AuthError('ticket_invalid')
      return { purpose: ticket.purpose, userId: ticket.userId, payload: readPayload(used.ticket.payload) }
    },
  }
}

function readPayload(text: string): TicketPayload {
  const payload: unknown = JSON.parse(text)
  if (isPlainObject(payload) && Object.values(payload).every((value) => typeof value === 'string'))
    return payload as TicketPayload // Just checked.
  throw new StoreError('A ticket holds something else than was written')
}
