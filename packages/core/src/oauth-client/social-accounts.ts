import {
  type AccountMails,
  type EmailAddress,
  firstVersion,
  type IdentityRecord,
  type IdentityStore,
  newUserRecord,
  parseEmailAddress,
  type UserRecord,
} from '../accounts/index.js'
import { type AuditContext, callerOf } from '../audit/index.js'
import { AuthError, type AuthErrorCode, StoreError } from '../errors.js'
import { closeSessionRows, type UserAccessDeps } from '../sessions/index.js'
import { randomUuid } from '../shared/random.js'
import type { OAuthProvider } from './provider.js'
import type { ProviderAccount } from './provider-account.js'
import type { SocialSettings } from './social-settings.js'

/** What finding a user's account needs. */
export interface SocialAccountDeps extends UserAccessDeps {
  readonly identities: IdentityStore
  readonly settings: SocialSettings
  readonly registration: 'open' | 'verified' | 'closed'
  /** The role of whoever signs up. */
  readonly defaultRole: string | null
  /** `null` where no mails are sent. */
  readonly mails: AccountMails | null
  /** Ends a user's API keys, and what was mailed to them. Repeatable. @throws StoreError */
  readonly endCredentials: (userId: string) => Promise<void>
  /** Hears of an identity that was linked to an account that was there before. Must not throw. */
  readonly onLinked: (userId: string, provider: string, context: AuditContext) => void
}

/** Somebody a provider has vouched for. */
export interface VouchedFor {
  readonly provider: OAuthProvider
  readonly account: ProviderAccount
  /** What is kept of the provider's tokens for an identity; `null` where nothing is. */
  readonly sealTokens: (userId: string) => Promise<string | null>
  readonly context: AuditContext
}

/** The user whose account it is. Of the moment it was read: a session made with its epoch is dead if anything ended all since. */
export interface SocialUser {
  readonly user: UserRecord
  /** Whether the account was made by this sign-in. */
  readonly isNew: boolean
}

/** How often a sign-in begins anew that others overtake. */
const mostTries = 3

/**
 * Makes the search for the account of whoever a provider vouches for: the one that is linked, or a new one. An address
 * never leads to an account of somebody else's making, but where the configuration says so and both sides have proved it.
 */
