import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { algorithms, publicHalf, segment, signRaw, type TestJwk, testJwk } from '../../test/support/keys.js'
import { ConfigError } from '../errors.js'
import { utf8 } from '../shared/bytes.js'
import { loadVerificationKey, loadVerificationKeys } from './verification-key.js'

const problemsOf = async (loading: Promise<unknown>): Promise<string> => {
  const error: unknown = await loading.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConfigError)) throw error
  return error.problems.map(({ path, message }) => `${path} ${message}`).join('; ')
}
const message = utf8('message')
const kinds = { RS256: 'RSA', PS256: 'RSA', ES256: 'EC', EdDSA: 'OKP', HS256: 'oct' } as const

describe('loadVerificationKey', () => {
  it.each(algorithms)('JT-01 loads a key for %s, and verifies what was signed with it by another library', async (alg) => {
    const jwk = await testJwk(alg)
    const key = await loadVerificationKey(jwk)
    expect([key.kid, key.algorithm]).toEqual([jwk.kid, alg])
    const signature = new Uint8Array(signRaw(jwk, 'message'))
    expect(await key.verify(message, signature)).toBe(true)
    expect(await key.verify(utf8('messagE'), signature)).toBe(false)
    const flipped = signature.map((byte, index) => (index === 5 ? byte ^ 1 : byte))
    expect(await key.verify(message, flipped)).toBe(false)
    for (const length of [0, 1, 63, 65, 255, 257, 10_000])
      expect(await key.verify(message, new Uint8Array(length))).toBe(false)
  })

  it('KM-01 keeps of a key what may be shown, and nothing for a shared secret', async () => {
    for (const alg of algorithms) {
      const { publicJwk } = await loadVerificationKey({ ...(await testJwk(alg)), ext: true, key_ops: ['verify'], more: 1 })
      const shown = publicJwk && Object.keys(publicJwk)
      if (alg === 'HS256') expect(shown).toBeNull()
      else
        expect(['kty', 'use', 'alg', 'kid', 'n', 'e', 'crv', 'x', 'y']).toEqual(expect.arrayContaining(shown ?? ['nothing']))
    }
  })

  it('JT-01 JT-03 CVE-2022-23539 accepts of all kinds of keys under all algorithms only the pairs of RFC 7518', async () => {
    for (const keyAlg of algorithms) {
      for (const alg of algorithms) {
        const loading = loadVerificationKey({ ...(await testJwk(keyAlg)), alg })
        if (kinds[keyAlg] === kinds[alg]) expect((await loading).algorithm).toBe(alg)
        else expect(await problemsOf(loading)).toContain('kty')
      }
    }
  })

  const withRsa = async (change: object): Promise<object> => ({ ...publicHalf(await testJwk('RS256')), ...change })
  const withEc = async (change: object): Promise<object> => ({ ...publicHalf(await testJwk('ES256')), ...change })
  const withEd = async (change: object): Promise<object> => ({ ...publicHalf(await testJwk('EdDSA')), ...change })
  const withHmac = async (change: object): Promise<object> => ({ ...(await testJwk('HS256')), ...change })
  const weakRsa = (modulusLength: number, publicExponent = 65_537): object =>
    generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'jwk' })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  const spki = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString()

  it.each<[string, () => unknown]>([
    ['no object', () => null],
    ['a string', () => 'secret'],
    ['a list', () => []],
    ['a function', () => () => 'key'],
    ['bytes', () => new Uint8Array(32)],
    ['no alg', () => withRsa({ alg: undefined })],
    ['alg none', () => withRsa({ alg: 'none' })],
    ['an alg that is not offered', () => withRsa({ alg: 'RS512' })],
    ['an alg from the prototype', () => withRsa({ alg: 'constructor' })],
    ['a list of algs', () => withRsa({ alg: ['RS256'] })],
    ['no kid', () => withRsa({ kid: undefined })],
    ['an empty kid', () => withRsa({ kid: '' })],
    ['a long kid', () => withRsa({ kid: 'k'.repeat(129) })],
    ['a kid that is no string', () => withRsa({ kid: 7 })],
    ['use: enc', () => withRsa({ use: 'enc' })],
    ['use that is no string', () => withRsa({ use: ['sig'] })],
    ['key_ops without verify', () => withRsa({ key_ops: ['encrypt'] })],
    ['empty key_ops', () => withRsa({ key_ops: [] })],
    ['key_ops that is no list', () => withRsa({ key_ops: 'verify' })],
    ['RSA of 1024 bits', () => withRsa(weakRsa(1024))],
    ['RSA of 2047 bits', () => withRsa(weakRsa(2047))],
    ['RSA with e = 3', () => withRsa(weakRsa(2048, 3))],
    ['RSA with e = 1', () => withRsa({ e: 'AQ' })],
    ['RSA with an even e', () => withRsa({ e: 'AQAC' })],
    ['RSA without n', () => withRsa({ n: undefined })],
    ['RSA with padded base64', async () => withRsa({ e: 'AQAB==' })],
    ['RSA with n as a number', () => withRsa({ n: 65_537 })],
    ['EC on another curve', () => withEc(p384)],
    ['EC named for another curve', () => withEc({ crv: 'P-384' })],
    ['EC off the curve', () => withEc({ y: segment(Buffer.alloc(32, 1)) })],
    ['EC without y', () => withEc({ y: undefined })],
    ['EC with a short coordinate', () => withEc({ x: segment(Buffer.alloc(31, 1)) })],
    ['EC at zero', () => withEc({ x: segment(Buffer.alloc(32)), y: segment(Buffer.alloc(32)) })],
    ['Ed25519 named X25519', () => withEd({ crv: 'X25519' })],
    ['Ed25519 of small order', () => withEd({ x: segment(Buffer.alloc(32)) })],
    ['Ed25519 that is short', () => withEd({ x: segment(Buffer.alloc(31, 9)) })],
    ['an empty shared secret', () => withHmac({ k: '' })],
    ['a short shared secret', () => withHmac({ k: segment(Buffer.alloc(31, 7)) })],
    ['a shared secret that is missing', () => withHmac({ k: undefined })],
    ['a PEM as a shared secret', () => withHmac({ k: segment(spki) })],
    ['a PEM after a line break as a shared secret', () => withHmac({ k: segment(`\n${spki}`) })],
    ['a JWK as a shared secret', async () => withHmac({ k: segment(await withRsa({})) })],
    ['an AES key', () => withHmac({ alg: 'A256GCM' })],
    ['a public key without its kind', () => withEc({ kty: undefined })],
  ])('JT-03 KM-02 CVE-2022-23529 refuses %s, and repeats nothing of it', async (_, make) => {
    const jwk = (await make()) as TestJwk
    const problems = await problemsOf(loadVerificationKey(jwk, 'keys.3'))
    expect(problems).toMatch(/^keys\.3 /)
    for (const value of [jwk?.k, jwk?.n, jwk?.x]) {
      if (typeof value === 'string' && value.length > 8) expect(problems).not.toContain(value)
    }
  })

  it('JT-01 CVE-2015-9235 CVE-2022-23541 has no way to verify with another algorithm than its own', async () => {
    const rsa = await testJwk('RS256')
    const key = await loadVerificationKey(publicHalf(rsa))
    expect(await key.verify(message, new Uint8Array(signRaw(rsa, 'message', 'PS256')))).toBe(false)
    expect(Object.isFrozen(key)).toBe(true)
  })
})

