import { type Bytes, base64url, concat, framed, fromBase64url } from '../shared/bytes.js'
import { type Digest, digestOf } from '../shared/digest.js'
import { randomBytes } from '../shared/random.js'
import type { Secrets } from '../shared/secrets.js'
import { uuidBytes, uuidText } from '../shared/uuid.js'

/** What a ticket is for. */
export type TicketPurpose = 'email-verification' | 'email-change' | 'password-reset' | 'not-me'

/** What a ticket says once its tag is known to be ours. */
export interface Ticket {
  readonly purpose: TicketPurpose
  readonly userId: string
  /** 32 random bytes. */
  readonly secret: Bytes
}

/** All of them. Their order is part of the format: new ones come last. */
export const ticketPurposes: readonly TicketPurpose[] = ['email-verification', 'email-change', 'password-reset', 'not-me']

// purpose 1 ‖ key id 4 ‖ user 16 ‖ secret 32 ‖ tag 32
const userAt = 5
const secretAt = 21
const tagAt = 53
const ticketBytes = 85
const ticketLength = Math.ceil((ticketBytes * 4) / 3)

/** A new ticket of 256 random bits. */
export function createTicket(purpose: TicketPurpose, userId: string): Ticket {
  return { purpose, userId, secret: randomBytes(tagAt - secretAt) }
}

/** Writes it: base64url of fixed length, tagged, so that what we did not issue never reaches a store. */
export async function formatTicket({ purpose, userId, secret }: Ticket, secrets: Secrets): Promise<string> {
  const code = Uint8Array.of(ticketPurposes.indexOf(purpose) + 1)
  const body = concat(uuidBytes(userId), secret)
  const { keyId, tag } = await secrets.tag('ticket-tag', framed(code, body))
  return base64url(concat(code, keyId, body, tag))
}

/** Reads a ticket as received; `null` for whatever this deployment did not issue. Asks no store. */
export async function parseTicket(text: string, secrets: Secrets): Promise<Ticket | null> {
  const bytes = text.length === ticketLength ? fromBase64url(text) : null
  const purpose = bytes && ticketPurposes[(bytes[0] ?? 0) - 1]
  if (!bytes || !purpose) return null
  const keyed = { keyId: bytes.slice(1, userAt), tag: bytes.slice(tagAt) }
  const message = framed(bytes.slice(0, 1), bytes.slice(userAt, tagAt))
  if (!(await secrets.verifyTag('ticket-tag', message, keyed))) return null
  return { purpose, userId: uuidText(bytes.subarray(userAt, secretAt)), secret: bytes.slice(secretAt, tagAt) }
}

/** What a store keeps of a ticket. */
export function digestTicket({ purpose, userId, secret }: Ticket): Promise<Digest> {
  return digestOf('ticket', purpose, userId, secret)
}

/** What a ticket is tied to. */
export function bindTicket({ purpose, userId }: Omit<Ticket, 'secret'>): Promise<Digest> {
  return digestOf('ticket-binding', purpose, userId)
}
