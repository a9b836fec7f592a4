import { type AuditContext, type AuditSubject, type ChangeEvent, callerOf, recordRefusals } from '../audit/index.js'
import { AuthError, ConfigError, StoreError } from '../errors.js'
import type { PasswordService } from '../passwords/index.js'
import {
  type CarriedOverSession,
  closeSessionRows,
  revokeUserAccess,
  type SessionRecord,
  type SessionService,
  type UserAccessDeps,
} from '../sessions/index.js'
import { isStorable } from '../shared/bytes.js'
import type { DeviceMarks, Throttle } from '../throttle/index.js'
import type { AccountMails } from './account-mails.js'
import { type EmailAddress, parseEmailAddress } from './email-address.js'
import type { NewDevices } from './new-devices.js'
import { newUserRecord } from './new-user.js'
import { passwordContext } from './password-context.js'
import { attempting, createPasswordTest, type PasswordOwner } from './password-test.js'
import type { LockoutAlert } from './security-alerts.js'
import type { UserRecord, UserStore } from './user-store.js'

/** What the room needs. */
export interface AccountDeps extends UserAccessDeps {
  readonly users: UserStore
  readonly passwords: PasswordService
  readonly throttle: Throttle
  readonly deviceMarks: DeviceMarks
  readonly newDevices: Pick<NewDevices, 'forget'>
  /** Forgets what was noted of the addresses that a user had. Repeatable. @throws StoreError */
  readonly forgetAddresses: (userId: string) => Promise<void>
  /** Tells the application. Must not throw. */
  readonly alert: (alert: LockoutAlert) => void
  readonly sessionService: SessionService
  /** Ends all API keys of a user, and what was mailed to them. Repeatable. @throws StoreError */
  readonly revokeApiKeys: (userId: string) => Promise<void>
  /** Whether anybody may sign up, and whether they may sign in before they have confirmed their address. */
  readonly registration: 'open' | 'verified' | 'closed'
  /** `null` where no mails are sent. */
  readonly mails: AccountMails | null
  /** The role of whoever signs up. */
  readonly defaultRole: string | null
  /** Whether a role is declared. */
  readonly isRole: (name: string) => boolean
  /** Sets of roles: of each that anybody holds, one enabled user always remains. */
  readonly administratorRoles: readonly (readonly string[])[]
}

/** Where a request came from, and who is calling where that is known. */
export interface RequestContext extends AuditContext {
  /** The known-device mark that came along, unverified. */
  readonly deviceMark?: string | undefined
}

/** An account about to be made. Shapes have been checked. */
export interface NewAccount {
  readonly email: EmailAddress
  readonly password: string
  readonly name: string | null
}

/** An account that the application makes itself. */
export interface ApplicationAccount {
  readonly email: string
  readonly password: string
  readonly name?: string
  readonly roles?: readonly string[]
  readonly emailVerified?: boolean
}

/** An account that another system made. */
export interface ImportedAccount extends Omit<ApplicationAccount, 'password'> {
  readonly passwordHash: string | null
  readonly createdAt?: Date
}

/** A person changing their own password. */
export interface PasswordChange {
  readonly user: UserRecord
  /** The session that goes on. */
  readonly session: SessionRecord | null
  readonly currentPassword: string
  readonly newPassword: string
}

