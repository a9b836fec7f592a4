import type { EmailSwap, UserRecord, UserRevocation, UserStore } from '../../accounts/index.js'
import { later } from '../../shared/duration.js'
import type { RevocationEntry, RevocationStore } from '../../tokens/index.js'
import { afterMs, eras, present, uniqueText, uniqueUuid } from './samples.js'

/** A user no other test knows, with a value in every field. */
export function userRecord(fields: Partial<UserRecord> = {}): UserRecord {
  return {
    id: uniqueUuid(),
    email: uniqueText('Ada@Example.com'),
    emailKey: uniqueText('ada@example.com'),
    emailVerifiedAt: afterMs(present, 334),
    name: 'Ada Lovelace',
    passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaA',
    roles: ['admin', 'user', 'Auditor'],
    sessionEpoch: 3,
    accessVersion: 7,
    createdAt: present,
    disabledAt: afterMs(present, 876),
    ...fields,
  }
}

/** Users with every field full, every field empty, and times far from any clock. */
export function variedUsers(): readonly UserRecord[] {
  const empty = { emailVerifiedAt: null, name: null, passwordHash: null, roles: [], disabledAt: null }
  return [
    userRecord(),
    userRecord({ ...empty, sessionEpoch: 1, accessVersion: 1 }),
    ...eras.map((era) => userRecord({ createdAt: era, emailVerifiedAt: afterMs(era, 1), disabledAt: afterMs(era, -1) })),
  ]
}

/** A feed that no store keeps, and what was appended to it all the same. */
export function foreignFeed(): { readonly feed: RevocationStore; readonly appended: readonly RevocationEntry[] } {
  const appended: RevocationEntry[] = []
  const feed: RevocationStore = {
    deployment: null,
    append: async (entry) => void appended.push(entry),
    read: async (_, now) => ({ entries: appended, cursor: '', whole: true, storeTime: now }),
    subscribe: () => () => undefined,
    deleteExpired: async () => 0,
  }
  return { feed, appended }
}

/** Users that another system keeps, and the ids that it was asked for. */
export function foreignUsers(users: readonly UserRecord[]): {
  readonly users: UserStore
  readonly asked: readonly string[]
} {
  const asked: string[] = []
  const no = async (): Promise<never> => {
    throw new Error('a store of sessions only finds users')
  }
  const find = async (id: string): Promise<UserRecord | null> => {
    asked.push(id)
    return users.find((user) => user.id === id) ?? null
  }
  const others = { findByEmailKey: no, insert: no, swapPasswordHash: no, swapEmail: no, revoke: no, delete: no, list: no }
  return { asked, users: { deployment: null, find, ...others } }
}

/** A user's change to an address that nobody has. */
export function emailSwapOf({ id, emailKey }: UserRecord, fields: Partial<EmailSwap> = {}): EmailSwap {
  const next = uniqueText('Countess@Example.com')
  const verifiedAt = afterMs(present, 999)
  const swap = { userId: id, from: emailKey, sessionEpoch: null, email: next, emailKey: next.toLowerCase(), verifiedAt }
  return { ...swap, ...fields }
}

/** A change that ends the user's sessions, for a feed that is not the store's. */
export function revocationOf(userId: string, fields: Partial<UserRevocation> = {}): UserRevocation {
  return { userId, ends: 'sessions', feed: foreignFeed().feed, entryExpiresAt: later(present, 3900), ...fields }
}
