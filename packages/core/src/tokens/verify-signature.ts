import { AuthError } from '../errors.js'
import type { Bytes } from '../shared/bytes.js'
import type { VerificationKey } from '../signing-keys/index.js'
import { parseCompactJws } from './compact-jws.js'

/** A JWS whose signature was verified. */
export interface VerifiedJws {
  /** The key that it is signed with. */
  readonly kid: string
  /** The header's `typ`. */
  readonly type: string | null
  readonly payload: Bytes
}

/**
 * Verifies a compact JWS and answers what it holds. The algorithm is the key's; the header can only agree. `kid` is
 * the only thing that is used before, and only to look up a key by name.
 * @throws AuthError `token_malformed` or `token_signature_invalid`
 */
export async function verifySignature(
  token: string,
  findKey: (kid: string) => VerificationKey | null | Promise<VerificationKey | null>,
): Promise<VerifiedJws> {
  const { algorithm, kid, type, signingInput, payload, signature } = parseCompactJws(token)
  const key = await findKey(kid)
  if (key?.algorithm !== algorithm || !(await key.verify(signingInput, signature)))
    throw new AuthError('token_signature_invalid')
  return { kid, type, payload }
}
