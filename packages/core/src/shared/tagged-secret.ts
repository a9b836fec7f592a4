import { type Bytes, base64url, concat, framed, fromBase64url } from './bytes.js'
import { randomBytes } from './random.js'
import type { KeyPurpose, Secrets } from './secrets.js'

/** A secret of 256 random bits, and the text that its bearer presents. */
export interface TaggedSecret {
  readonly secret: Bytes
  readonly text: string
}

// secret 32 ‖ key id 4 ‖ tag 32
const keyIdAt = 32
const tagAt = 36
const byteLength = 68
const textLength = Math.ceil((byteLength * 4) / 3)

/** Makes one: base64url of fixed length, tagged, so that what this deployment did not issue never reaches a store. */
export async function createTaggedSecret(purpose: KeyPurpose, secrets: Secrets): Promise<TaggedSecret> {
  const secret = randomBytes(keyIdAt)
  const { keyId, tag } = await secrets.tag(purpose, framed(secret))
  return { secret, text: base64url(concat(secret, keyId, tag)) }
}

/** The secret in a text as received; `null` for whatever this deployment did not issue for the purpose. Asks no store. */
export async function readTaggedSecret(text: string, purpose: KeyPurpose, secrets: Secrets): Promise<Bytes | null> {
  const bytes = text.length === textLength ? fromBase64url(text) : null
  if (!bytes) return null
  const secret = bytes.slice(0, keyIdAt)
  const keyed = { keyId: bytes.slice(keyIdAt, tagAt), tag: bytes.slice(tagAt) }
  return (await secrets.verifyTag(purpose, framed(secret), keyed)) ? secret : null
}
