import { AuthError } from '../errors.js'
import type { Bytes } from '../shared/bytes.js'
import type { VerificationKey } from '../signing-keys/index.js'
import { type CompactJws, parseCompactJws } from './compact-jws.js'

/** A token whose signature is good. Its claims have not been looked at. */
export interface VerifiedJws {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Bytes
}

/** Finds a loaded key. */
export type FindKey = (kid: string | undefined) => Promise<VerificationKey | null>

const longestKid = 128

/**
 * Checks form and signature of a token. The key decides the algorithm, and the header may only agree; keys and addresses
 * of keys that stand in the token are never used (RFC 8725, sections 3.1 and 3.10).
 * @throws AuthError `token_malformed`, `token_signature_invalid`
 */
export async function verifySignature(token: string, findKey: FindKey): Promise<VerifiedJws> {
  const jws = parseCompactJws(token)
  if (!jws || !isPlainHeader(jws)) throw new AuthError('token_malformed')
  const { kid, alg } = jws.header
  const key = await findKey(typeof kid === 'string' ? kid : undefined)
  if (!key || alg !== key.algorithm) throw new AuthError('token_signature_invalid')
  if (!(await key.verify(jws.signed, jws.signature))) throw new AuthError('token_signature_invalid')
  return { header: jws.header, payload: jws.payload }
}

/** `crit` names what must be understood, `b64` changes what was signed: neither has a place in our tokens. */
function isPlainHeader({ header }: CompactJws): boolean {
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return false
  const { kid, alg } = header
  return typeof alg === 'string' && (kid === undefined || (typeof kid === 'string' && kid.length <= longestKid))
}
