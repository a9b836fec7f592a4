import { type AuditSubject, type ChangeEvent, callerOf, recordRefusals } from '../audit/index.js'
import { AuthError } from '../errors.js'
import type { PasswordService } from '../passwords/index.js'
import { closeSessionRows, revokeUserAccess, type UserAccessDeps } from '../sessions/index.js'
import type { Throttle } from '../throttle/index.js'
import type { LiveTicket, TicketService } from '../tickets/index.js'
import { type AccountMails, heldSince, resetStateOf } from './account-mails.js'
import type { RequestContext } from './account-service.js'
import type { EmailAddress } from './email-address.js'
import type { IdentityStore } from './identity-store.js'
import { isNowhere, nowhereAddress } from './nowhere.js'
import { passwordContext } from './password-context.js'
import { provided } from './ticket-payload.js'
import { testingTicket } from './ticket-test.js'
import type { RaisedVersions, UserChanges, UserRecord } from './user-store.js'

/** What recovery needs. */
export interface RecoveryDeps extends UserAccessDeps {
  readonly tickets: TicketService
  readonly passwords: PasswordService
  readonly mails: AccountMails
  readonly throttle: Throttle
  /** Takes a user's API keys back. @throws StoreError */
  readonly revokeApiKeys: (userId: string) => Promise<void>
  /** What users have linked; `undefined` where they cannot. */
  readonly identities: Pick<IdentityStore, 'deleteAll' | 'list'> | undefined
  /** Whether a user has API keys that are in force. @throws StoreError */
  readonly hasApiKeys: (userId: string) => Promise<boolean>
}

/** What became of the address. */
interface Returned {
  /** The address that the account has now; `lost` where somebody else has the one it should have. */
  readonly emailKey: string
  readonly outcome: 'kept' | 'returned' | 'lost'
  /** The account before; `null` where its address is what it was. */
  readonly former: UserRecord | null
}

/** The address that a warning went to, and since when the account had had it. */
interface Warned {
  readonly email: string
  readonly emailKey: string
  readonly since: string
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
   * Takes the ticket of a warning: its owner says that it was not they. Every session and API key ends, no password fits any
   * more, nothing is linked any more, an address that was changed since is as before, and a mail to it leads to a new password. Where somebody else has
   * that address by now, the account is disabled.
   * @throws AuthError `ticket_invalid`
   */
  notMe(ticket: string, context: RequestContext): Promise<void>
}

