import { type Bytes, base64url, concat, framed, fromBase64url, utf8 } from '../shared/bytes.js'
import { type Digest, digestOf } from '../shared/digest.js'
import { randomBytes } from '../shared/random.js'
import { decrypt, deriveKey, encrypt, type Secrets } from '../shared/secrets.js'
import { uuidBytes, uuidText } from '../shared/uuid.js'
import type { SessionCarrier } from './session-store.js'

/** What a session's secret says once its tag is known to be ours. */
export interface SessionToken {
  readonly carrier: SessionCarrier
  readonly sessionId: string
  readonly generation: number
  /** 32 random bytes. */
  readonly secret: Bytes
}

// carrier 1 ‖ key id 4 ‖ session 16 ‖ generation 4 ‖ secret 32 ‖ tag 32
const carrierCodes = { refresh: 1, cookie: 2 } as const
const bodyAt = 5
const tagAt = 57
const tokenBytes = 89
const tokenLength = Math.ceil((tokenBytes * 4) / 3)
const secretBytes = 32

/** A fresh secret of 256 random bits. */
export function createSessionSecret(): Bytes {
  return randomBytes(secretBytes)
}

/** Writes the token: base64url of fixed length, tagged, so that what we did not issue never reaches a store. */
export async function formatSessionToken(token: SessionToken, secrets: Secrets): Promise<string> {
  const carrier = Uint8Array.of(carrierCodes[token.carrier])
  const generation = new Uint8Array(4)
  new DataView(generation.buffer).setUint32(0, token.generation)
  const body = concat(uuidBytes(token.sessionId), generation, token.secret)
  const { keyId, tag } = await secrets.tag('session-tag', framed(carrier, body))
  return base64url(concat(carrier, keyId, body, tag))
}

/** Reads a token as received; `null` for whatever this deployment did not issue for this carrier. Asks no store. */
export async function parseSessionToken(
  text: string,
  carrier: SessionCarrier,
  secrets: Secrets,
): Promise<SessionToken | null> {
  if (text.length !== tokenLength) return null
  const bytes = fromBase64url(text)
  if (!bytes || bytes[0] !== carrierCodes[carrier]) return null
  const body = bytes.slice(bodyAt, tagAt)
  const message = framed(bytes.slice(0, 1), body)
  const genuine = await secrets.verifyTag('session-tag', message, { keyId: bytes.slice(1, bodyAt), tag: bytes.slice(tagAt) })
  if (!genuine) return null
  return {
    carrier,
    sessionId: uuidText(body.subarray(0, 16)),
    generation: new DataView(body.buffer).getUint32(16),
    secret: body.slice(20),
  }
}

/** What a store keeps of a token: bound to its session and generation, so that no digest fits elsewhere. */
export function digestSessionToken(token: SessionToken): Promise<Digest> {
  return digestOf('session-secret', token.sessionId, token.generation, token.secret)
}

/** Encrypts the successor's token under a key that only the token before it yields. */
export async function sealSuccessor(presented: SessionToken, successor: string): Promise<string> {
  const key = await deriveKey(presented.secret, 'session-successor', 'aes')
  return base64url(await encrypt(key, utf8(successor), successorContext(presented)))
}

/** Opens what `sealSuccessor` made for this very token, or answers `null`. */
export async function openSuccessor(presented: SessionToken, sealed: string): Promise<string | null> {
  const bytes = fromBase64url(sealed)
  if (!bytes) return null
  const key = await deriveKey(presented.secret, 'session-successor', 'aes')
  const plain = await decrypt(key, bytes, successorContext(presented))
  return plain && new TextDecoder().decode(plain)
}

function successorContext(presented: SessionToken): Bytes {
  return framed('session-successor', presented.sessionId, presented.generation)
}
