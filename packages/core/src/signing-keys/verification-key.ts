import { importJWK } from 'jose'
import { ConfigError, type ConfigProblem } from '../errors.js'
import type { Bytes } from '../shared/bytes.js'
import type { SigningAlgorithm } from './algorithms.js'
import { type CheckedJwk, isSymmetric, type PublicJwk, readJwk } from './jwk.js'
import { isSignature } from './signature.js'

/** A key that signatures are checked with. Its algorithm is a part of it: no header chooses another. */
export interface VerificationKey {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  /** As shown to others; `null` for HMAC, which is shown to nobody. */
  readonly publicJwk: PublicJwk | null
  /** Whether the signature was made over these bytes with this key. Never throws. */
  verify(input: Bytes, signature: Bytes): Promise<boolean>
}

/**
 * Loads one key.
 * @param jwk Untrusted. Needs `alg` and `kid`; private members are left aside.
 * @param path Where it stands in the configuration, for the error.
 * @throws ConfigError where it is not a sound key for its algorithm
 */
export async function loadVerificationKey(jwk: unknown, path = 'key'): Promise<VerificationKey> {
  const reading = readJwk(jwk, 'verify')
  if ('problem' in reading) throw new ConfigError([{ path, message: reading.problem }])
  return toVerificationKey(reading.jwk, path)
}

/**
 * Loads a set of keys whole or not at all.
 * @throws ConfigError where a key is not sound, two have one `kid`, or shared secrets stand beside public keys
 */
export async function loadVerificationKeys(jwks: readonly unknown[], path = 'keys'): Promise<readonly VerificationKey[]> {
  const outcomes = await Promise.allSettled(jwks.map((jwk, index) => loadVerificationKey(jwk, `${path}.${index}`)))
  const keys = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const problems = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? problemsOf(outcome.reason) : []))
  problems.push(...setProblems(keys, path))
  if (problems.length > 0) throw new ConfigError(problems)
  return keys
}

/** What is wrong with keys that are sound by themselves. */
export function setProblems(keys: readonly Pick<CheckedJwk, 'kid' | 'algorithm'>[], path: string): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length)
    problems.push({ path, message: 'must have a "kid" for each key' })
  if (new Set(keys.map(({ algorithm }) => isSymmetric(algorithm))).size > 1)
    problems.push({ path, message: 'must not hold shared secrets beside public keys' })
  return problems
}

/** Imports a key that was checked. */
export async function toVerificationKey(checked: CheckedJwk, path: string): Promise<VerificationKey> {
  const { kid, algorithm, publicJwk } = checked
  const key = await importForVerifying(checked).catch((cause: unknown) => {
    throw new ConfigError([
      { path, message: `is not a key for ${algorithm} (${cause instanceof Error ? cause.name : 'Error'})` },
    ])
  })
  return Object.freeze({
    kid,
    algorithm,
    publicJwk: publicJwk && Object.freeze(publicJwk),
    verify: (input: Bytes, signature: Bytes) => isSignature(key, input, signature),
  })
}

async function importForVerifying({ algorithm, publicJwk, secret }: CheckedJwk): Promise<CryptoKey> {
  if (secret) return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  return (await importJWK({ ...publicJwk }, algorithm)) as CryptoKey // Bytes come of `oct` alone.
}

function problemsOf(error: unknown): readonly ConfigProblem[] {
  if (error instanceof ConfigError) return error.problems
  throw error
}
