import { randomUuid } from '../shared/random.js'
import type { EmailAddress } from './email-address.js'
import type { UserRecord } from './user-store.js'

/** The `sessionEpoch` and `accessVersion` of an account from which nothing has been taken back yet. */
export const firstVersion = 1

/** Who somebody is before there is an account. */
export interface NewUserFields extends Pick<UserRecord, 'name' | 'passwordHash' | 'roles' | 'createdAt'> {
  readonly email: EmailAddress
  /** When the address was proved; default: it was not. */
  readonly emailVerifiedAt?: Date | null
}

/** The record of an account that is about to be made. */
export function newUserRecord({ email, emailVerifiedAt = null, ...fields }: NewUserFields): UserRecord {
  return {
    id: randomUuid(),
    email: email.display,
    emailKey: email.key,
    emailVerifiedAt,
    sessionEpoch: firstVersion,
    accessVersion: firstVersion,
    disabledAt: null,
    ...fields,
  }
}
