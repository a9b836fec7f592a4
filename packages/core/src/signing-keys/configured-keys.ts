import { ConfigError, type ConfigProblem } from '../errors.js'
import { base64url } from '../shared/bytes.js'
import type { Clock } from '../shared/clock.js'
import { sha256 } from '../shared/digest.js'
import { withDeadline } from '../shared/store-deadline.js'
import type { SigningAlgorithm } from './algorithms.js'
import { type CheckedJwk, readJwk } from './jwk.js'
import type { KeyOrigin, KeySet } from './key-origin.js'
import { type ActiveKey, type KeyInput, loadSigningKey, pemProblem, pemToJwk, withKid } from './signing-key.js'
import { loadVerificationKeys, setProblems, type VerificationKey } from './verification-key.js'

/**
 * Signing keys of the application's own: one, a list, or an async function that gives either. The first signs and is
 * private; all are accepted, and the others may be public. To rotate: append the new key everywhere, then move it
 * first, then drop the old one after an hour. A function is asked again at most about once a minute.
 */
export type KeySource = KeyInput | readonly KeyInput[] | (() => Promise<KeyInput | readonly KeyInput[]>)

/** How long a function that gives keys may take. */
const sourceDeadlineMs = 5000
const path = 'tokens.keys'

/** What is wrong with keys as far as it shows without cryptography; nothing is known of a function's. */
export function keySourceProblems(source: KeySource, algorithm: SigningAlgorithm): ConfigProblem[] {
  if (typeof source === 'function') return []
  const inputs = toList(source)
  if (inputs.length === 0) return [{ path, message: 'must not be an empty list' }]
  const sound: Pick<CheckedJwk, 'kid' | 'algorithm'>[] = []
  const problems = inputs.flatMap((input, index) => {
    const found = inputProblem(input, index, algorithm)
    if (typeof found !== 'string') sound.push(found)
    return typeof found === 'string' ? [{ path: `${path}.${index}`, message: found }] : []
  })
  return [...problems, ...setProblems(sound, path)]
}

function inputProblem(
  input: KeyInput,
  index: number,
  algorithm: SigningAlgorithm,
): string | Pick<CheckedJwk, 'kid' | 'algorithm'> {
  // What has no name here gets one of its thumbprint later.
  const unnamed = `unnamed ${index}`
  if (typeof input === 'string') return pemProblem(input) ?? { kid: unnamed, algorithm }
  const named = input?.kid === undefined && input?.kty !== 'oct' ? { ...input, kid: unnamed } : input
  const reading = readJwk(named, index === 0 ? 'sign' : operationOf(input))
  return 'problem' in reading ? reading.problem : reading.jwk
}

/** Keys that an application gives. */
export function createConfiguredKeys(source: KeySource, algorithm: SigningAlgorithm, clock: Clock): KeyOrigin {
  const problems = keySourceProblems(source, algorithm)
  if (problems.length > 0) throw new ConfigError(problems)
  const ask =
    typeof source === 'function'
      ? withDeadline({ load: source }, path, clock, sourceDeadlineMs)
      : { load: async () => source }

  return {
    ...givenKeys,
    mayChange: typeof source === 'function',
    mayHold: (kid) => typeof source === 'function' && kid.length > 0,
    async load() {
      const given: unknown = await ask.load()
      const inputs = toList(given as KeyInput | readonly KeyInput[]) // Looked at one by one below.
      const found = keySourceProblems(inputs, algorithm)
      if (found.length > 0) throw new ConfigError(found)
      return loadInputs(inputs, algorithm)
    },
  }
}

/** What keys that are given cannot do. */
export const givenKeys: Pick<KeyOrigin, 'rotate' | 'remove' | 'reseal' | 'deleteGone'> = {
  rotate: async () => refuse('rotated'),
  remove: async () => refuse('removed'),
  reseal: async () => 0,
  deleteGone: async () => 0,
}

function refuse(what: string): never {
  throw new ConfigError([{ path: 'tokens', message: `gives its own keys or signer: they are ${what} where they come from` }])
}

async function loadInputs(inputs: readonly KeyInput[], algorithm: SigningAlgorithm): Promise<KeySet> {
  const jwks = await Promise.all(
    inputs.map((input, index) =>
      typeof input === 'string' ? pemToJwk(input, algorithm, `${path}.${index}`) : withKid(input),
    ),
  )
  const { active } = await loadSigningKey(jwks[0], `${path}.0`)
  // A private key that is not the first is there for its public half.
  const keys = await loadVerificationKeys(jwks.map(withoutOperations), path)
  return fixedKeySet(keys, active, await identityOf(jwks))
}

/** The set of keys that are good for as long as they are given. */
export function fixedKeySet(keys: readonly VerificationKey[], active: ActiveKey, identity: string): KeySet {
  const byKid = new Map(keys.map((key) => [key.kid, key]))
  return {
    identity,
    find: (kid) => byKid.get(kid) ?? null,
    published: () => keys.flatMap(({ publicJwk }) => publicJwk ?? []),
    active: async () => active,
  }
}

/** A digest: it may cover shared secrets. */
async function identityOf(jwks: readonly unknown[]): Promise<string> {
  return base64url(await sha256(new TextEncoder().encode(JSON.stringify(jwks))))
}

function withoutOperations(jwk: Readonly<Record<string, unknown>>, index: number): unknown {
  const { key_ops: operations, ...rest } = jwk
  const isPrivate = index === 0 || operationOf(jwk) === 'sign'
  return isPrivate || operations === undefined ? rest : jwk
}

function operationOf(input: Readonly<Record<string, unknown>>): 'sign' | 'verify' {
  return input?.d === undefined && input?.kty !== 'oct' ? 'verify' : 'sign'
}

function toList(given: KeyInput | readonly KeyInput[]): readonly KeyInput[] {
  return Array.isArray(given) ? given : [given as KeyInput] // Array.isArray does not narrow readonly arrays away.
}
