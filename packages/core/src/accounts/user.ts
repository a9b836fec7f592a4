import type { UserRecord } from './user-store.js'

/** A user as others may see it: no hash, no versions. */
export interface User {
  /** A UUID. */
  readonly id: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string | null
  readonly roles: readonly string[]
  readonly createdAt: Date
}

/** What of a stored user may leave the SDK. */
export function publicUser(record: UserRecord): User {
  const { id, email, emailVerifiedAt, name, roles, createdAt } = record
  return { id, email, emailVerified: emailVerifiedAt !== null, name, roles, createdAt }
}
