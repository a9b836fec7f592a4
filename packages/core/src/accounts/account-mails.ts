import { type AuditContext, type AuditRecorder, callerOf } from '../audit/index.js'
import { type Letter, type MailLinks, type PostOffice, ticketLink, type Wish } from '../mail/index.js'
import { digestOf } from '../shared/digest.js'
import { type TicketPayload, type TicketPurpose, type TicketService, ticketLifeSeconds } from '../tickets/index.js'
import type { AddressNotes } from './address-notes.js'
import { type EmailAddress, mailboxOf } from './email-address.js'
import type { UserRecord, UserStore } from './user-store.js'

/** What mails about accounts need. */
export interface AccountMailDeps {
  readonly users: UserStore
  readonly tickets: TicketService
  readonly postOffice: PostOffice
  readonly links: MailLinks
  readonly audit: AuditRecorder
  readonly notes: AddressNotes
}

/**
 * What is mailed to owners of accounts. Everything here happens after the caller has been answered: each method returns at
 * once and never throws, whether or not there is anybody to write to.
 */
export interface AccountMails {
  /** Asks the owner to confirm the address they have. `wish` says who signed up with it, where somebody just did. */
  verifyEmail(user: UserRecord, wish?: Wish): void
  /** Tells the owner of an address that it has an account already. */
  tellOwner(emailKey: string, wish?: Wish): void
  /** Asks at the new address to confirm it, and tells the present one. */
  changeEmail(user: UserRecord, address: EmailAddress): void
  /** Tells the address that an account had that it has another one now. */
  tellFormerAddress(user: UserRecord, newEmail: string): void
  /** The same where its former owner took it back: there is nothing to be done about it by mail. */
  tellTakenBack(user: UserRecord, newEmail: string): void
  /** Sends the owner of an address, if there is one, a link to choose a new password. */
  resetPassword(emailKey: string, context: AuditContext): void
  /** Sends the owner of an address such a link on the application's wish. */
  offerReset(emailKey: string): void
  /** Sends the owner of an address such a link because a warning's ticket took their password away, however many strangers asked for. */
  replacePassword(emailKey: string): void
  /**
   * Tells the owner after a reset by mail that more than the password leads into their account or acts for it. However many other
   * alerts somebody has brought about: a reset costs a mail of its own.
   */
  tellRemaining(userId: string): void
  /** Tells the owner what happened to their account. */
  alert(userId: string, alert: string): void
}

/** What a ticket to reset a password is good for: the account as it was. Any change of either voids it. */
export async function resetStateOf({ emailKey, passwordHash }: UserRecord): Promise<TicketPayload> {
  return { emailKey, state: await digestOf('reset-state', passwordHash ?? '') }
}

/** Since when the user has had their address. */
export function heldSince({ emailVerifiedAt, createdAt }: UserRecord): Date {
  return emailVerifiedAt ?? createdAt
}

