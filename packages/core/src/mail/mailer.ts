/** What a mail is about. */
export type MailKind =
  /** To the address of an account: confirm it. */
  | 'email_verification'
  /** To the address of an account: somebody tried to sign up with it again. */
  | 'already_registered'
  /** To an address that an account is to have: confirm it. */
  | 'email_change'
  /** To the address that an account has: it is to have another one, or has it now. */
  | 'email_change_notice'
  /** To the address of an account: choose a new password. */
  | 'password_reset'
  /** To the address of an account: something happened that its owner should know of. */
  | 'security_alert'

/** All of them. */
export const mailKinds: readonly MailKind[] = [
  'email_verification',
  'already_registered',
  'email_change',
  'email_change_notice',
  'password_reset',
  'security_alert',
]

/** A mail as it goes out. */
export interface Mail {
  /**
   * One address, as its owner wrote it, but for an international domain, which is in ASCII (`xn--…`): without control
   * characters, commas or a display name. Its local part may have letters beyond ASCII.
   */
  readonly to: string
  readonly kind: MailKind
  readonly subject: string
  readonly text: string
  /** The same as HTML; everything in it is escaped. */
  readonly html: string
  /** The link in it, `null` where it has none. Most hold a ticket that works once: treat them as secrets. */
  readonly link: string | null
}

/** Hands mails to whatever delivers them. */
export interface Mailer {
  /**
   * Takes one mail; a promise that it gives is awaited. May take long, throw or reject: nobody waits for it, and the answer to the
   * caller stays the same. It is not asked again; whoever needs retries puts a queue behind it.
   */
  send(mail: Mail): unknown
}

/** Pages of the application that links in mails open. They come from here alone, never from a request. */
export interface MailLinks {
  /** A page that posts the ticket to `/email/verify`. */
  readonly verifyEmail: string
  /** A page that asks for a new password and posts it with the ticket to `/password/reset`. */
  readonly resetPassword: string
  /** The page on which people sign in. */
  readonly signIn: string
  /** A page that posts the ticket to `/security/not-me`. Without it, alerts are not mailed. */
  readonly notMe?: string
}

/**
 * A link with a ticket. It stands in the fragment: browsers send that to no server, so that it is in no log and no referrer,
 * and whoever only fetches the link, as scanners of mail do, uses nothing up.
 */
export function ticketLink(page: string, ticket: string): string {
  const link = new URL(page)
  link.hash = `ticket=${ticket}`
  return link.href
}

/** What is wrong with a configured link, or `null`. */
export function linkProblem(text: unknown): string | null {
  if (typeof text !== 'string' || !URL.canParse(text)) return 'must be an absolute URL'
  const { protocol, hostname, hash, username, password } = new URL(text)
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  if (protocol !== 'https:' && !(protocol === 'http:' && isLocal)) return 'must be https (http on localhost alone)'
  if (hash || username || password || text.includes('#')) return 'must have no fragment or user'
  return null
}
