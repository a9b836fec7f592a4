import { AuthError } from '../errors.js'
import { type Bytes, fromBase64url, utf8 } from '../shared/bytes.js'
import { parseJsonObject } from './json-object.js'

/** A JWS taken apart. Nothing of it is to be believed: its signature was not looked at. */
export interface CompactJws {
  /** As the header states it; only to be compared with the key's own. */
  readonly algorithm: string
  /** Which of the loaded keys it claims to be signed with. */
  readonly kid: string
  /** What kind of thing it claims to be. */
  readonly type: string | null
  /** What the signature is over. */
  readonly signingInput: Bytes
  /** Read by nobody before the signature was verified. */
  readonly payload: Bytes
  readonly signature: Bytes
}

/** The longest token that is looked at, in characters. */
export const maxTokenLength = 8192

const longestKid = 128
/** Extensions that must be understood, of which there are none here, and keys or places to get them from, which are never used. */
const refusedParameters = ['crit', 'b64', 'jwk', 'jku', 'x5u', 'x5c'] as const

/**
 * Takes a compact JWS apart (RFC 7515, section 7.1): three segments and no more, each in the one spelling of base64url,
 * a header in JSON without repeated names. The work is bounded before anything is decoded.
 * @throws AuthError `token_malformed`
 */
export function parseCompactJws(token: string): CompactJws {
  if (typeof token !== 'string' || token.length > maxTokenLength) throw new AuthError('token_malformed')
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 1 || second < 0 || token.indexOf('.', second + 1) >= 0) throw new AuthError('token_malformed')
  const header = fromBase64url(token.slice(0, first))
  const payload = fromBase64url(token.slice(first + 1, second))
  const signature = fromBase64url(token.slice(second + 1))
  if (!header || !payload || !signature || signature.length === 0) throw new AuthError('token_malformed')
  return { ...readHeader(header), signingInput: utf8(token.slice(0, second)), payload, signature }
}

function readHeader(bytes: Bytes): Pick<CompactJws, 'algorithm' | 'kid' | 'type'> {
  const header = parseJsonObject(bytes)
  if (!header || refusedParameters.some((name) => name in header)) throw new AuthError('token_malformed')
  const { alg, kid, typ } = header
  const isKid = typeof kid === 'string' && kid.length > 0 && kid.length <= longestKid
  if (typeof alg !== 'string' || !isKid || (typ !== undefined && typeof typ !== 'string'))
    throw new AuthError('token_malformed')
  return { algorithm: alg, kid, type: typ ?? null }
}
