import type { UserRecord, UserStore } from '../accounts/index.js'
import { type AuditContext, type AuditRecorder, callerOf, recordRefusals } from '../audit/index.js'
import { AuthError } from '../errors.js'
import { type Throttle, testSecret } from '../throttle/index.js'
import type { ExchangeTickets } from './exchange-tickets.js'

/** What exchanging tickets needs. */
export interface ExchangeDeps {
  readonly tickets: ExchangeTickets
  readonly users: UserStore
  readonly throttle: Throttle
  readonly audit: AuditRecorder
}

/** Somebody whose ticket was good. */
export interface Exchanged {
  /** In the epoch of their sign-in. */
  readonly user: UserRecord
  readonly authenticatedAt: Date
}

/**
 * Makes the exchange of a page's ticket, under the limit of its address. What this deployment did not issue is refused before:
 * it costs no store call, counts nothing and leaves no event.
 * @throws AuthError `ticket_invalid`, `too_many_attempts`
 */
export function createExchange({
  tickets,
  users,
  throttle,
  audit,
}: ExchangeDeps): (ticket: string, context: AuditContext) => Promise<Exchanged> {
  const refused = recordRefusals(audit)

  async function use(ticket: string): Promise<Exchanged> {
    const { userId, sessionEpoch, authenticatedAt } = await tickets.consume(ticket)
    const user = await users.find(userId)
    // Whatever ended all sessions since has ended this sign-in too.
    if (!user || user.disabledAt || user.sessionEpoch !== sessionEpoch) throw new AuthError('ticket_invalid')
    return { user, authenticatedAt }
  }

  return async (ticket, context) => {
    if (!(await tickets.isIssued(ticket))) throw new AuthError('ticket_invalid')
    const source = { kind: 'ticket', ip: context.ip } as const
    return refused('login', callerOf(context), () => testSecret(throttle, source, ['ticket_invalid'], () => use(ticket)))
  }
}