export function createSocialAccounts(deps: SocialAccountDeps): (vouched: VouchedFor) => Promise<SocialUser> {
  const { users, identities, audit, clock, settings, registration, mails } = deps
  const newRoles = deps.defaultRole === null ? [] : [deps.defaultRole]

  async function identityFor(userId: string, { provider, account, sealTokens }: VouchedFor): Promise<IdentityRecord> {
    const { subject, email } = account
    const sealedTokens = await sealTokens(userId)
    const shown = email !== null ? (parseEmailAddress(email)?.display ?? null) : null
    return { id: randomUuid(), userId, provider: provider.id, subject, email: shown, sealedTokens, createdAt: clock.now() }
  }

  /** Somebody whose identity is linked. Their address counts as proved once the provider says so of the same one. */
  async function known(identity: IdentityRecord, vouched: VouchedFor): Promise<UserRecord | null> {
    const user = await users.find(identity.userId)
    // What took the identity away meanwhile has raised the epoch that was just read: the next look finds it gone.
    const { id: identityId, provider, subject } = identity
    if (!user || (await identities.find(provider, subject))?.id !== identityId) return null
    if (user.disabledAt) throw new AuthError('account_disabled')
    await completeClaim(identity, user)
    const { email, emailVerified } = vouched.account
    const proved = emailVerified && email !== null && parseEmailAddress(email)?.key === user.emailKey
    // Only where nobody else has a way in: whoever made the account may not be who has proved its address.
    const isAlone = user.passwordHash === null && (await identities.list(user.id)).length === 1
    const isProvedNow = user.emailVerifiedAt === null && proved && isAlone
    if (user.emailVerifiedAt === null && registration === 'verified' && !isProvedNow) {
      // The mail of before may be lost.
      mails?.verifyEmail(user, vouched.context)
      throw new AuthError('email_unverified')
    }
    await keepTokens(identity, vouched)
    return isProvedNow ? proven(user, vouched.context) : user
  }

  /** Tells the others what a claim may have failed to tell, while a token of before it can be valid. */
  async function completeClaim({ createdAt }: IdentityRecord, { id, accessVersion }: UserRecord): Promise<void> {
    if (accessVersion === firstVersion || clock.now() > deps.feed.entryExpiresAt(createdAt)) return
    // Tokens below the user's version are over in any case: to tell it again takes nothing more back.
    await deps.feed.announce({ user: id, minVersion: accessVersion })
  }

  /** Notes that the address is proved, while the account has it and is in the epoch it was read in. */
  async function proven(user: UserRecord, context: AuditContext): Promise<UserRecord> {
    const { id: userId, emailKey, email, sessionEpoch } = user
    const verifiedAt = clock.now()
    const swap = { userId, from: emailKey, sessionEpoch, email, emailKey, verifiedAt }
    const outcome = await audit.recordChange({
      entry: { type: 'email.verified', outcome: 'success', ...callerOf(context), actor: userId, subject: userId },
      make: (event) => users.swapEmail({ ...swap, event }),
      isMade: (swapped) => swapped === 'swapped',
    })
    return outcome === 'swapped' ? { ...user, emailVerifiedAt: verifiedAt } : user
  }

  async function keepTokens(identity: IdentityRecord, { sealTokens }: VouchedFor): Promise<void> {
    const sealed = await sealTokens(identity.userId)
    if (sealed !== null) await identities.swapTokens(identity.id, identity.sealedTokens, sealed)
  }

  async function signUp(email: EmailAddress, vouched: VouchedFor): Promise<UserRecord | null> {
    if (registration === 'closed') throw new AuthError('registration_closed')
    const createdAt = clock.now()
    const { emailVerified, name } = vouched.account
    const emailVerifiedAt = emailVerified ? createdAt : null
    const user = newUserRecord({ email, emailVerifiedAt, name, passwordHash: null, roles: newRoles, createdAt })
    const identity = await identityFor(user.id, vouched)
    const outcome = await audit.recordChange({
      entry: { type: 'registration', outcome: 'success', ...byOwner(user, vouched) },
      make: (event) => identities.insertUser({ user, identity, event }),
      isMade: isInserted,
    })
    if (!isInserted(outcome)) return null
    if (!emailVerified) mails?.verifyEmail(user, vouched.context)
    if (!emailVerified && registration === 'verified') throw new AuthError('email_unverified')
    return user
  }

  /** Gives the account of an address that its maker has not proved to whoever has: nothing that opened it does any more. */
  async function claim(user: UserRecord, vouched: VouchedFor): Promise<UserRecord | null> {
    // Before as well, so that a crash in between leaves the new owner nothing of the old one's.
    await deps.endCredentials(user.id)
    const verifiedAt = clock.now()
    const { emailKey, accessVersion } = user
    const { revocations: feed } = deps
    const identity = await identityFor(user.id, vouched)
    const entryExpiresAt = deps.feed.entryExpiresAt(verifiedAt)
    const wish = { identity, emailKey, accessVersion, verifiedAt, feed, entryExpiresAt }
    const raised = await audit.recordChange({
      entry: { type: 'account.claimed', outcome: 'success', ...byOwner(user, vouched) },
      async make(event) {
        const versions = await identities.claim({ ...wish, event })
        if (!versions) return null
        // What was made meanwhile ends here alone; the feed is told again by the owner's next sign-in, if it is not by this one.
        await deps.endCredentials(user.id)
        const minVersion = versions.accessVersion
        await deps.feed.announce({ user: user.id, minVersion }, { alreadyAppended: versions.announced })
        return versions
      },
    })
    if (!raised) return null
    await closeSessionRows(deps, user.id, raised.sessionEpoch, 'revoked')
    const { sessionEpoch, accessVersion: version } = raised
    return { ...user, passwordHash: null, emailVerifiedAt: verifiedAt, sessionEpoch, accessVersion: version }
  }

  async function linkByEmail(user: UserRecord, vouched: VouchedFor): Promise<UserRecord | null> {
    const identity = await identityFor(user.id, vouched)
    const outcome = await audit.recordChange({
      entry: { type: 'identity.linked', outcome: 'success', ...byOwner(user, vouched) },
      make: (event) => identities.insert({ identity, sessionEpoch: user.sessionEpoch, event }),
      isMade: isInserted,
    })
    if (!isInserted(outcome)) return null
    deps.onLinked(user.id, vouched.provider.id, vouched.context)
    return user
  }

  /** Somebody whose address has an account that the identity is not linked to. */
  async function met(user: UserRecord, vouched: VouchedFor): Promise<UserRecord | null> {
    const { emailVerified } = vouched.account
    const isPlain = user.disabledAt === null && sameNames(user.roles, newRoles)
    // What the application has given to an account is more than an address may open.
    if (emailVerified && user.emailVerifiedAt === null && isPlain) return claim(user, vouched)
    const isProved = emailVerified && user.emailVerifiedAt !== null && user.disabledAt === null
    if (isProved && settings.linkByEmail === 'verified') return linkByEmail(user, vouched)
    if (!emailVerified && registration === 'verified') {
      // The same answer as where the address is free: its owner is told by mail.
      mails?.tellOwner(user.emailKey, vouched.context)
      throw new AuthError('email_unverified')
    }
    // Who has proved nothing learns nothing: it is as closed to them as where the address is free.
    if (!emailVerified && registration === 'closed') throw new AuthError('registration_closed')
    throw rejected(`The address has an account already. Sign in to it, then connect ${vouched.provider.name} there.`)
  }

  async function meet(vouched: VouchedFor): Promise<SocialUser | null> {
    const { provider, account } = vouched
    const identity = await identities.find(provider.id, account.subject)
    if (identity) {
      const user = await known(identity, vouched)
      return user && { user, isNew: false }
    }
    const email = account.email === null ? null : parseEmailAddress(account.email)
    if (!email) throw rejected(`${provider.name} gave no address that an account could have.`)
    const taken = await users.findByEmailKey(email.key)
    // They may have come back in another tab at the same moment: then the account is their own.
    if (taken && (await identities.find(provider.id, account.subject))) return null
    const user = taken ? await met(taken, vouched) : await signUp(email, vouched)
    return user && { user, isNew: !taken }
  }

  return async (vouched) => {
    for (let tries = 1; tries <= mostTries; tries++) {
      const found = await meet(vouched)
      if (found) return found
    }
    throw new StoreError('A sign-in was overtaken by others too often')
  }
}

function byOwner({ id }: UserRecord, { context }: VouchedFor): AuditContext & { actor: string; subject: string } {
  return { ...callerOf(context), actor: id, subject: id }
}

function isInserted(outcome: 'inserted' | 'identity_taken' | 'email_taken' | 'taken' | 'stale'): boolean {
  return outcome === 'inserted'
}

/** A sign-in that is refused, and why for its person. */
export function rejected(detail: string, options?: ErrorOptions): AuthError {
  const code: AuthErrorCode = 'signin_rejected'
  return new AuthError(code, { detail }, options)
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name))
}
