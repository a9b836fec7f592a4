import type { Bytes } from '../shared/bytes.js'

/** All of the algorithms use SHA-256, and PSS a salt of that length (RFC 7518, section 3.5); each takes what it knows. */
function parametersOf(key: CryptoKey): { name: string; hash: string; saltLength: number } {
  return { name: key.algorithm.name, hash: 'SHA-256', saltLength: 32 }
}

/** Signs bytes in the form that JWS has for the key's algorithm. */
export async function sign(key: CryptoKey, input: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(parametersOf(key), key, input))
}

/** Whether a signature was made over these bytes with the key's other half. What the platform cannot make sense of is none. */
export async function isSignature(key: CryptoKey, input: Bytes, signature: Bytes): Promise<boolean> {
  try {
    return await crypto.subtle.verify(parametersOf(key), key, signature, input)
  } catch {
    return false
  }
}
