import { isStorable } from '../shared/bytes.js'
import type { ProviderUserinfo } from './provider.js'

/** Who somebody is, as a provider says. */
export interface ProviderAccount {
  /** Never changes and is nobody else's. */
  readonly subject: string
  readonly email: string | null
  /** Whether the provider has proved that the address is theirs. */
  readonly emailVerified: boolean
  readonly name: string | null
  /** When they last proved there who they are; `null` where the provider does not say. */
  readonly authenticatedAt: Date | null
}

const longestSubject = 255
const longestName = 200

/** Reads the claims of an ID token or of its userinfo endpoint (OpenID Connect Core, section 5.1). */
export function accountOfClaims(subject: string, claims: Readonly<Record<string, unknown>>): ProviderAccount | null {
  return accountOf(subject, claims.email, claims.email_verified, claims.name)
}

/** Reads the answer of a provider without OpenID Connect; `null` where it does not say who it is about. */
export function accountOfUserinfo(
  userinfo: ProviderUserinfo,
  answer: Readonly<Record<string, unknown>>,
  emails: unknown,
): ProviderAccount | null {
  const subject = subjectOf(member(answer, userinfo.subject))
  if (subject === null) return null
  const name = member(answer, userinfo.name)
  if (userinfo.emailsEndpoint === undefined)
    return accountOf(subject, member(answer, userinfo.email), member(answer, userinfo.emailVerified), name)
  const primary = primaryOf(emails)
  return accountOf(subject, primary?.email, primary?.verified, name)
}

function accountOf(subject: string, email: unknown, isVerified: unknown, name: unknown): ProviderAccount | null {
  if (subject === '' || subject.length > longestSubject || !isStorable(subject)) return null
  const address = typeof email === 'string' && email !== '' ? email : null
  // Nothing but `true` is true: providers have sent "true", 1 and nothing at all. And what is proved is the address as it is
  // written there: one that is another's in compatible letters proves nothing of that one.
  const isProved = address !== null && isVerified === true && address.normalize('NFKC') === address
  return { subject, email: address, emailVerified: isProved, name: nameOf(name), authenticatedAt: null }
}

/** The same of an ID token, which may say when its person was there (OpenID Connect Core, section 2). */
export function authenticatedAtOf({ auth_time: seconds }: { readonly auth_time?: unknown }): Date | null {
  return typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds > 0 ? new Date(seconds * 1000) : null
}

/** Numbers are whole and in the range where each has one spelling: a rounded one could be somebody else's. */
function subjectOf(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? String(value) : null
  return typeof value === 'string' && value !== '' ? value : null
}

function member(answer: Readonly<Record<string, unknown>>, name: string | undefined): unknown {
  return name !== undefined && Object.hasOwn(answer, name) ? answer[name] : undefined
}

function primaryOf(emails: unknown): { readonly email?: unknown; readonly verified?: unknown } | null {
  if (!Array.isArray(emails)) return null
  const listed: unknown[] = emails
  const primary = listed.find((each) => typeof each === 'object' && each !== null && Reflect.get(each, 'primary') === true)
  return (primary as { email?: unknown; verified?: unknown } | undefined) ?? null // Its members are read as unknown.
}

function nameOf(value: unknown): string | null {
  if (typeof value !== 'string' || !isStorable(value) || /\p{Cc}/u.test(value)) return null
  const name = value.trim().slice(0, longestName).toWellFormed()
  return name === '' ? null : name
}
