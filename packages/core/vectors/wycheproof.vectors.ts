import { describe, expect, it } from 'vitest'
import { AuthError, ConfigError } from '../src/errors.js'
import { loadVerificationKeys, signingAlgorithms, type VerificationKey } from '../src/signing-keys/index.js'
import { verifySignature } from '../src/tokens/index.js'
import { readVectors, type Vector } from './wycheproof.js'

const signatures = readVectors('json_web_signature_test.json', 'jws')
const keys = readVectors('json_web_key_test.json', 'jws')
const combined = readVectors('json_web_crypto_test.json', 'jws')
const signed = [...signatures, ...keys, ...combined]
const encrypted = [
  ...readVectors('json_web_encryption_test.json', 'jwe'),
  ...readVectors('json_web_crypto_test.json', 'jwe'),
]

/** Valid under algorithms that are not offered, and refused for that; by file and algorithm, so that nothing else hides here. */
const notOffered: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  'json_web_signature_test.json': {
    RS384: [264, 265, 266, 267],
    RS512: [268, 269, 270, 271],
    PS384: [320, 321, 322, 323],
    PS512: [325, 326, 327, 328],
  },
  'json_web_key_test.json': { HS384: [14], HS512: [15] },
}

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

function isOffered({ file, tcId }: Vector): boolean {
  return !Object.values(notOffered[file] ?? {}).some((listed) => listed.includes(tcId))
}

function isExpected(vector: Vector): boolean {
  const override = vector.file === 'json_web_signature_test.json' ? overrides.get(vector.tcId) : undefined
  return override ? override.accepted : vector.valid && isOffered(vector)
}

type Verifier = (vector: Vector) => Promise<boolean>

/** Loads the group's keys and verifies the token; a key that is refused at load refuses the token. */
const ours: Verifier = (vector) => isAccepted(vector, (key) => key)

async function isAccepted(vector: Vector, change: (key: VerificationKey) => VerificationKey): Promise<boolean> {
  try {
    const loaded = await loadVerificationKeys(vector.keys)
    const byKid = new Map(loaded.map((key) => [key.kid, change(key)]))
    await verifySignature(vector.token, (kid) => byKid.get(kid) ?? null)
    return true
  } catch (error) {
    if (error instanceof AuthError || error instanceof ConfigError) return false
    throw error
  }
}

async function mistakesOf(verifier: Verifier): Promise<Vector[]> {
  const outcomes = await Promise.all(signed.map(verifier))
  return signed.filter((vector, index) => outcomes[index] !== isExpected(vector))
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
    expect(await ours(vector)).toBe(isExpected(vector))
  })
})

describe('Wycheproof JWE', () => {
  it('is complete', () => {
    expect(encrypted).toHaveLength(139 + 34)
  })

  it.each(encrypted.map((vector) => [vector.tcId, vector.comment, vector] as const))(
    'JT-18 A-21 %i %s is no token here, and no key is looked for',
    async (_, __, { token }) => {
      const asked: string[] = []
      const outcome = verifySignature(token, (kid) => {
        asked.push(kid)
        return null
      })
      await expect(outcome).rejects.toMatchObject({ name: 'AuthError', code: 'token_malformed' })
      expect(asked).toEqual([])
    },
  )
})

describe('the run itself', () => {
  it('refuses for its algorithm only what is valid under one that is not offered', () => {
    const refused = signed.filter((vector) => !isOffered(vector))
    expect(refused).toHaveLength(18)
    for (const { file, tcId, valid, keys: jwks } of refused) {
      const alg = String(jwks[0]?.alg)
      expect([valid, notOffered[file]?.[alg]?.includes(tcId)]).toEqual([true, true])
      expect(signingAlgorithms).not.toContain(alg)
    }
  })

  it('differs from the files in the eight overrides alone', () => {
    const differing = signed.filter((vector) => isOffered(vector) && isExpected(vector) !== vector.valid)
    expect(differing.map(({ tcId }) => tcId).sort()).toEqual([...overrides.keys()].sort())
    const tokenOf = (tcId: number): string | undefined => signatures.find((vector) => vector.tcId === tcId)?.token
    expect([tokenOf(367), tokenOf(370)]).toEqual([tokenOf(357), tokenOf(357)])
  })

  it('would notice a verifier that checks no signatures, and one that refuses everything', async () => {
    expect(await mistakesOf(ours)).toEqual([])
    const blind = await mistakesOf((vector) => isAccepted(vector, (key) => ({ ...key, verify: async () => true })))
    expect(blind.length).toBeGreaterThan(250)
    expect((await mistakesOf(async () => false)).length).toBeGreaterThan(20)
  })
})
