import { type Bytes, decodeUtf8, fromBase64url, utf8 } from '../shared/bytes.js'

/** A signed token taken apart, nothing of it believed. */
export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Bytes
  /** What was signed: header and payload as they came. */
  readonly signed: Bytes
  readonly signature: Bytes
}

const longestToken = 8192

/**
 * Takes apart a JWS in compact form (RFC 7515, section 7.1); `null` for anything else. Length first, then exactly three
 * segments, each in the one spelling base64url has. Encrypted tokens (five segments) are no tokens here.
 */
export function parseCompactJws(token: string): CompactJws | null {
  if (token.length > longestToken) return null
  const [encodedHeader, encodedPayload, encodedSignature, ...more] = token.split('.', 4)
  if (!encodedHeader || encodedPayload === undefined || !encodedSignature || more.length > 0) return null
  const headerBytes = fromBase64url(encodedHeader)
  const payload = fromBase64url(encodedPayload)
  const signature = fromBase64url(encodedSignature)
  const header = headerBytes && parseJsonObject(headerBytes)
  if (!header || !payload || !signature) return null
  return { header, payload, signature, signed: utf8(`${encodedHeader}.${encodedPayload}`) }
}

/** A JSON object out of UTF-8 bytes, or `null`. Of members that stand twice the last one counts (RFC 7519, section 4). */
export function parseJsonObject(bytes: Bytes): Readonly<Record<string, unknown>> | null {
  const text = decodeUtf8(bytes)
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
