import { type Bytes, base64url, fromBase64url, utf8 } from '../shared/bytes.js'
import { type Digest, digestOf, sha256 } from '../shared/digest.js'
import { bytesToNumber, randomBase62, toBase62 } from './base62.js'
import { crc32 } from './crc32.js'

// <prefix>_<id 16><secret 32><check 6>, all of it base62 but the prefix: 95 bits of id, 190 of secret, CRC-32 over what is before.
const idLength = 16
const secretLength = 32
const checkLength = 6
const bodyLength = idLength + secretLength + checkLength
const importedIdLength = 22

/** The longest prefix. */
export const maxPrefixLength = 24

/** The longest text that is looked at. */
export const maxKeyLength = 512

const prefixText = '[a-z][a-z0-9]*(?:_[a-z0-9]+)*'
const prefixPattern = new RegExp(`^${prefixText}$`)
const bodyPattern = new RegExp(`^[0-9A-Za-z]{${bodyLength}}$`)

/**
 * What our keys look like, whatever their prefix, for secret scanners that take a regular expression (RE2's syntax is
 * enough). A random look-alike passes `isApiKey` once in four thousand million times.
 */
export const apiKeyPattern: string = `\\b${prefixText}_[0-9A-Za-z]{${bodyLength}}\\b`

/** Whether a text can be the prefix of keys: small letters and digits in words with `_` between, as in `ak_live`. */
export function isApiKeyPrefix(text: unknown): text is string {
  // `ey` is how every access token begins.
  return typeof text === 'string' && text.length <= maxPrefixLength && prefixPattern.test(text) && !text.startsWith('ey')
}

/** What a key tells about itself. Neither part is a secret. */
export interface ApiKeyParts {
  readonly prefix: string
  readonly id: string
}

/** A new key of 190 random bits. */
export function createApiKey(prefix: string): ApiKeyParts & { readonly key: string } {
  const id = randomBase62(idLength)
  const checked = `${prefix}_${id}${randomBase62(secretLength)}`
  return { prefix, id, key: `${checked}${checkOf(checked)}` }
}

/** Takes a key apart, from its end; `null` where it has another form or its checksum is wrong. Asks nobody. */
export function parseApiKey(text: string): ApiKeyParts | null {
  if (text.length > maxPrefixLength + 1 + bodyLength) return null
  const bodyAt = text.length - bodyLength
  const prefix = text.slice(0, Math.max(0, bodyAt - 1))
  const checkAt = text.length - checkLength
  const hasForm = text[bodyAt - 1] === '_' && isApiKeyPrefix(prefix) && bodyPattern.test(text.slice(bodyAt))
  if (!hasForm || checkOf(text.slice(0, checkAt)) !== text.slice(checkAt)) return null
  return { prefix, id: text.slice(bodyAt, bodyAt + idLength) }
}

/**
 * Whether a text is a key of ours, of whatever deployment, and not only looks like one: its checksum is right. Needs no
 * store and no network, and says nothing of whether the key is in force.
 * @param text Untrusted; of any length.
 */
export function isApiKey(text: string): boolean {
  return typeof text === 'string' && parseApiKey(text) !== null
}

/** A key that was found in a text. */
export interface FoundApiKey {
  readonly key: string
  /** Where it begins, in UTF-16 units. */
  readonly index: number
}

/**
 * Finds every key of ours in a text, also where other letters or digits stand right beside it. Look-alikes with a wrong
 * checksum are left out. Takes time linear in the text's length.
 */
export function findApiKeys(text: string): readonly FoundApiKey[] {
  const found: FoundApiKey[] = []
  for (let at = text.indexOf('_'); at >= 0; at = text.indexOf('_', at + 1)) {
    const body = text.slice(at + 1, at + 1 + bodyLength)
    if (!bodyPattern.test(body)) continue
    // The shortest prefix with which the checksum is right; with a longer one it would be another key's.
    for (let index = at - 1; index >= 0 && index >= at - maxPrefixLength; index--) {
      if (!/[a-z0-9_]/.test(text[index] ?? '')) break
      const key = text.slice(index, at + 1 + bodyLength)
      if (parseApiKey(key)) {
        found.push({ key, index })
        break
      }
    }
  }
  return found
}

/** What a key may be shown as in lists, to tell it from others: its prefix and the beginning of its id. */
export function maskApiKey({ prefix, id }: ApiKeyParts): string {
  return `${prefix}_${id.slice(0, 6)}`
}

/**
 * What is stored of a key: SHA-256 of the whole text, under no label, so that the digests of keys that were issued
 * elsewhere fit too.
 */
export async function digestApiKey(key: string): Promise<Digest> {
  return digestFromBytes(await sha256(utf8(key)))
}

/** A digest given in hexadecimal or base64url; `null` where it is no SHA-256. */
export function readSha256(text: string): Digest | null {
  if (/^[0-9a-f]{64}$/i.test(text))
    return digestFromBytes(Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))
  const bytes = fromBase64url(text)
  return bytes?.length === 32 ? digestFromBytes(bytes) : null
}

/**
 * The id of a key that was issued elsewhere and has none: follows from its digest, so that whoever presents the key names
 * its row, and does not tell the digest.
 */
export async function importedKeyId(digest: Digest): Promise<string> {
  return toBase62(bytesToNumber(await sha256(utf8(await digestOf('imported-api-key', digest)))), importedIdLength)
}

function digestFromBytes(bytes: Bytes): Digest {
  return base64url(bytes) as Digest // Callers give SHA-256 and nothing else.
}

function checkOf(checked: string): string {
  return toBase62(BigInt(crc32(checked)), checkLength)
}
