import { type AuditRecorder, recordRefusals } from '../audit/index.js'
import { AuthError, ConfigError } from '../errors.js'
import type { AccountMails } from './account-mails.js'
import type { AccountService } from './account-service.js'
import { parseEmailAddress } from './email-address.js'
import { publicUser, type User } from './user.js'
import type { UserRights } from './user-rights.js'
import type { UserRecord, UserStore } from './user-store.js'

/** An account to be made by the application itself. */
export interface NewUser<Role extends string = string> {
  readonly email: string
  readonly password: string
  readonly name?: string
  readonly roles?: readonly Role[]
  /** Whether the application knows that the address is the person's. Default `false`. */
  readonly emailVerified?: boolean
}

/** A password that somebody presents to the application itself. */
export interface PasswordCredentials {
  readonly email: string
  readonly password: string
  /** The client's address. */
  readonly ip?: string
  /** The `deviceToken` of an earlier sign-in on this device. */
  readonly deviceToken?: string
}

/** An account of another system. */
export interface ImportedUser<Role extends string = string> extends Omit<NewUser<Role>, 'password'> {
  /** As it was stored there, at most 512 characters; `null` for an account without a password. */
  readonly passwordHash: string | null
  /** When it was made there. Default: now. */
  readonly createdAt?: Date
}

/** Accounts, for the application's own code: nothing here asks who is calling. */
export interface Accounts<Role extends string = string> {
  /** Makes an account. @throws AuthError `validation_failed`, `email_taken` */
  create(account: NewUser<Role>): Promise<User>
  /**
   * Makes an account with a hash that another system made; `importedHashes` of `@auth/core/imported-hashes` checks it at logins.
   * The password's policy is not asked: nobody knows the password.
   * @throws AuthError `validation_failed`, `email_taken`
   */
  import(account: ImportedUser<Role>): Promise<User>
  /** Reads an account by its id. */
  find(userId: string): Promise<User | null>
  /** Reads an account by its address, whatever its spelling. */
  findByEmail(email: string): Promise<User | null>
  /**
   * Checks a password, under the same throttle as the login route.
   * @throws AuthError `invalid_credentials`, `too_many_attempts`, `overloaded`, `email_unverified`
   */
  verifyPassword(credentials: PasswordCredentials): Promise<User>
  /** Whether an account has a password: who signs in with a provider alone has none, until a reset by mail gives them one. @throws AuthError `not_found` */
  hasPassword(userId: string): Promise<boolean>
  /** Sets a password; every session and token of the user ends. @throws AuthError `validation_failed`, `not_found` */
  resetPassword(userId: string, newPassword: string): Promise<void>
  /**
   * Mails the owner a link to choose a new password, as `POST /password/forgot` does; `auth.mailsSent()` waits for it.
   * @throws AuthError `not_found`, `account_disabled`; ConfigError without a `mailer`
   */
  sendPasswordReset(userId: string): Promise<void>
  /**
   * Mails the owner a link to confirm their address; nothing where it is confirmed.
   * @throws AuthError `not_found`, `account_disabled`; ConfigError without a `mailer`
   */
  sendEmailVerification(userId: string): Promise<void>
  /**
   * Gives an account an address that the application has verified itself. All its sessions end, what was mailed before is void,
   * warnings included, and the address that it had is told. Where it fails half-way, a second call does the rest.
   * @throws AuthError `validation_failed`, `not_found`, `email_taken`
   */
  setEmail(userId: string, email: string): Promise<void>
  /**
   * Until when an account is locked for devices it has not signed in on, after too many wrong passwords; `null` where it is not.
   * @throws AuthError `not_found`
   */
  lockedUntil(userId: string): Promise<Date | null>
  /** Lifts that lock, here at once and on other nodes within a second. @throws AuthError `not_found` */
  unlock(userId: string): Promise<void>
  /** Replaces a user's roles; tokens issued before end. @throws AuthError `not_found`, `last_administrator` */
  setRoles(userId: string, roles: readonly Role[]): Promise<void>
  /** Disables an account; its sessions and tokens end. @throws AuthError `not_found`, `last_administrator` */
  disable(userId: string): Promise<void>
  /** Enables a disabled account. @throws AuthError `not_found` */
  enable(userId: string): Promise<void>
  /** Deletes an account; its sessions and tokens end. @throws AuthError `not_found`, `last_administrator` */
  delete(userId: string): Promise<void>
}

/** What they stand on. */
export interface AccountsDeps {
  readonly accounts: AccountService
  readonly rights: UserRights
  readonly users: UserStore
  readonly recorder: AuditRecorder
  /** See `Accounts`. */
  readonly setEmail: (userId: string, email: string) => Promise<void>
  /** `null` where no mails are sent. */
  readonly mails: AccountMails | null
}

/** Makes what the application calls. */
export function createAccounts<Role extends string>({
  accounts,
  rights,
  users,
  recorder,
  setEmail,
  mails,
}: AccountsDeps): Accounts<Role> {
  const refused = recordRefusals(recorder)
  /** Somebody who can be written to, and what writes. */
  async function mailing(userId: string): Promise<{ readonly user: UserRecord; readonly mails: AccountMails }> {
    if (!mails) throw new ConfigError([{ path: 'mailer', message: 'is needed to send mails' }])
    const user = await accounts.find(userId)
    if (!user) throw new AuthError('not_found')
    if (user.disabledAt) throw new AuthError('account_disabled')
    return { user, mails }
  }
  const shown = (user: UserRecord | null): User | null => user && publicUser(user)
  return {
    create: async (account) => publicUser(await accounts.create(account)),
    import: async (account) => publicUser(await accounts.import(account)),
    find: async (userId) => shown(await accounts.find(userId)),
    async findByEmail(email) {
      const address = parseEmailAddress(email)
      return address && shown(await users.findByEmailKey(address.key))
    },
    async verifyPassword({ email, password, ip, deviceToken: deviceMark }) {
      const address = parseEmailAddress(email)
      const { user } = address
        ? await accounts.verifyPassword(address, password, { ip, deviceMark })
        : await refused('login', { ip }, () => Promise.reject(new AuthError('invalid_credentials')))
      await recorder.record({ type: 'login', outcome: 'success', actor: user.id, subject: user.id, ip })
      return publicUser(user)
    },
    async hasPassword(userId) {
      const user = await accounts.find(userId)
      if (!user) throw new AuthError('not_found')
      return user.passwordHash !== null
    },
    resetPassword: (userId, newPassword) => accounts.resetPassword(userId, newPassword),
    sendPasswordReset: (userId) =>
      refused('password.reset_requested', { subject: userId }, async () => {
        const to = await mailing(userId)
        await recorder.record({ type: 'password.reset_requested', outcome: 'success', subject: userId })
        to.mails.offerReset(to.user.emailKey)
      }),
    setEmail: (userId, email) => refused('email.changed', { subject: userId }, () => setEmail(userId, email)),
    async sendEmailVerification(userId) {
      const to = await mailing(userId)
      if (to.user.emailVerifiedAt === null) to.mails.verifyEmail(to.user)
    },
    lockedUntil: (userId) => accounts.lockedUntil(userId),
    unlock: (userId) => accounts.unlock(userId),
    setRoles: async (userId, roles) => void (await rights.setRoles(userId, roles)),
    disable: (userId) => rights.disable(userId),
    enable: (userId) => rights.enable(userId),
    delete: (userId) => accounts.delete(userId),
  }
}
