import { fromBase64url } from './bytes.js'

/** What an Argon2id hash costs (RFC 9106, section 3.1). */
export interface Argon2Parameters {
  /** Memory in KiB. */
  readonly memoryCost: number
  /** Passes over the memory. */
  readonly timeCost: number
  /** Lanes. */
  readonly parallelism: number
}

/** What a stored hash says of itself. */
export interface Argon2Hash extends Argon2Parameters {
  /** Length of the salt in bytes. */
  readonly saltBytes: number
  /** Length of the hash in bytes. */
  readonly hashBytes: number
}

/** OWASP's first choice for Argon2id. */
export const argon2Defaults: Argon2Parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Length of a new salt in bytes. */
export const argon2SaltBytes = 16

/** Length of a new hash in bytes. */
export const argon2HashBytes = 32

// A salt has 8 to 48 bytes and a hash 16 to 64: what the native binding takes, less what is too short to mean anything.
const pattern =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/

/**
 * Reads an Argon2id hash of version 1.3 in its PHC string form, or answers `null`. Accepts one spelling only, so that
 * whatever passes is taken by the native binding without an error. Says nothing about whether its cost is bearable.
 */
export function parseArgon2Hash(text: string): Argon2Hash | null {
  const [, memory, time, lanes, salt, hash] = pattern.exec(text) ?? []
  if (salt === undefined || hash === undefined) return null
  const saltBytes = base64Length(salt)
  const hashBytes = base64Length(hash)
  if (saltBytes === null || hashBytes === null) return null
  const parsed = { memoryCost: Number(memory), timeCost: Number(time), parallelism: Number(lanes), saltBytes, hashBytes }
  return parsed.parallelism <= 255 && parsed.memoryCost >= 8 * parsed.parallelism ? parsed : null
}

/** Whether a stored hash is not Argon2id, or weaker in anything than a new one would be. */
export function isOutdatedArgon2Hash(text: string, current: Argon2Parameters): boolean {
  const stored = parseArgon2Hash(text)
  if (!stored) return true
  return (
    stored.memoryCost < current.memoryCost ||
    stored.timeCost < current.timeCost ||
    stored.parallelism < current.parallelism ||
    stored.saltBytes < argon2SaltBytes ||
    stored.hashBytes < argon2HashBytes
  )
}

/** How many bytes unpadded base64 stands for, or `null` where it is not the one spelling of them. */
function base64Length(text: string): number | null {
  return fromBase64url(text.replaceAll('+', '-').replaceAll('/', '_'))?.length ?? null
}
