import { describe, expect, it } from 'vitest'
import { loadVerificationKeys, type VerificationKey } from '../src/signing-keys/index.js'
import { parseCompactJws } from '../src/tokens/compact-jws.js'
import { verifySignature } from '../src/tokens/index.js'
import { readVectors, type Vector } from './wycheproof.js'

const signatures = readVectors('json_web_signature_test.json', 'jws')
const keys = readVectors('json_web_key_test.json', 'jws')
const combined = readVectors('json_web_crypto_test.json', 'jws')
const encrypted = [
  ...readVectors('json_web_encryption_test.json', 'jwe'),
  ...readVectors('json_web_crypto_test.json', 'jwe'),
]

/** Algorithms that are not offered: what is valid under them is refused all the same. */
const notOffered = new Set(['RS384', 'RS512', 'PS384', 'PS512', 'ES384', 'ES512', 'HS384', 'HS512', 'ES521'])

/** Where the expected outcome is not the file's. */
const overrides = new Map<number, { readonly accepted: boolean; readonly why: string }>([
  [346, { accepted: false, why: 'the key is for PS256, the token says PS384' }],
  [350, { accepted: false, why: 'the key is for PS256, the token says PS384' }],
  [347, { accepted: false, why: 'ES521 is no registered algorithm' }],
  [351, { accepted: false, why: 'ES521 is no registered algorithm' }],
  [372, { accepted: false, why: 'a character outside of base64url makes a second spelling' }],
  [373, { accepted: false, why: 'a character outside of base64url makes a second spelling' }],
  [367, { accepted: true, why: 'the padding is lost in the file: the same string as the valid 357' }],
  [370, { accepted: true, why: 'the padding is lost in the file: the same string as the valid 357' }],
])

function isExpected(vector: Vector): boolean {
  const override = vector.file === 'json_web_signature_test.json' ? overrides.get(vector.tcId) : undefined
  if (override) return override.accepted
  return vector.valid && !vector.keys.some(({ alg }) => notOffered.has(String(alg)))
}

/** Loads the group's keys and verifies the token; a key that is refused at load refuses the token. */
async function isAccepted(vector: Vector, change = (key: VerificationKey): VerificationKey => key): Promise<boolean> {
  try {
    const loaded = await loadVerificationKeys(vector.keys)
    const byKid = new Map(loaded.map((key) => [key.kid, change(key)]))
    await verifySignature(vector.token, (kid) => byKid.get(kid) ?? null)
    return true
  } catch (error) {
    expect((error as Error).name).toMatch(/^(AuthError|ConfigError)$/)
    return false
  }
}

describe.each([
  ['signatures', signatures, 401],
  ['keys', keys, 26],
  ['combined', combined, 49],
] as const)('Wycheproof JWS: %s', (_, vectors, count) => {
  it('is complete', () => {
    expect(vectors).toHaveLength(count)
  })

  it.each(vectors.map((vector) => [vector.tcId, vector.comment, vector] as const))('JT-18 %i %s', async (_, __, vector) => {
    expect(await isAccepted(vector)).toBe(isExpected(vector))
  })
})

describe('Wycheproof JWE', () => {
  it.each(encrypted.map((vector) => [vector.tcId, vector.comment, vector] as const))(
    'JT-18 A-21 %i %s is no token here',
    (_, __, { token }) => {
      expect(() => parseCompactJws(token)).toThrow(expect.objectContaining({ code: 'token_malformed' }))
    },
  )
})

it('the run would notice a verifier that checks no signatures', async () => {
  const blind = (key: VerificationKey): VerificationKey => ({ ...key, verify: async () => true })
  const outcomes = await Promise.all(
    signatures.map(async (vector) => (await isAccepted(vector, blind)) === isExpected(vector)),
  )
  expect(outcomes.filter((right) => !right).length).toBeGreaterThan(100)
})