/** Makes the service. */
export function createAccountMails({ users, tickets, postOffice, links, audit, notes }: AccountMailDeps): AccountMails {
  const addressed = ({ id, email, emailKey }: UserRecord): Omit<Letter, 'link'> => ({
    to: mailboxOf({ display: email, key: emailKey }),
    userId: id,
    recipient: emailKey,
  })

  /** A letter to the owner's address, with a ticket for them. */
  function letterWith(user: UserRecord, purpose: TicketPurpose, page: string, payload: TicketPayload): Letter {
    const userId = user.id
    const link = async (): Promise<string> => ticketLink(page, await tickets.issue({ purpose, userId, payload }))
    return { ...addressed(user), link, validForSeconds: ticketLifeSeconds[purpose] }
  }

  /** A letter by which the owner of the address can say that it was not they, and have it back. */
  function warning(user: UserRecord): Letter {
    const { email, emailKey } = user
    const payload = { email, emailKey, since: heldSince(user).toISOString() }
    if (links.notMe !== undefined) return letterWith(user, 'not-me', links.notMe, payload)
    return { ...addressed(user), link: async () => null }
  }

  async function resetLetter(user: UserRecord | null): Promise<Letter | null> {
    if (!user || user.disabledAt) return null
    return letterWith(user, 'password-reset', links.resetPassword, await resetStateOf(user))
  }

  /** @param sender The user who wants the address for an account of theirs. */
  function tellOwner(emailKey: string, wish?: Wish, sender?: string): void {
    const write = async (): Promise<Letter | null> => {
      const owner = await users.findByEmailKey(emailKey)
      const plain = await resetLetter(owner)
      const letter = plain && sender !== undefined ? { ...plain, sender } : plain
      if (!owner || !letter || owner.emailVerifiedAt) return letter
      // Two have signed up with an address that neither has proved to be theirs: the first one's password is not to be confirmed.
      const link = async (): Promise<string | null> => {
        await notes.noteContested(owner)
        await tickets.withdraw(owner.id, ['email-verification'])
        return letter.link()
      }
      return { ...letter, link }
    }
    postOffice.post('already_registered', write, wish)
  }

  return {
    tellOwner: (emailKey, wish) => tellOwner(emailKey, wish),
    verifyEmail(user, wish) {
      const { email, emailKey } = user
      const write = async (): Promise<Letter | null> => {
        // Whoever has the mailbox proves it by a new password alone, which ends whatever the other one has made.
        if (await notes.isContested(user)) {
          tellOwner(emailKey, wish)
          return null
        }
        return letterWith(user, 'email-verification', links.verifyEmail, { from: emailKey, email, emailKey })
      }
      postOffice.post('email_verification', write, wish)
    },
    changeEmail(user, address) {
      const { display: email, key: emailKey } = address
      postOffice.post('email_change', async () => {
        const holder = await users.findByEmailKey(emailKey)
        if (holder && holder.id !== user.id) {
          tellOwner(emailKey, undefined, user.id)
          return null
        }
        const payload = { from: user.emailKey, email, emailKey, epoch: String(user.sessionEpoch) }
        const letter = letterWith(user, 'email-change', links.verifyEmail, payload)
        return { ...letter, to: mailboxOf(address), recipient: emailKey, sender: user.id }
      })
      postOffice.post('email_change_notice', async () => ({ ...warning(user), newEmail: email }))
    },
    tellFormerAddress(user, newEmail) {
      postOffice.post('email_change_notice', async () => ({ ...warning(user), newEmail }))
    },
    tellTakenBack(user, newEmail) {
      postOffice.post('email_change_notice', async () => ({ ...addressed(user), newEmail, link: async () => null }))
    },
    resetPassword(emailKey, context) {
      const write = async (): Promise<Letter | null> => {
        const user = await users.findByEmailKey(emailKey)
        const letter = await resetLetter(user)
        const about = { type: 'password.reset_requested', ...callerOf(context) } as const
        if (user && letter) await audit.record({ ...about, outcome: 'success', subject: user.id })
        else {
          const code = user ? 'account_disabled' : 'not_found'
          await audit.record({ ...about, outcome: 'failure', code, subject: user?.id })
        }
        return letter
      }
      postOffice.post('password_reset', write, context)
    },
    offerReset(emailKey) {
      postOffice.post('password_reset', async () => resetLetter(await users.findByEmailKey(emailKey)))
    },
    replacePassword(emailKey) {
      postOffice.post('password_reset', async () => {
        const letter = await resetLetter(await users.findByEmailKey(emailKey))
        return letter && { ...letter, isOwed: true }
      })
    },
    tellRemaining(userId) {
      postOffice.post('security_alert', async () => {
        const user = await users.find(userId)
        return user && { ...warning(user), alert: 'password_reset', isOwed: true }
      })
    },
    alert(userId, alert) {
      if (links.notMe === undefined) return
      postOffice.post('security_alert', async () => {
        const user = await users.find(userId)
        return user && { ...warning(user), alert }
      })
    },
  }
}
