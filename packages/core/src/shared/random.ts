import { type Bytes, base64url } from './bytes.js'

/** `length` bytes of the platform's CSPRNG. Throws where it fails; nothing here ever falls back to a weaker source. */
export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** A random UUID (version 4). */
export function randomUuid(): string {
  return crypto.randomUUID()
}

/** A random identifier of 128 bits in base64url, for what is no secret. */
export function randomId(): string {
  return base64url(randomBytes(16))
}
