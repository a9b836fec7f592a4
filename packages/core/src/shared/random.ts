import { StoreError } from '../errors.js'
import { type Bytes, base64url } from './bytes.js'

/** `length` bytes of the platform's CSPRNG. Nothing here ever falls back to a weaker source. @throws StoreError where it fails */
export function randomBytes(length: number): Bytes {
  return drawn(() => crypto.getRandomValues(new Uint8Array(length)))
}

/** A random UUID (version 4). @throws StoreError where the CSPRNG fails */
export function randomUuid(): string {
  return drawn(() => crypto.randomUUID())
}

function drawn<T>(draw: () => T): T {
  try {
    return draw()
  } catch (cause) {
    throw new StoreError('No random numbers could be had', { cause })
  }
}

/** A random identifier of 128 bits in base64url, for what is no secret. */
export function randomId(): string {
  return base64url(randomBytes(16))
}
