import type { IdentityClaim, IdentityRecord, UserRecord, UserStore } from '../../accounts/index.js'
import { later } from '../../shared/duration.js'
import { afterMs, eras, present, uniqueText, uniqueUuid } from './samples.js'
import type { OpenedStores } from './store-suite.js'
import { foreignFeed, userRecord } from './user-samples.js'

/** An identity no other test knows, with a value in every field. */
export function identityRecord(userId: string, fields: Partial<IdentityRecord> = {}): IdentityRecord {
  return {
    id: uniqueUuid(),
    userId,
    provider: 'acme',
    subject: uniqueText('subject'),
    email: uniqueText('Ada@Example.com'),
    sealedTokens: uniqueText('sealed'),
    createdAt: present,
    ...fields,
  }
}

/** Identities of a user with every field full, every field empty, and times far from any clock. */
export function variedIdentities(userId: string): readonly IdentityRecord[] {
  return [
    identityRecord(userId),
    identityRecord(userId, { email: null, sealedTokens: null, createdAt: afterMs(present, 1) }),
    ...eras.map((createdAt) => identityRecord(userId, { createdAt })),
  ]
}

/** The proof of an unverified user's address. */
export function claimOf(user: UserRecord, fields: Partial<IdentityClaim> = {}): IdentityClaim {
  return {
    identity: identityRecord(user.id),
    emailKey: user.emailKey,
    accessVersion: user.accessVersion,
    verifiedAt: afterMs(present, 777),
    feed: foreignFeed().feed,
    entryExpiresAt: later(present, 3900),
    ...fields,
  }
}

/** Somebody whose address nobody has proved. */
export function unverifiedUser(fields: Partial<UserRecord> = {}): UserRecord {
  return userRecord({ emailVerifiedAt: null, disabledAt: null, ...fields })
}

/** The users in the same database. */
export function usersIn([connection]: readonly OpenedStores[]): UserStore {
  const users = connection?.stores.users
  if (!users) throw new Error('openStores() gave no users store: that of identities is one of the same database')
  return users
}
