import { createPrivateKey, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { asymmetric, publicHalf, signRaw, type TestJwk, testJwk, testRing } from '../../test/support/keys.js'
import { ConfigError, StoreError } from '../errors.js'
import { type Bytes, utf8 } from '../shared/bytes.js'
import { virtualClock } from '../testing/virtual-clock.js'
import type { Signer } from './signer-keys.js'

const input = utf8('input')

/** A key that stays where it is, and answers like a key management service. */
async function remote(alg: (typeof asymmetric)[number], change: Partial<Signer> = {}): Promise<Signer & { asked: number }> {
  const jwk: TestJwk = await testJwk(alg)
  const signer = {
    kid: jwk.kid,
    algorithm: alg,
    publicJwk: publicHalf(jwk),
    asked: 0,
    async sign(bytes: Bytes): Promise<Bytes> {
      signer.asked++
      return new Uint8Array(signRaw(jwk, new TextDecoder().decode(bytes)))
    },
    ...change,
  }
  return signer
}
const problemsOf = async (signer: Signer): Promise<string> => {
  try {
    await testRing({ source: { signer } }).ready()
    return ''
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  }
}

describe('a signer', () => {
  it.each(asymmetric)('signs elsewhere for %s, and is asked for each signature', async (alg) => {
    const signer = await remote(alg)
    const ring = testRing({ source: { signer } })
    const active = await ring.active()
    const before = signer.asked
    expect(await (await ring.find(active.kid))?.verify(input, await active.sign(input))).toBe(true)
    expect(signer.asked).toBe(before + 1)
    expect((await ring.jwks()).keys).toEqual([expect.objectContaining({ kid: `${alg}-key`, alg, use: 'sig' })])
    expect(await ring.find('unknown')).toBeNull()
  })

  it('has other public keys beside it, for the key before and the key to come', async () => {
    const next = publicHalf(await testJwk('EdDSA', 'next'))
    const ring = testRing({ source: { signer: await remote('ES256', { otherKeys: [next] }) } })
    expect((await ring.find('next'))?.algorithm).toBe('EdDSA')
    expect((await ring.jwks()).keys.map(({ kid }) => kid)).toEqual(['ES256-key', 'next'])
  })

  it.each<[string, () => Promise<Signer>, string]>([
    ['a shared secret', () => remote('ES256', { algorithm: 'HS256' as never }), 'tokens.signer.algorithm'],
    ['an unknown algorithm', () => remote('ES256', { algorithm: 'none' as never }), 'tokens.signer.algorithm'],
    ['no public key', () => remote('ES256', { publicJwk: undefined as never }), 'tokens.signer.publicJwk'],
    ['no name', () => remote('ES256', { kid: '' }), 'tokens.signer.publicJwk'],
    ['a public key of another name', () => remote('ES256', { kid: 'other' }), 'tokens.signer.publicJwk.kid'],
    ['a public key for another algorithm', () => remote('RS256', { algorithm: 'PS256' }), 'tokens.signer.publicJwk.alg'],
    [
      'another public key of its own name',
      async () => remote('ES256', { otherKeys: [publicHalf(await testJwk('ES256'))] }),
      '"kid"',
    ],
    [
      "somebody else's public key",
      async () => remote('ES256', { publicJwk: publicHalf({ ...(await testJwk('ES256', 'b')), kid: 'ES256-key' }) }),
      'does not verify',
    ],
    [
      'signatures in DER',
      async () => {
        const key = createPrivateKey({ key: { ...(await testJwk('ES256')) }, format: 'jwk' })
        return remote('ES256', { sign: async (bytes) => new Uint8Array(sign('sha256', bytes, key)) })
      },
      'DER',
    ],
  ])('KM-02 is refused with %s', async (_, make, expected) => {
    expect(await problemsOf(await make())).toContain(expected)
  })

  it('F-05 that fails, gives nothing or does not answer is a StoreError', async () => {
    const clock = virtualClock()
    let answer: () => Promise<Bytes>
    const signer = await remote('ES256')
    const ring = testRing({
      source: { signer: { ...signer, sign: (bytes) => (answer ? answer() : signer.sign(bytes)) } },
      clock,
    })
    const active = await ring.active()
    answer = () => Promise.reject(new Error('throttled'))
    await expect(active.sign(input)).rejects.toThrow(StoreError)
    for (const nothing of [undefined, '', new Uint8Array()]) {
      answer = async () => nothing as Bytes
      await expect(active.sign(input)).rejects.toThrow(StoreError)
    }
    answer = () => new Promise(() => undefined)
    const late = expect(active.sign(input)).rejects.toThrow(StoreError)
    await clock.advance(2000)
    await late
  })
})
