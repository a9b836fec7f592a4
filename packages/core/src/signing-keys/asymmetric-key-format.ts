import { fromBase64url } from '../shared/bytes.js'

/** Tab, line feed, carriage return, space, and the bytes of UTF-8's byte order mark. */
const blanks: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf])
const notBase64 = /[^A-Za-z0-9+/_=-]+/
const mostWords = 500
const longestSshName = 64
const sshName = /^(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+$/

/**
 * The format of the public or private key that the bytes are, or `null`. What an HMAC key must never be: whoever has
 * the public key could then sign. Looks for keys as parsers find them, whatever stands before, after or between: blanks, a
 * byte order mark, another encoding of the text.
 */
export function asymmetricKeyFormat(bytes: Uint8Array): string | null {
  const start = bytes.findIndex((byte) => !blanks.has(byte))
  return start < 0 ? null : (binaryFormat(bytes.subarray(start)) ?? textFormat(bytes))
}

function binaryFormat(bytes: Uint8Array): string | null {
  if (isDerSequence(bytes)) return 'DER'
  if (isSshWire(bytes)) return 'SSH'
  return null
}

function textFormat(bytes: Uint8Array): string | null {
  // One character a byte, and no NULs: UTF-16 reads as plain text.
  const text = Array.from(bytes, (byte) => (byte === 0 ? '' : String.fromCharCode(byte))).join('')
  if (/--\s*BEGIN\b/i.test(text)) return 'PEM'
  if (/<(?:\w+:)?(?:RSA|EC|DSA)?KeyValue\b/i.test(text)) return 'XML'
  if (isJwkText(text)) return 'JWK'
  // A body in base64 may be a word, or begin with one and go on over lines.
  const words = text.split(notBase64, mostWords)
  for (const body of words.flatMap((word, index) => [word, words.slice(index).join('')])) {
    const decoded = fromBase64url(body.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'))
    const format = decoded && binaryFormat(decoded)
    if (format) return format
  }
  return null
}

function isJwkText(text: string): boolean {
  const start = text.indexOf('{')
  const end = text.lastIndexOf('}')
  if (start < 0 || end < start) return false
  try {
    const value: unknown = JSON.parse(text.slice(start, end + 1))
    return typeof value === 'object' && value !== null && ('kty' in value || 'keys' in value)
  } catch {
    return false
  }
}

/** RFC 4253, section 6.6: a length and the name of the algorithm come first. */
function isSshWire(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
  if (length > longestSshName || bytes.length < 4 + length) return false
  return sshName.test(String.fromCharCode(...bytes.subarray(4, 4 + length)))
}

const sequenceTag = 0x30
const integerTag = 0x02
const shortestKey = 24

/** Whether an ASN.1 key or certificate begins here: a sequence of whole elements, the first an integer or a sequence. */
function isDerSequence(bytes: Uint8Array): boolean {
  const outer = readDerElement(bytes, 0)
  if (!outer || outer.tag !== sequenceTag || outer.end - outer.start < shortestKey) return false
  const first = readDerElement(bytes, outer.start)
  if (first?.tag !== integerTag && first?.tag !== sequenceTag) return false
  let at = outer.start
  while (at < outer.end) {
    const element = readDerElement(bytes, at)
    if (!element || element.end > outer.end) return false
    at = element.end
  }
  return true
}

interface DerElement {
  readonly tag: number
  readonly start: number
  readonly end: number
}

function readDerElement(bytes: Uint8Array, at: number): DerElement | null {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return null
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (lengthBytes > 3 || first === 0x80) return null
  let length = first < 0x80 ? first : 0
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0)
  const start = at + 2 + lengthBytes
  return start + length <= bytes.length ? { tag, start, end: start + length } : null
}
