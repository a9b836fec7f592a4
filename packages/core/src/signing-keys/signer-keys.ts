import { ConfigError, type ConfigProblem, StoreError } from '../errors.js'
import type { Bytes } from '../shared/bytes.js'
import type { Clock } from '../shared/clock.js'
import { withDeadline } from '../shared/store-deadline.js'
import { type SigningAlgorithm, signingAlgorithms } from './algorithms.js'
import { fixedKeySet, givenKeys } from './configured-keys.js'
import { isSymmetric, readJwk } from './jwk.js'
import type { KeyOrigin } from './key-origin.js'
import { type ActiveKey, belongTogether } from './signing-key.js'
import { loadVerificationKeys, setProblems } from './verification-key.js'

/** Signs with a key that is somewhere else, as in a KMS: it never enters this process. */
export interface Signer {
  /** Names the key in tokens and JWKS. */
  readonly kid: string
  readonly algorithm: Exclude<SigningAlgorithm, 'HS256'>
  /** The public half. */
  readonly publicJwk: Readonly<Record<string, unknown>>
  /** Public JWKs, with `kid` and `alg`, that are accepted and shown beside it: of the key before it, or of the one to come. */
  readonly otherKeys?: readonly Readonly<Record<string, unknown>>[]
  /** Signs in the form of JWS (RFC 7518, section 3); for ES256 that is r ‖ s and not DER. */
  sign(input: Bytes): Promise<Bytes>
}

/** How long a signer may take. */
const signerDeadlineMs = 2000
const path = 'tokens.signer'

/** What is wrong with a signer as far as it shows without asking it. */
export function signerProblems(signer: Signer): ConfigProblem[] {
  if (!signingAlgorithms.includes(signer.algorithm) || isSymmetric(signer.algorithm))
    return [{ path: `${path}.algorithm`, message: 'must be RS256, PS256, ES256 or EdDSA' }]
  const named: ConfigProblem[] = (['kid', 'alg'] as const).flatMap((member) => {
    const stated = signer.publicJwk?.[member]
    const own = member === 'kid' ? signer.kid : signer.algorithm
    return stated === undefined || stated === own
      ? []
      : [{ path: `${path}.publicJwk.${member}`, message: "must be the signer's own, or none" }]
  })
  const readings = jwksOf(signer).map((jwk) => readJwk(jwk, 'verify'))
  const problems = readings.flatMap((reading, index) =>
    'problem' in reading ? [{ path: pathOf(index), message: reading.problem }] : [],
  )
  const sound = readings.flatMap((reading) => ('jwk' in reading ? [reading.jwk] : []))
  return [...named, ...problems, ...setProblems(sound, path)]
}

/** The keys of a signer. Makes sure at the first load that what it signs can be verified. */
export function createSignerKeys(signer: Signer, clock: Clock): KeyOrigin {
  const problems = signerProblems(signer)
  if (problems.length > 0) throw new ConfigError(problems)
  const { kid, algorithm } = signer
  const remote = withDeadline({ sign: (input: Bytes) => signer.sign(input) }, 'signer', clock, signerDeadlineMs)
  const active: ActiveKey = Object.freeze({
    kid,
    algorithm,
    async sign(input: Bytes) {
      const signature: unknown = await remote.sign(input)
      if (!(signature instanceof Uint8Array) || signature.length === 0) throw new StoreError('The signer gave no signature')
      return new Uint8Array(signature)
    },
  })

  return {
    ...givenKeys,
    mayChange: false,
    mayHold: () => false,
    async load() {
      const keys = await loadVerificationKeys(jwksOf(signer), path)
      const own = keys.find((key) => key.kid === kid)
      if (!own || !(await belongTogether(active, own)))
        throw new ConfigError([{ path, message: 'signs what its public key does not verify; ES256 needs r ‖ s, not DER' }])
      return fixedKeySet(keys, active, kid)
    },
  }
}

function jwksOf({ publicJwk, kid, algorithm, otherKeys = [] }: Signer): readonly unknown[] {
  return [{ ...publicJwk, kid, alg: algorithm }, ...otherKeys]
}

function pathOf(index: number): string {
  return index === 0 ? `${path}.publicJwk` : `${path}.otherKeys.${index - 1}`
}
