import { type Throttle, testSecret } from '../throttle/index.js'
import type { TicketPurpose, TicketService } from '../tickets/index.js'
import type { RequestContext } from './account-service.js'

/** A ticket about to be tested. */
export interface TicketTry {
  /** As received. */
  readonly presented: string
  readonly purposes: readonly TicketPurpose[]
  readonly context: RequestContext
}

/**
 * Runs what tests a mail's ticket under the limit of its address. What this deployment did not issue is refused before: it
 * costs no store call and counts nothing. Only a ticket that is not good counts; whatever else ends the command gives the
 * slot back.
 * @throws AuthError `ticket_invalid`, `too_many_attempts`
 */
export async function testingTicket<T>(
  { tickets, throttle }: { readonly tickets: TicketService; readonly throttle: Throttle },
  { presented, purposes, context: { ip } }: TicketTry,
  test: () => Promise<T>,
): Promise<T> {
  await tickets.checkIssued(presented, purposes)
  return testSecret(throttle, { kind: 'ticket', ip }, ['ticket_invalid'], test)
}
