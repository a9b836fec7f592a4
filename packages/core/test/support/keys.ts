import { constants, createHmac, createPrivateKey, sign as nodeSign } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { memorySigningKeyStore } from '../../src/memory/signing-key-store.js'
import { type Clock, systemClock } from '../../src/shared/clock.js'
import { createSecrets, type Secrets } from '../../src/shared/secrets.js'
import {
  createKeyRing,
  type KeyRing,
  type KeyRingDeps,
  type SigningAlgorithm,
  signingAlgorithms,
} from '../../src/signing-keys/index.js'

/** A private JWK with everything that ours needs. */
export type TestJwk = JWK & { readonly kid: string; readonly alg: SigningAlgorithm; readonly kty: string }

export const algorithms: readonly SigningAlgorithm[] = signingAlgorithms
export const asymmetric = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const
export const secretText = 'c7d1f0a4-a-secret-for-tests-alone-5be2937a'

const made = new Map<string, Promise<TestJwk>>()

/** A private key of its own for each algorithm and name, made once in a test file. */
export function testJwk(alg: SigningAlgorithm, kid = `${alg}-key`): Promise<TestJwk> {
  const name = `${alg} ${kid}`
  const known = made.get(name)
  if (known) return known
  const making = make(alg, kid)
  made.set(name, making)
  return making
}

async function make(alg: SigningAlgorithm, kid: string): Promise<TestJwk> {
  if (alg === 'HS256') {
    const k = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
    return { kty: 'oct', k, alg, kid, use: 'sig' }
  }
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg, kid, use: 'sig' } as TestJwk // jose leaves `kty` optional.
}

/** What anybody may see of a key. */
export function publicHalf({ kty, kid, alg, n, e, crv, x, y }: JWK): JWK {
  return JSON.parse(JSON.stringify({ kty, kid, alg, n, e, crv, x, y })) as JWK
}

/** Signs with Node's own cryptography, so that the code under test has a counterpart that is not itself. */
export function signRaw(jwk: TestJwk, input: string, alg: SigningAlgorithm = jwk.alg): Buffer {
  const bytes = Buffer.from(input)
  if (alg === 'HS256')
    return createHmac('sha256', Buffer.from(jwk.k ?? '', 'base64url'))
      .update(bytes)
      .digest()
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  if (alg === 'RS256') return nodeSign('sha256', bytes, key)
  if (alg === 'PS256')
    return nodeSign('sha256', bytes, {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    })
  if (alg === 'ES256') return nodeSign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })
  return nodeSign(null, bytes, key)
}

/** Base64url of a value as JSON, of text as it is, or of bytes. */
export function segment(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url')
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

/** A correctly signed token with whatever header and payload. */
export function compact(
  jwk: TestJwk,
  payload: unknown,
  header: unknown = { alg: jwk.alg, kid: jwk.kid, typ: 'at+jwt' },
): string {
  const input = `${segment(header)}.${segment(payload)}`
  return `${input}.${signRaw(jwk, input).toString('base64url')}`
}

/** What was logged. */
export interface Logged {
  readonly details: Record<string, unknown>
  readonly message: string
}

/** A ring and what it logged. */
export interface TestRing extends KeyRing {
  readonly logged: readonly Logged[]
}

/** Makes a ring; by default over an empty memory store, with ES256. */
export function testRing(
  deps: Partial<KeyRingDeps> & { readonly clock?: Clock; readonly secrets?: Secrets } = {},
): TestRing {
  const logged: Logged[] = []
  const ring = createKeyRing({
    source: { store: memorySigningKeyStore() },
    secrets: createSecrets(secretText),
    clock: systemClock,
    algorithm: 'ES256',
    logger: { warn: (details, message) => void logged.push({ details: details as Record<string, unknown>, message }) },
    ...deps,
  })
  return Object.defineProperties(ring, { logged: { value: logged } }) as TestRing // The property was just put there.
}
