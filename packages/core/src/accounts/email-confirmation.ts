import { type AuditRecorder, type AuditSubject, callerOf, recordRefusals } from '../audit/index.js'
import { AuthError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import type { Throttle } from '../throttle/index.js'
import type { TicketService } from '../tickets/index.js'
import type { AccountMails } from './account-mails.js'
import type { AccountService, RequestContext } from './account-service.js'
import type { AddressNotes } from './address-notes.js'
import type { EmailAddress } from './email-address.js'
import { provided } from './ticket-payload.js'
import { testingTicket } from './ticket-test.js'
import type { UserRecord, UserStore } from './user-store.js'

/** What confirming addresses needs. */
export interface EmailConfirmationDeps {
  readonly users: UserStore
  readonly tickets: TicketService
  readonly mails: AccountMails
  readonly throttle: Throttle
  readonly provePassword: AccountService['provePassword']
  readonly audit: AuditRecorder
  readonly clock: Clock
  readonly notes: AddressNotes
}

/** Somebody who wants another address. */
export interface EmailChange {
  readonly user: UserRecord
  readonly address: EmailAddress
  /** Theirs, where they prove by it that they are who is signed in. */
  readonly password: string | undefined
}

/** Addresses of accounts, and the proof that they are their owners'. */
export interface EmailConfirmation {
  /**
   * Takes the ticket of a mail that asked to confirm an address: the account's own, or the one it is to have.
   * @throws AuthError `ticket_invalid`; `email_taken` where somebody else has had the address meanwhile
   */
  confirm(ticket: string, context: RequestContext): Promise<void>
  /** Sends the mail again where the address is not confirmed yet. */
  resend(user: UserRecord): void
  /**
   * Asks for another address. Nothing changes before it is confirmed; the present one is told.
   * @throws AuthError with a password `invalid_credentials`, `too_many_attempts`, `overloaded`
   */
  requestChange(change: EmailChange, context: RequestContext): Promise<void>
}

const ofAddress = ['email-verification', 'email-change'] as const

/** Makes the service. */
export function createEmailConfirmation(deps: EmailConfirmationDeps): EmailConfirmation {
  const { users, tickets, mails, audit, clock, provePassword } = deps

  async function confirm(presented: string, context: RequestContext, about: AuditSubject): Promise<void> {
    const { purpose, userId, payload } = await tickets.consume(presented, ofAddress)
    about.subject = userId
    const user = await users.find(userId)
    if (!user || user.disabledAt) throw new AuthError('ticket_invalid')
    const { from, email, emailKey } = provided(payload, ['from', 'email', 'emailKey'])
    // Whatever ended the sessions since a change was asked for, took it back as well.
    const sessionEpoch = purpose === 'email-change' ? Number(provided(payload, ['epoch']).epoch) : null
    // Also where the mail was on its way when the second of two signed up, whose mail has withdrawn those before it.
    const isFirstProof = user.emailVerifiedAt === null && emailKey === user.emailKey
    if (isFirstProof && (await deps.notes.isContested(user))) throw new AuthError('ticket_invalid')
    const isOther = emailKey !== user.emailKey
    // Before the change, so that none is made of which it is not known. An address that comes back counts from when it was first had.
    if (isOther) await deps.notes.noteFormer(user)
    const since = isOther ? await deps.notes.formerSince({ id: userId, emailKey }) : null
    const swap = { userId, from, sessionEpoch, email, emailKey, verifiedAt: since ?? clock.now() }
    const type = purpose === 'email-change' ? 'email.changed' : 'email.verified'
    const outcome = await audit.recordChange({
      entry: { type, outcome: 'success', ...callerOf(context), actor: userId, subject: userId },
      make: (event) => users.swapEmail({ ...swap, event }),
      isMade: (swapped) => swapped === 'swapped',
    })
    if (outcome === 'taken') throw new AuthError('email_taken')
    if (outcome === 'stale') throw new AuthError('ticket_invalid')
    // Housekeeping: each of them names the address that it was sent to.
    await tickets.withdraw(userId, ofAddress).catch(() => undefined)
    if (isOther) mails.tellFormerAddress(user, email)
  }

  async function requestChange({ user, address, password }: EmailChange, context: RequestContext): Promise<void> {
    if (password !== undefined) await provePassword(user, password, context)
    await audit.record({ type: 'email.change_requested', outcome: 'success', ...callerOf(context), subject: user.id })
    mails.changeEmail(user, address)
  }

  const refused = recordRefusals(audit)
  return {
    confirm(presented, context) {
      const about: AuditSubject = callerOf(context)
      return refused('email.verified', about, () =>
        testingTicket(deps, { presented, purposes: ofAddress, context }, () => confirm(presented, context, about)),
      )
    },
    resend(user) {
      if (user.emailVerifiedAt === null) mails.verifyEmail(user)
    },
    requestChange: (change, context) =>
      refused('email.change_requested', { ...callerOf(context), subject: change.user.id }, () =>
        requestChange(change, context),
      ),
  }
}
