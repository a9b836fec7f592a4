import { type AuditRecorder, type AuditSubject, callerOf, recordRefusals } from '../audit/index.js'
import { AuthError } from '../errors.js'
import type { PasswordService } from '../passwords/index.js'
import { closeSessionRows, revokeUserAccess, type UserAccessDeps } from '../sessions/index.js'
import type { Throttle } from '../throttle/index.js'
import type { LiveTicket, TicketService } from '../tickets/index.js'
import { type AccountMails, resetStateOf } from './account-mails.js'
import type { RequestContext } from './account-service.js'
import type { EmailAddress } from './email-address.js'
import { passwordContext } from './password-context.js'
import { provided } from './ticket-payload.js'
import { testingTicket } from './ticket-test.js'
import type { UserRecord } from './user-store.js'

/** What recovery needs. */
export interface RecoveryDeps extends UserAccessDeps {
  readonly tickets: TicketService
  readonly passwords: PasswordService
  readonly mails: AccountMails
  readonly audit: AuditRecorder
  readonly throttle: Throttle
}

/** How owners get back into their accounts. */
export interface Recovery {
  /** Mails a link to choose a new password to the owner of the address, if there is one. Returns at once. */
  requestReset(address: EmailAddress, context: RequestContext): void
  /**
   * Sets a new password by the ticket of such a mail. Every session ends, the account's lock is lifted, the address counts as
   * confirmed, and nobody is signed in. A password that the policy refuses does not use the ticket up.
   * @returns The user as they are now.
   * @throws AuthError `ticket_invalid`, `validation_failed`, `overloaded`
   */
  reset(ticket: string, newPassword: string, context: RequestContext): Promise<UserRecord>
  /**
   * Takes the ticket of a warning: its owner says that it was not they. Every session ends, no password fits any more, an
   * address that was changed since is as before, and a mail to it leads to a new password.
   * @throws AuthError `ticket_invalid`
   */
  notMe(ticket: string, context: RequestContext): Promise<void>
}

const ofReset = ['password-reset'] as const
const ofWarning = ['not-me'] as const

/** Makes the service. */
export function createRecovery(deps: RecoveryDeps): Recovery {
  const { users, tickets, passwords, mails, audit, clock, throttle } = deps

  /** Whose ticket it is, if the account is still as it was when the ticket was issued. */
  async function ownerOf({ userId, payload }: LiveTicket): Promise<UserRecord> {
    const user = await users.find(userId)
    if (!user || user.disabledAt) throw new AuthError('ticket_invalid')
    const state = await resetStateOf(user)
    if (payload.emailKey !== state.emailKey || payload.state !== state.state) throw new AuthError('ticket_invalid')
    return user
  }

  async function setPassword(presented: string, newPassword: string, about: AuditSubject): Promise<UserRecord> {
    const user = await ownerOf(await tickets.read(presented, ofReset))
    about.subject = user.id
    await passwords.checkNew(newPassword, { path: 'newPassword', context: passwordContext(user.email, user.name) })
    const passwordHash = await passwords.hash(newPassword)
    await tickets.consume(presented, ofReset)
    const emailVerifiedAt = user.emailVerifiedAt ?? clock.now()
    const raised = await revokeUserAccess(deps, {
      userId: user.id,
      ends: 'sessions',
      set: { passwordHash, emailVerifiedAt },
      expected: { passwordHash: user.passwordHash, emailKey: user.emailKey },
    })
    if (!raised) throw new AuthError('ticket_invalid')
    const { sessionEpoch, accessVersion } = raised
    return { ...user, passwordHash, emailVerifiedAt, sessionEpoch, accessVersion }
  }

  async function reset(
    presented: string,
    newPassword: string,
    context: RequestContext,
    about: AuditSubject,
  ): Promise<UserRecord> {
    const user = await setPassword(presented, newPassword, about)
    const { id, emailKey, sessionEpoch } = user
    await audit.record({ type: 'password.reset', outcome: 'success', ...callerOf(context), actor: id, subject: id })
    await closeSessionRows(deps, id, sessionEpoch, 'password')
    // Housekeeping: what is left is void by itself, and a lock ends by itself.
    await tickets.withdraw(id).catch(() => undefined)
    await throttle.clearAccount(emailKey).catch(() => undefined)
    return user
  }

  async function notMe(presented: string, context: RequestContext, about: AuditSubject): Promise<void> {
    const { userId, payload } = await tickets.consume(presented, ofWarning)
    about.subject = userId
    const { email, emailKey } = provided(payload, ['email', 'emailKey'])
    const user = await users.find(userId)
    if (!user) throw new AuthError('ticket_invalid')
    // First the address: whoever changed it could otherwise have the next password mailed to theirs.
    if (user.emailKey !== emailKey)
      await users.swapEmail({ userId, from: user.emailKey, email, emailKey, verifiedAt: clock.now() })
    const raised = await revokeUserAccess(deps, { userId, ends: 'sessions', set: { passwordHash: null } })
    if (!raised) throw new AuthError('ticket_invalid')
    await audit.record({ type: 'security.not_me', outcome: 'success', ...callerOf(context), actor: userId, subject: userId })
    await closeSessionRows(deps, userId, raised.sessionEpoch, 'revoked')
    await tickets.withdraw(userId).catch(() => undefined)
    mails.replacePassword(emailKey)
  }

  // What is refused is recorded here; what is done, where it is done.
  const refused = recordRefusals(audit)
  return {
    requestReset: ({ key }, context) => mails.resetPassword(key, context),
    reset(presented, newPassword, context) {
      const about: AuditSubject = callerOf(context)
      return refused('password.reset', about, () =>
        testingTicket(deps, { presented, purposes: ofReset, context }, () => reset(presented, newPassword, context, about)),
      )
    },
    notMe(presented, context) {
      const about: AuditSubject = callerOf(context)
      return refused('security.not_me', about, () =>
        testingTicket(deps, { presented, purposes: ofWarning, context }, () => notMe(presented, context, about)),
      )
    },
  }
}