/** Accounts: what people do to their own, and operators to anybody's. */
export interface AccountService {
  /**
   * Makes an account for a stranger. Where addresses have to be confirmed first, the answer is `null`, whether or not the
   * address was free: its owner is told by mail.
   * @throws AuthError `registration_closed`, `validation_failed`, `too_many_attempts`, `email_taken`
   */
  register(account: NewAccount, context: RequestContext): Promise<UserRecord | null>
  /** Makes an account in the name of the application: no throttle, any declared roles. @throws AuthError `validation_failed`, `email_taken` */
  create(account: ApplicationAccount): Promise<UserRecord>
  /** Makes an account with a hash that another system made. @throws AuthError `validation_failed`, `email_taken` */
  import(account: ImportedAccount): Promise<UserRecord>
  /**
   * Checks a password. Whoever is unknown, disabled or without a password costs the same work and gets the same answer.
   * The user is of the moment its hash was read: a session made with its epoch is dead if anything ended all sessions since.
   * @throws AuthError `invalid_credentials`, `too_many_attempts`, `overloaded`; `email_unverified` after the right password
   */
  verifyPassword(email: EmailAddress, password: string, context: RequestContext): Promise<PasswordOwner>
  /** Checks the password of somebody who is signed in. @throws AuthError `invalid_credentials`, `too_many_attempts`, `overloaded` */
  provePassword(user: UserRecord, password: string, context: RequestContext): Promise<void>
  /**
   * The same before a command, whose event tells of what is refused.
   * @throws AuthError `invalid_credentials`, `too_many_attempts`, `overloaded`
   */
  proveFor(
    command: 'identity.linked' | 'identity.unlinked',
    user: UserRecord,
    password: string,
    context: RequestContext,
  ): Promise<void>
  /** Reads an account. */
  find(userId: string): Promise<UserRecord | null>
  /** Changes a password; every other session ends. @throws AuthError `invalid_credentials`, `validation_failed`, `too_many_attempts` */
  changePassword(change: PasswordChange, context: RequestContext): Promise<CarriedOverSession | null>
  /** Sets a password without the old one; every session ends and nobody is signed in. @throws AuthError `validation_failed`, `not_found` */
  resetPassword(userId: string, newPassword: string): Promise<void>
  /** Until when an account is locked for devices it has not signed in on; `null` where it is not. @throws AuthError `not_found` */
  lockedUntil(userId: string): Promise<Date | null>
  /** Lifts the lock of an account. @throws AuthError `not_found` */
  unlock(userId: string): Promise<void>
  /** Ends every session and access token of a user. @throws AuthError `not_found` */
  endAllSessions(userId: string, context?: RequestContext): Promise<void>
  /** Deletes the person's own account after their password, where it has one. @throws AuthError `invalid_credentials`, `validation_failed`, `last_administrator` */
  deleteOwn(user: UserRecord, password: string | undefined, context: RequestContext): Promise<void>
  /** Deletes an account; its sessions and tokens end. @throws AuthError `not_found`, `last_administrator` */
  delete(userId: string): Promise<void>
}

/** No format writes more. */
const longestHash = 512

