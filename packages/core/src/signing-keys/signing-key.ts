import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, importPKCS8, type JWK } from 'jose'
import { ConfigError } from '../errors.js'
import { type Bytes, base64url, utf8 } from '../shared/bytes.js'
import { randomBytes, randomId } from '../shared/random.js'
import type { SigningAlgorithm } from './algorithms.js'
import { type CheckedJwk, readJwk } from './jwk.js'
import { sign } from './signature.js'
import { toVerificationKey, type VerificationKey } from './verification-key.js'

/** A key as an application gives it: PKCS#8 in PEM, or a JWK with `alg`. */
export type KeyInput = string | Readonly<Record<string, unknown>>

/** What signs at the moment. */
export interface ActiveKey {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  /** Signs bytes in the form that JWS has for the algorithm (RFC 7518, section 3). @throws StoreError where the key is elsewhere and did not answer */
  sign(input: Bytes): Promise<Bytes>
}

/** A key with both its halves. */
export interface SigningKey {
  readonly active: ActiveKey
  readonly verification: VerificationKey
}

/**
 * Loads a key that signs, and makes sure that its halves belong together.
 * @throws ConfigError where it is not a sound private key for its algorithm
 */
export async function loadSigningKey(jwk: unknown, path: string): Promise<SigningKey> {
  const reading = readJwk(jwk, 'sign')
  if ('problem' in reading) throw new ConfigError([{ path, message: reading.problem }])
  const { kid, algorithm } = reading.jwk
  const verification = await toVerificationKey(reading.jwk, path)
  const key = await importForSigning(reading.jwk).catch(() => {
    throw new ConfigError([{ path, message: `is not a private key for ${algorithm}` }])
  })
  const active: ActiveKey = Object.freeze({ kid, algorithm, sign: (input: Bytes) => sign(key, input) })
  if (!(await belongTogether(active, verification)))
    throw new ConfigError([{ path, message: 'has private members that do not belong to its public ones' }])
  return { active, verification }
}

/** Whether what one signs is a signature for the other. */
export async function belongTogether(active: ActiveKey, verification: VerificationKey): Promise<boolean> {
  const probe = utf8(`probe of ${active.kid}`)
  return verification.verify(probe, await active.sign(probe))
}

async function importForSigning({ algorithm, publicJwk, privateMembers, secret }: CheckedJwk): Promise<CryptoKey> {
  if (secret) return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const jwk = { ...publicJwk, ...privateMembers } as JWK // Both were checked member by member.
  return (await importJWK(jwk, algorithm, { extractable: false })) as CryptoKey // Bytes come of `oct` alone.
}

const pemStart = '-----BEGIN PRIVATE KEY-----'

/** What is wrong with the text of a PEM key, or `null`. */
export function pemProblem(text: string): string | null {
  if (unfold(text).startsWith(pemStart)) return null
  if (/BEGIN (?:RSA|EC) PRIVATE KEY/.test(text))
    return 'must be PKCS#8; `openssl pkcs8 -topk8 -nocrypt` makes it of this key'
  return 'must be an unencrypted PKCS#8 private key in PEM, or a JWK'
}

/** Environment variables often hold line breaks as `\n`. */
function unfold(text: string): string {
  return text.replaceAll('\\n', '\n').trim()
}

/** Makes a JWK of a PEM key; its `kid` is its thumbprint (RFC 7638). @throws ConfigError */
export async function pemToJwk(text: string, algorithm: SigningAlgorithm, path: string): Promise<JWK> {
  const problem = algorithm === 'HS256' ? 'cannot be used for HS256, which takes a JWK' : pemProblem(text)
  if (problem) throw new ConfigError([{ path, message: problem }])
  const key = await importPKCS8(unfold(text), algorithm, { extractable: true }).catch(() => {
    throw new ConfigError([{ path, message: `is not a private key for ${algorithm}` }])
  })
  const jwk = await exportJWK(key)
  return { ...jwk, alg: algorithm, kid: await calculateJwkThumbprint(jwk) }
}

/** A JWK as given, with its thumbprint for a missing `kid`. A shared secret must have one: its thumbprint would tell of it. */
export async function withKid(jwk: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
  if (jwk.kid !== undefined || jwk.kty === 'oct') return jwk
  // Whatever has no thumbprint is no sound key either, and refused for that.
  return calculateJwkThumbprint(jwk).then(
    (kid) => ({ ...jwk, kid }),
    () => ({ ...jwk, kid: 'unnamed' }),
  )
}

const rsaBits = 2048
const hmacBytes = 32

/** Makes a new private key under a random name. */
export async function generateJwk(algorithm: SigningAlgorithm): Promise<JWK & { kid: string }> {
  const named = { alg: algorithm, use: 'sig', kid: randomId() }
  if (algorithm === 'HS256') return { kty: 'oct', k: base64url(randomBytes(hmacBytes)), ...named }
  const { privateKey } = await generateKeyPair(algorithm, { modulusLength: rsaBits, extractable: true })
  return { ...(await exportJWK(privateKey)), ...named }
}