describe('loadVerificationKeys', () => {
  it('KM-02 loads a set of one family', async () => {
    const keys = [publicHalf(await testJwk('RS256')), publicHalf(await testJwk('ES256')), publicHalf(await testJwk('EdDSA'))]
    expect((await loadVerificationKeys(keys)).map(({ kid }) => kid)).toEqual(['RS256-key', 'ES256-key', 'EdDSA-key'])
    expect(await loadVerificationKeys([await testJwk('HS256'), await testJwk('HS256', 'other')])).toHaveLength(2)
    expect(await loadVerificationKeys([])).toEqual([])
  })

  it('KM-02 refuses two keys of one name, also when they are the same', async () => {
    const key = publicHalf(await testJwk('ES256'))
    expect(await problemsOf(loadVerificationKeys([key, key]))).toContain('"kid"')
  })

  it('KM-02 JT-01 refuses shared secrets beside public keys', async () => {
    const keys = [await testJwk('HS256'), publicHalf(await testJwk('RS256'))]
    expect(await problemsOf(loadVerificationKeys(keys))).toContain('shared secrets')
  })

  it('KM-02 tells all that is wrong at once', async () => {
    const keys = [{ ...(await testJwk('HS256')), k: '' }, null, publicHalf(await testJwk('RS256'))]
    expect(await problemsOf(loadVerificationKeys(keys, 'tokens.keys'))).toMatch(/tokens\.keys\.0 .*tokens\.keys\.1 /)
  })
})
