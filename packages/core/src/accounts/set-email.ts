import type { ChangeEvent } from '../audit/index.js'
import { AuthError, StoreError } from '../errors.js'
import { closeSessionRows, revokeUserAccess, type UserAccessDeps } from '../sessions/index.js'
import type { AccountMails } from './account-mails.js'
import { type EmailAddress, parseEmailAddress } from './email-address.js'
import { isNowhere } from './nowhere.js'
import type { UserRecord } from './user-store.js'

/** What giving addresses needs. */
export interface SetEmailDeps extends UserAccessDeps {
  /** `null` where no mails are sent. */
  readonly mails: AccountMails | null
  /** Makes void what was mailed to a user. @throws StoreError */
  readonly withdrawTickets: (userId: string) => Promise<void>
}

/** How often an address is given that changes meanwhile. */
const mostTries = 3

/**
 * Makes the command that gives an account an address which the application has verified itself. All sessions end, and what was
 * mailed before is void. Repeatable: where it fails half-way, a second call does the rest.
 */
export function createSetEmail(deps: SetEmailDeps): (userId: string, email: string) => Promise<void> {
  const { users, audit } = deps

  /** Replaces the address, whichever it is; answers the account as it was. */
  async function swap(
    userId: string,
    { display: email, key: emailKey }: EmailAddress,
    event: ChangeEvent | undefined,
  ): Promise<UserRecord> {
    for (let tries = 1; tries <= mostTries; tries++) {
      const user = await users.find(userId)
      if (!user) throw new AuthError('not_found')
      // It counts as had before any other, so that no warning which went to one, and is being answered now, outweighs it.
      const verifiedAt = new Date(user.createdAt.getTime() - 1)
      const change = { userId, from: user.emailKey, sessionEpoch: null, email, emailKey, verifiedAt }
      const outcome = await users.swapEmail({ ...change, event })
      if (outcome === 'taken') throw new AuthError('email_taken')
      if (outcome === 'swapped') return user
    }
    throw new StoreError('An address kept changing while another one was to be given')
  }

  return async (userId, text) => {
    const address = parseEmailAddress(text)
    const issue = { path: 'email', code: 'invalid_email', message: 'must be an e-mail address' }
    if (!address) throw new AuthError('validation_failed', { issues: [issue] })
    await audit.recordChange({
      entry: { type: 'email.changed', outcome: 'success', subject: userId },
      async make(event) {
        const former = await swap(userId, address, event)
        if (address.key !== former.emailKey && !isNowhere(former.emailKey))
          deps.mails?.tellTakenBack(former, address.display)
        const raised = await revokeUserAccess(deps, { userId, ends: 'sessions', set: {} })
        if (!raised) throw new AuthError('not_found')
        await deps.withdrawTickets(userId)
        await closeSessionRows(deps, userId, raised.sessionEpoch, 'revoked')
      },
      isMade: () => true,
    })
  }
}