const ofReset = ['password-reset'] as const
const ofWarning = ['not-me'] as const
/** Not those of warnings: whoever has an account in his hands could void them by a reset of his own. */
const ofMailbox = ['email-verification', 'email-change', 'password-reset'] as const
/** How often an address is given back that changes meanwhile. */
const mostTries = 3

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

  async function setPassword(
    presented: string,
    newPassword: string,
    context: RequestContext,
    about: AuditSubject,
  ): Promise<UserRecord> {
    const user = await ownerOf(await tickets.read(presented, ofReset))
    about.subject = user.id
    await passwords.checkNew(newPassword, { path: 'newPassword', context: passwordContext(user.email, user.name) })
    const passwordHash = await passwords.hash(newPassword)
    await tickets.consume(presented, ofReset)
    const emailVerifiedAt = user.emailVerifiedAt ?? clock.now()
    // Who made an account with an address that was not theirs may have linked something and issued keys. Before the proof counts
    // as well as after: a failure in between leaves the next reset the first one.
    const isFirstProof = user.emailVerifiedAt === null
    if (isFirstProof) {
      await deps.revokeApiKeys(user.id)
      await deps.identities?.deleteAll(user.id)
    }
    const expected = { passwordHash: user.passwordHash, emailKey: user.emailKey }
    const set = { passwordHash, emailVerifiedAt }
    return audit.recordChange({
      entry: { type: 'password.reset', outcome: 'success', ...callerOf(context), actor: user.id, subject: user.id },
      async make(event) {
        const raised = await revokeUserAccess(deps, { userId: user.id, ends: 'sessions', set, expected, event })
        if (!raised) throw new AuthError('ticket_invalid')
        if (isFirstProof) await deps.revokeApiKeys(user.id)
        const last = isFirstProof && (await deps.identities?.deleteAll(user.id)) ? await endAll(user.id, {}) : raised
        if (!last) throw new AuthError('ticket_invalid')
        await closeSessionRows(deps, user.id, last.sessionEpoch, 'password')
        return { ...user, ...set, sessionEpoch: last.sessionEpoch, accessVersion: last.accessVersion }
      },
    })
  }

  async function reset(
    presented: string,
    newPassword: string,
    context: RequestContext,
    about: AuditSubject,
  ): Promise<UserRecord> {
    const user = await setPassword(presented, newPassword, context, about)
    const { id, emailKey } = user
    // Housekeeping: what is left is void by itself, and a lock ends by itself.
    await tickets.withdraw(id, ofMailbox).catch(() => undefined)
    await throttle.clearAccount(emailKey).catch(() => undefined)
    // What was connected or issued before goes on: the owner is told how to end all of it.
    if (await hasMore(id).catch(() => false)) mails.tellRemaining(id)
    return user
  }

  /** Whether anything but the password lets somebody into the account or act for it. */
  async function hasMore(userId: string): Promise<boolean> {
    if ((await deps.identities?.list(userId))?.length) return true
    return deps.hasApiKeys(userId)
  }

  /**
   * Gives the account the address back that a warning went to, unless the one it has now was its own before that: whoever
   * took it over was warned at theirs, too.
   */
  async function giveAddressBack(userId: string, warned: Warned): Promise<Returned> {
    const since = new Date(warned.since)
    for (let tries = 1; ; tries++) {
      const user = await users.find(userId)
      // One that this ticket has disabled before, on its way, is seen to the end.
      if (!user || (user.disabledAt && !isNowhere(user.emailKey))) throw new AuthError('ticket_invalid')
      const { emailKey: from } = user
      if (from === warned.emailKey || heldSince(user) < since) return { emailKey: from, outcome: 'kept', former: null }
      const { email, emailKey } = warned
      const swap = { userId, from, sessionEpoch: null, verifiedAt: since }
      const outcome = await users.swapEmail({ ...swap, email, emailKey })
      if (outcome === 'swapped') return { emailKey, outcome: 'returned', former: user }
      // Whoever took the account over has the address that it is at: no password may ever be mailed there.
      const nowhere = nowhereAddress()
      const left = outcome === 'taken' ? await users.swapEmail({ ...swap, email: nowhere, emailKey: nowhere }) : outcome
      if (left === 'swapped' || tries === mostTries) return { emailKey, outcome: 'lost', former: user }
    }
  }

  /**
   * Ends all sessions and takes all identities. Whoever signs in with one between the two is ended by the next round: nothing
   * can be linked without a session, so that the round which finds none is the last.
   */
  async function endAll(userId: string, set: UserChanges, event?: ChangeEvent): Promise<RaisedVersions | null> {
    for (let isFirst = true; ; isFirst = false) {
      const change = { userId, ends: 'sessions', set, event: isFirst ? event : undefined } as const
      const raised = await revokeUserAccess(deps, change)
      if (!raised || !deps.identities || (await deps.identities.deleteAll(userId)) === 0) return raised
    }
  }

  async function notMe(presented: string, context: RequestContext, about: AuditSubject): Promise<void> {
    const { userId, payload } = await tickets.read(presented, ofWarning)
    about.subject = userId
    // First the address: whoever changed it could otherwise have the next password mailed to theirs. Where somebody has it
    // by now, nobody is let in before the application has looked at it.
    const warned = provided(payload, ['email', 'emailKey', 'since'])
    const { emailKey, outcome, former } = await giveAddressBack(userId, warned)
    const isLost = outcome === 'lost'
    const set = { passwordHash: null, ...(isLost ? { disabledAt: clock.now() } : {}) }
    const done = { outcome: 'success', ...callerOf(context), actor: userId, subject: userId } as const
    const end = (event?: ChangeEvent): Promise<RaisedVersions | null> => endAll(userId, set, event)
    const disabled = { type: 'account.disabled', ...done } as const
    const raised = await (isLost ? audit.recordChange({ entry: disabled, make: end }) : end())
    if (!raised) throw new AuthError('ticket_invalid')
    await deps.revokeApiKeys(userId)
    // Used up last: everything before can be done again, and a failure half-way leaves the owner their link.
    await audit.recordChange({
      entry: { type: 'security.not_me', ...done },
      make: (event) => tickets.consume(presented, ofWarning, event),
    })
    await closeSessionRows(deps, userId, raised.sessionEpoch, 'revoked')
    // Warnings that went to an address which came later are void now; those to an earlier one stay.
    await tickets.withdraw(userId, outcome === 'returned' ? undefined : ofMailbox).catch(() => undefined)
    if (!isLost) mails.replacePassword(emailKey)
    if (outcome === 'returned' && former && !isNowhere(former.emailKey)) mails.tellTakenBack(former, warned.email)
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
