import { base64url, utf8 } from '../shared/bytes.js'
import { type Digest, digestOf, sha256 } from '../shared/digest.js'
import { randomBytes } from '../shared/random.js'

const secretBytes = 32

/** A new secret of 256 random bits. */
export function createClientSecret(): string {
  return base64url(randomBytes(secretBytes))
}

/** What is stored of a client's secret: tied to the client, so that no digest fits another one. */
export async function digestClientSecret(clientId: string, secret: string): Promise<Digest> {
  return digestOf('client-secret', clientId, await sha256(utf8(secret)))
}

/** The same of a secret that was issued elsewhere, by its SHA-256 in hexadecimal. */
export function digestKnownSecret(clientId: string, sha256Hex: string): Promise<Digest> {
  const bytes = Uint8Array.from(sha256Hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  return digestOf('client-secret', clientId, bytes)
}
