import { type Bytes, fromBase64url } from '../shared/bytes.js'
import { type SigningAlgorithm, signingAlgorithms } from './algorithms.js'
import { asymmetricKeyFormat } from './asymmetric-key-format.js'
import { isEd25519PublicKey, isP256Point } from './curve-points.js'
import { rsaProblem } from './rsa-modulus.js'

/** A public key as JWKS shows it (RFC 7517): these members and no others. */
export interface PublicJwk {
  readonly kty: 'RSA' | 'EC' | 'OKP'
  readonly use: 'sig'
  readonly alg: SigningAlgorithm
  readonly kid: string
  /** RSA: the modulus. */
  readonly n?: string
  /** RSA: the public exponent. */
  readonly e?: string
  /** EC and OKP: the curve. */
  readonly crv?: string
  /** EC and OKP: the point. */
  readonly x?: string
  /** EC: the point's other coordinate. */
  readonly y?: string
}

/** A JWK of which every member that counts was looked at. */
export interface CheckedJwk {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  /** `null` for HMAC. */
  readonly publicJwk: PublicJwk | null
  /** What is needed beside the public members to sign; `null` where the key only verifies. Never for HMAC. */
  readonly privateMembers: Readonly<Record<string, string>> | null
  /** The HMAC key; `null` for all others. */
  readonly secret: Bytes | null
}

/** A JWK, or why it is not accepted. The reason repeats no member's value. */
export type JwkReading = { readonly jwk: CheckedJwk } | { readonly problem: string }

interface KeyKind {
  readonly kty: 'RSA' | 'EC' | 'OKP' | 'oct'
  readonly crv?: string
}

const kinds: Readonly<Record<SigningAlgorithm, KeyKind>> = {
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  HS256: { kty: 'oct' },
}
const publicMembers = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'] } as const
const privateMembers = { RSA: ['d', 'p', 'q', 'dp', 'dq', 'qi'], EC: ['d'], OKP: ['d'] } as const
const longestKid = 128
const coordinateBytes = 32
const hmacBytes = 32

type Members = Readonly<Record<string, unknown>>

/** Whether an algorithm's key is a shared secret. */
export function isSymmetric(algorithm: SigningAlgorithm): boolean {
  return algorithm === 'HS256'
}

/** Checks a JWK for what it is to be used for (RFC 7517, 7518 and 8037). Everything that needs no cryptography is decided here. */
export function readJwk(jwk: unknown, operation: 'verify' | 'sign'): JwkReading {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return { problem: 'must be a JWK' }
  const members = jwk as Members
  const { kid, alg } = members
  const algorithm = signingAlgorithms.find((name) => name === alg)
  if (!algorithm) return { problem: `must name its algorithm in "alg": ${signingAlgorithms.join(', ')}` }
  if (typeof kid !== 'string' || kid.length === 0 || kid.length > longestKid)
    return { problem: `must have a "kid" of 1 to ${longestKid} characters` }
  const problem = useProblem(members, operation) ?? kindProblem(members, kinds[algorithm])
  if (problem) return { problem }
  return kinds[algorithm].kty === 'oct' ? readSecret(members, kid) : readAsymmetric(members, kid, algorithm, operation)
}

function useProblem({ use, key_ops: operations }: Members, operation: 'verify' | 'sign'): string | null {
  if (use !== undefined && use !== 'sig') return 'must have "use": "sig", or none'
  if (operations === undefined) return null
  return Array.isArray(operations) && operations.includes(operation)
    ? null
    : `must have "${operation}" in "key_ops", or none`
}

function kindProblem({ alg, kty, crv }: Members, kind: KeyKind): string | null {
  if (kty !== kind.kty) return `must have "kty": "${kind.kty}" for ${String(alg)}`
  return crv === kind.crv ? null : `must have "crv": "${kind.crv}" for ${String(alg)}`
}

function readSecret({ k }: Members, kid: string): JwkReading {
  const secret = decode(k)
  if (!secret || secret.length < hmacBytes) return { problem: `must have at least ${hmacBytes} bytes in "k"` }
  const format = asymmetricKeyFormat(secret)
  if (format) return { problem: `must not be an asymmetric key (${format}) used as a shared secret` }
  return { jwk: { kid, algorithm: 'HS256', publicJwk: null, privateMembers: null, secret } }
}

function readAsymmetric(
  members: Members,
  kid: string,
  algorithm: SigningAlgorithm,
  operation: 'verify' | 'sign',
): JwkReading {
  const kty = kinds[algorithm].kty as PublicJwk['kty'] // The caller has dealt with `oct`.
  const problem = kty === 'RSA' ? rsaMembersProblem(members) : pointProblem(members, kty)
  if (problem) return { problem }
  const publicJwk = { kty, use: 'sig', alg: algorithm, kid, ...pick(members, publicMembers[kty]) } as const
  if (operation === 'verify') return { jwk: { kid, algorithm, publicJwk, privateMembers: null, secret: null } }
  if (members.oth !== undefined) return { problem: 'must have two primes' }
  const secrets = privateMembers[kty]
  if (!secrets.every((name) => decode(members[name])))
    return { problem: `must have the private members ${secrets.join(', ')}` }
  return { jwk: { kid, algorithm, publicJwk, privateMembers: pick(members, secrets), secret: null } }
}

function pick(members: Members, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, String(members[name])]))
}

function rsaMembersProblem({ n, e }: Members): string | null {
  const modulus = decode(n)
  const exponent = decode(e)
  if (!modulus || !exponent) return 'must have "n" and "e" in base64url'
  return rsaProblem(integer(modulus), integer(exponent))
}

function pointProblem({ x, y }: Members, kty: 'EC' | 'OKP'): string | null {
  const first = decode(x)
  if (kty === 'OKP') return first && isEd25519PublicKey(first) ? null : 'must have a point of Ed25519 in "x"'
  const second = decode(y)
  const isPoint =
    first?.length === coordinateBytes && second?.length === coordinateBytes && isP256Point(integer(first), integer(second))
  return isPoint ? null : 'must have a point of P-256 in "x" and "y"'
}

function decode(member: unknown): Bytes | null {
  return typeof member === 'string' && member !== '' ? fromBase64url(member) : null
}

function integer(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
