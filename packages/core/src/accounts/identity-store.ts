import type { ChangeEvent } from '../audit/index.js'
import type { StoreBase } from '../shared/deployment-mark.js'
import type { RaisedVersions, UserRecord, UserRevocation } from './user-store.js'

/** An account that a user has at a provider, and signs in with here. */
export interface IdentityRecord {
  /** A UUID: a handle, not a secret. */
  readonly id: string
  readonly userId: string
  /** The provider's name in the configuration. */
  readonly provider: string
  /** What the provider calls the account, for ever. With `provider` unique; never an address or a login name. At most 255 characters. */
  readonly subject: string
  /** The address that the provider had for it when it was linked, for display alone. */
  readonly email: string | null
  /** The provider's tokens, sealed; `null` where they are not kept. */
  readonly sealedTokens: string | null
  readonly createdAt: Date
}

/** A user who signs up with an identity. */
export interface NewIdentityUser {
  readonly user: UserRecord
  readonly identity: IdentityRecord
  /** See `ChangeEvent`. */
  readonly event?: ChangeEvent | undefined
}

/** An identity for a user who exists. */
export interface IdentityLink {
  readonly identity: IdentityRecord
  /** The epoch that the user still has to be in: what ends all sessions ends what was begun in one of them too. */
  readonly sessionEpoch: number
  /** See `ChangeEvent`. */
  readonly event?: ChangeEvent | undefined
}

/** An identity to be taken from a user. */
export interface IdentityUnlink {
  readonly id: string
  readonly userId: string
  /** Identities of these providers alone count as ways to sign in. */
  readonly usableProviders: readonly string[]
  /** See `ChangeEvent`. */
  readonly event?: ChangeEvent | undefined
}

/** Somebody who has proved that the address of an account is theirs, where the account's maker has not. */
export interface IdentityClaim extends Pick<UserRevocation, 'feed' | 'entryExpiresAt' | 'event'> {
  readonly identity: IdentityRecord
  /** The canonical address that the user still has to have. */
  readonly emailKey: string
  /** The version that the user still has to be at: so nobody was given a role meanwhile. */
  readonly accessVersion: number
  /** When the address was proved. */
  readonly verifiedAt: Date
}

/**
 * Where identities live: in the database of the users, because each step here is one of both. An identity goes with its
 * user: none of a deleted user is found, listed or in the way of another.
 */
export interface IdentityStore extends StoreBase {
  /** Reads the identity of a provider's account. */
  find(provider: string, subject: string): Promise<IdentityRecord | null>
  /** Lists a user's identities in the order of their creation. */
  list(userId: string): Promise<readonly IdentityRecord[]>
  /**
   * Adds a user with an identity, or nothing: never one of the two. Of N racers with one identity or one address exactly one
   * gets `inserted`. A user id that exists is `email_taken` too.
   */
  insertUser(signUp: NewIdentityUser): Promise<'inserted' | 'identity_taken' | 'email_taken'>
  /**
   * Links an identity to a user. `taken` where it is linked already, be it to the same user; `stale` where there is no such
   * user in this epoch. Of N racers exactly one gets `inserted`.
   */
  insert(link: IdentityLink): Promise<'inserted' | 'taken' | 'stale'>
  /**
   * Makes the account of an address that nobody has proved the account of whoever now has, in one step: the identity is linked
   * and every other one gone, the password is gone, the address is verified, and the versions are raised, as for
   * `UserStore.revoke`. `null` where the user is not as expected, is disabled, or has a verified address, or the identity is
   * linked already: then nothing has changed.
   */
  claim(claim: IdentityClaim): Promise<RaisedVersions | null>
  /** Replaces the sealed tokens only while they are still `from`. */
  swapTokens(id: string, from: string | null, to: string | null): Promise<boolean>
  /**
   * Takes an identity from its user. `last` where they could not sign in any more: they have neither a password nor another
   * identity of a usable provider. Of N such calls that race never all are made where that would leave a user without either.
   */
  delete(unlink: IdentityUnlink): Promise<'deleted' | 'last' | 'absent'>
  /** Takes all identities from a user; answers how many there were. */
  deleteAll(userId: string): Promise<number>
}
