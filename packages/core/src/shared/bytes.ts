const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes over a plain `ArrayBuffer`, which is what Web Crypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>

/** The UTF-8 bytes of a string. */
export function utf8(text: string): Bytes {
  return encoder.encode(text)
}

/** The text of UTF-8 bytes, or `null` where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    return null
  }
}

/** The parts in a row. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/**
 * Each part with its length before it, so that no two different lists of parts give the same bytes.
 * Whatever is signed or digested over several fields goes through here.
 */
export function framed(...parts: readonly (string | number | Uint8Array)[]): Bytes {
  return concat(
    ...parts.flatMap((part) => {
      const bytes = part instanceof Uint8Array ? part : utf8(String(part))
      const length = new Uint8Array(4)
      new DataView(length.buffer).setUint32(0, bytes.length)
      return [length, bytes]
    }),
  )
}

/** Compares without telling, by the time it takes, where two byte strings differ. Their lengths are no secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const values = new Map([...alphabet].map((char, index) => [char.charCodeAt(0), index]))

/** Encodes as base64url without padding (RFC 4648, section 5). */
export function base64url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const chunk = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const chars = Math.min(4, bytes.length - i + 1)
    for (let j = 0; j < chars; j++) text += alphabet[(chunk >> (18 - 6 * j)) & 63]
  }
  return text
}

/**
 * Decodes base64url, or answers `null`. Each byte string has exactly one accepted form: no padding, no character
 * outside the alphabet, no stray trailing bits (RFC 4648, section 3.5), so that no token has a second spelling.
 */
export function fromBase64url(text: string): Bytes | null {
  const rest = text.length % 4
  if (rest === 1) return null
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let buffer = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = values.get(text.charCodeAt(i))
    if (value === undefined) return null
    buffer = ((buffer << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (buffer >> bits) & 0xff
    }
  }
  return (buffer & ((1 << bits) - 1)) === 0 ? bytes : null
}

/** Whether a string can be stored and compared everywhere: no NUL, which Postgres cannot hold, and no lone surrogate. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
