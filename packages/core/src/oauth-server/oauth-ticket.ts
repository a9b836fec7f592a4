import { StoreError } from '../errors.js'
import { type Bytes, base64url, concat, framed, fromBase64url } from '../shared/bytes.js'
import { type Digest, digestOf } from '../shared/digest.js'
import { randomBytes } from '../shared/random.js'
import type { Secrets } from '../shared/secrets.js'
import type { TicketRecord, TicketStore } from '../tickets/index.js'

/** What one of the server's single-use secrets is for. */
export type OAuthTicketPurpose = 'authorization-code'

/** One of them, once its tag is known to be ours. */
export interface OAuthTicket {
  readonly purpose: OAuthTicketPurpose
  /** 32 random bytes. */
  readonly secret: Bytes
}

/** Their order is part of the format: new ones come last. */
const purposes: readonly OAuthTicketPurpose[] = ['authorization-code']

// purpose 1 ‖ key id 4 ‖ secret 32 ‖ tag 32
const secretAt = 5
const tagAt = 37
const ticketBytes = 69
const ticketLength = Math.ceil((ticketBytes * 4) / 3)

/** A new one of 256 random bits. */
function createOAuthTicket(purpose: OAuthTicketPurpose): OAuthTicket {
  return { purpose, secret: randomBytes(tagAt - secretAt) }
}

/** Writes it: base64url of fixed length, tagged, so that what we did not issue never reaches a store. */
async function formatOAuthTicket({ purpose, secret }: OAuthTicket, secrets: Secrets): Promise<string> {
  const code = Uint8Array.of(purposes.indexOf(purpose) + 1)
  const { keyId, tag } = await secrets.tag('oauth-ticket-tag', framed(code, secret))
  return base64url(concat(code, keyId, secret, tag))
}

/** Reads one as received; `null` for whatever this deployment did not issue for the purpose. Asks no store. */
export async function parseOAuthTicket(
  text: string,
  purpose: OAuthTicketPurpose,
  secrets: Secrets,
): Promise<OAuthTicket | null> {
  const bytes = text.length === ticketLength ? fromBase64url(text) : null
  if (!bytes || purposes[(bytes[0] ?? 0) - 1] !== purpose) return null
  const secret = bytes.slice(secretAt, tagAt)
  const keyed = { keyId: bytes.slice(1, secretAt), tag: bytes.slice(tagAt) }
  return (await secrets.verifyTag('oauth-ticket-tag', framed(bytes.slice(0, 1), secret), keyed)) ? { purpose, secret } : null
}

/** What a store keeps of it. */
export function digestOAuthTicket({ purpose, secret }: OAuthTicket): Promise<Digest> {
  return digestOf('oauth-ticket', purpose, secret)
}

/** What is stored with one, but for its digest. */
export type OAuthTicketFields = Omit<TicketRecord, 'digest' | 'purpose'> & { readonly purpose: OAuthTicketPurpose }

/** Stores a new one, and answers what its bearer presents. @throws StoreError */
export async function issueOAuthTicket(
  { store, secrets }: { readonly store: Pick<TicketStore, 'insert'>; readonly secrets: Secrets },
  fields: OAuthTicketFields,
): Promise<string> {
  const ticket = createOAuthTicket(fields.purpose)
  const inserted = await store.insert({ ...fields, digest: await digestOAuthTicket(ticket) })
  if (!inserted) throw new StoreError('A ticket was there before it was issued')
  return formatOAuthTicket(ticket, secrets)
}