/** Makes the service. */
export function createAccountService(deps: AccountDeps): AccountService {
  const { users, passwords, throttle, clock, audit } = deps
  const testPassword = createPasswordTest(deps)

  function newUser(account: NewAccount, passwordHash: string | null, roles: readonly string[]): UserRecord {
    return newUserRecord({ email: account.email, name: account.name, passwordHash, roles, createdAt: clock.now() })
  }

  function checkNewPassword(password: string, path: string, email: string, name: string | null): Promise<void> {
    return passwords.checkNew(password, { path, context: passwordContext(email, name) })
  }

  /** Tests somebody's own password once more. */
  async function testOwn(
    { id, emailKey: account }: UserRecord,
    password: string,
    context: RequestContext,
  ): Promise<UserRecord | null> {
    const owner = await testPassword({ account, load: () => users.find(id), password, context })
    return owner?.user ?? null
  }

  async function provePassword(user: UserRecord, password: string, context: RequestContext): Promise<void> {
    if (!(await testOwn(user, password, context))) throw new AuthError('invalid_credentials')
  }

  async function register(account: NewAccount, context: RequestContext): Promise<UserRecord | null> {
    if (deps.registration === 'closed') throw new AuthError('registration_closed')
    const path = 'password'
    await passwords.checkRules(account.password, { path, context: passwordContext(account.email.display, account.name) })
    const attempt = await throttle.begin({ kind: 'password', ip: context.ip })
    const passwordHash = await attempting(attempt, async () => {
      // Asks somebody else: not for an address that is blocked.
      await passwords.checkBreached(account.password, { path })
      return passwords.hash(account.password)
    })
    const user = newUser(account, passwordHash, deps.defaultRole === null ? [] : [deps.defaultRole])
    const inserted = await audit.recordChange({
      entry: { type: 'registration', outcome: 'success', ...ofOwn(user, context) },
      async make(event) {
        const isNew = await attempting(attempt, () => users.insert(user, event))
        const isTold = !isNew && deps.registration === 'open'
        await (isTold ? attempt.failed() : attempt.succeeded())
        if (isTold) throw new AuthError('email_taken')
        return isNew
      },
      // Nor below: whether the address was free must not show in how long the answer takes.
      waits: false,
    })
    if (!inserted) void audit.record({ type: 'registration', outcome: 'failure', code: 'email_taken', ...callerOf(context) })
    if (inserted) deps.mails?.verifyEmail(user, context)
    else deps.mails?.tellOwner(user.emailKey, context)
    return deps.registration === 'verified' ? null : user
  }

  async function verifyPassword(
    email: EmailAddress,
    password: string,
    context: RequestContext,
    about: AuditSubject,
  ): Promise<PasswordOwner> {
    const load = async (): Promise<UserRecord | null> => {
      const found = await users.findByEmailKey(email.key)
      about.subject = found?.id
      return found
    }
    const owner = await testPassword({ account: email.key, load, password, context })
    if (!owner) throw new AuthError('invalid_credentials')
    await renewHash(owner.user, password)
    if (deps.registration === 'verified' && owner.user.emailVerifiedAt === null) throw new AuthError('email_unverified')
    return owner
  }

  /** Brings an old hash up to the present parameters. A password changed meanwhile wins, and a failure costs nobody a login. */
  async function renewHash({ id, passwordHash }: UserRecord, password: string): Promise<void> {
    if (passwordHash === null || !passwords.needsRehash(passwordHash)) return
    try {
      await users.swapPasswordHash(id, passwordHash, await passwords.hash(password))
    } catch (error) {
      if (!(error instanceof AuthError || error instanceof StoreError)) throw error
    }
  }

  async function changePassword(change: PasswordChange, context: RequestContext): Promise<CarriedOverSession | null> {
    const { user, session, currentPassword, newPassword } = change
    await checkNewPassword(newPassword, 'newPassword', user.email, user.name)
    const tested = await testOwn(user, currentPassword, context)
    const passwordHash = tested && (await passwords.hash(newPassword))
    const expected = { passwordHash: tested?.passwordHash ?? null, sessionEpoch: tested?.sessionEpoch ?? 0 }
    if (passwordHash === null) throw new AuthError('invalid_credentials')
    return audit.recordChange({
      entry: { type: 'password.changed', outcome: 'success', ...ofOwn(user, context) },
      async make(event) {
        const set = { passwordHash }
        const raised = await revokeUserAccess(deps, { userId: user.id, ends: 'sessions', set, expected, event })
        if (!raised) throw new AuthError('invalid_credentials')
        // A session that something else has ended meanwhile stays ended.
        const isOfThen = session?.epoch === tested?.sessionEpoch
        const carried = session && isOfThen ? await deps.sessionService.carryOver(session, raised.sessionEpoch) : null
        await closeSessionRows(deps, user.id, raised.sessionEpoch, 'password')
        return carried
      },
      isMade: () => true,
    })
  }

  /** A change of somebody's account that ends all sessions. */
  async function change(
    type: 'password.reset' | 'logout_all',
    userId: string,
    set: Partial<Pick<UserRecord, 'passwordHash'>>,
    context: RequestContext = {},
  ): Promise<void> {
    await audit.recordChange({
      entry: { type, outcome: 'success', ...callerOf(context), subject: userId },
      async make(event) {
        const raised = await revokeUserAccess(deps, { userId, ends: 'sessions', set, event })
        if (!raised) throw new AuthError('not_found')
        await closeSessionRows(deps, userId, raised.sessionEpoch, 'revoked')
      },
      isMade: () => true,
    })
  }

  function remove(userId: string, context: RequestContext): Promise<boolean> {
    const entry = { type: 'account.deleted', outcome: 'success', ...callerOf(context), subject: userId } as const
    return audit.recordChange({ entry, make: (event) => erase(userId, event) })
  }

  async function erase(userId: string, event: ChangeEvent | undefined): Promise<boolean> {
    const deleted = await users.delete(userId, deps.administratorRoles, event)
    const kept = deleted ? null : await users.find(userId)
    if (kept) throw new AuthError('last_administrator')
    // Also where the user was gone before: whoever deleted it may have died before this.
    await deps.feed.announce({ user: userId, minVersion: Number.MAX_SAFE_INTEGER })
    await closeSessionRows(deps, userId, null, 'revoked')
    await deps.revokeApiKeys(userId)
    await deps.newDevices.forget(userId)
    await deps.forgetAddresses(userId)
    return deleted
  }

  function checkRoles(roles: readonly string[]): void {
    const unknown = roles.filter((role) => !deps.isRole(role))
    if (unknown.length > 0) throw new ConfigError([{ path: 'roles', message: 'names a role that is not declared' }])
  }

  function addressOf(text: string): EmailAddress {
    const address = parseEmailAddress(text)
    const issue = { path: 'email', code: 'invalid_email', message: 'must be an e-mail address' }
    if (!address) throw new AuthError('validation_failed', { issues: [issue] })
    return address
  }

  async function add(user: UserRecord): Promise<UserRecord> {
    const entry = { type: 'registration', outcome: 'success', subject: user.id } as const
    const isNew = await audit.recordChange({ entry, make: (event) => users.insert(user, event) })
    if (!isNew) throw new AuthError('email_taken')
    return user
  }

  async function create(account: ApplicationAccount): Promise<UserRecord> {
    const { email, password, name = null, roles = [], emailVerified = false } = account
    const address = addressOf(email)
    await checkNewPassword(password, 'password', address.display, name)
    const user = newUser({ email: address, password, name }, await passwords.hash(password), [...roles])
    return add({ ...user, emailVerifiedAt: emailVerified ? clock.now() : null })
  }

  async function importAccount(account: ImportedAccount): Promise<UserRecord> {
    const { email, passwordHash, name = null, roles = [], emailVerified = false, createdAt = clock.now() } = account
    const issue = { path: 'passwordHash', code: 'invalid_value', message: `must have 1 to ${longestHash} characters` }
    if (
      passwordHash !== null &&
      !(passwordHash.length > 0 && passwordHash.length <= longestHash && isStorable(passwordHash))
    )
      throw new AuthError('validation_failed', { issues: [issue] })
    const user = newUser({ email: addressOf(email), password: '', name }, null, [...roles])
    return add({ ...user, passwordHash, createdAt, emailVerifiedAt: emailVerified ? clock.now() : null })
  }

  async function resetPassword(userId: string, newPassword: string): Promise<void> {
    const user = await users.find(userId)
    if (!user) throw new AuthError('not_found')
    await checkNewPassword(newPassword, 'newPassword', user.email, user.name)
    await change('password.reset', userId, { passwordHash: await passwords.hash(newPassword) })
    await throttle.clearAccount(user.emailKey)
  }

  async function known(userId: string): Promise<UserRecord> {
    const user = await users.find(userId)
    if (!user) throw new AuthError('not_found')
    return user
  }

  async function unlock(userId: string): Promise<void> {
    await throttle.clearAccount((await known(userId)).emailKey)
    await audit.record({ type: 'lockout.lifted', outcome: 'success', subject: userId })
  }

  async function deleteOwn(user: UserRecord, password: string | undefined, context: RequestContext): Promise<void> {
    if (user.passwordHash !== null) {
      const issue = { path: 'password', code: 'required', message: 'is required' }
      if (password === undefined) throw new AuthError('validation_failed', { issues: [issue] })
      if (!(await testOwn(user, password, context))) throw new AuthError('invalid_credentials')
    }
    await remove(user.id, { ...context, actor: user.id })
  }

  // What is refused is recorded here; what is done, where it is done.
  const refused = recordRefusals(audit)
  return {
    find: (userId) => users.find(userId),
    register: (account, context) => refused('registration', callerOf(context), () => register(account, context)),
    verifyPassword(email, password, context) {
      const about: AuditSubject = callerOf(context)
      return refused('login', about, () => verifyPassword(email, password, context, about))
    },
    changePassword: (change, context) =>
      refused('password.changed', ofOwn(change.user, context), () => changePassword(change, context)),
    async create(account) {
      checkRoles(account.roles ?? [])
      return refused('registration', {}, () => create(account))
    },
    async import(account) {
      checkRoles(account.roles ?? [])
      return refused('registration', {}, () => importAccount(account))
    },
    provePassword,
    proveFor: (command, user, password, context) =>
      refused(command, ofOwn(user, context), () => provePassword(user, password, context)),
    resetPassword: (userId, newPassword) =>
      refused('password.reset', { subject: userId }, () => resetPassword(userId, newPassword)),
    lockedUntil: async (userId) => throttle.lockedUntil((await known(userId)).emailKey),
    unlock: (userId) => refused('lockout.lifted', { subject: userId }, () => unlock(userId)),
    endAllSessions: (userId, context = {}) =>
      refused('logout_all', { ...callerOf(context), subject: userId }, () => change('logout_all', userId, {}, context)),
    deleteOwn: (user, password, context) =>
      refused('account.deleted', ofOwn(user, context), () => deleteOwn(user, password, context)),
    delete: (userId) =>
      refused('account.deleted', { subject: userId }, async () => {
        if (!(await remove(userId, {}))) throw new AuthError('not_found')
      }),
  }
}

/** What somebody does to their own account. */
function ofOwn({ id }: UserRecord, context: RequestContext): AuditContext & { actor: string; subject: string } {
  return { ...callerOf(context), actor: id, subject: id }
}
