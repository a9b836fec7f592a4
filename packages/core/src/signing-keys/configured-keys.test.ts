import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, importSPKI } from 'jose'
import { describe, expect, it } from 'vitest'
import { algorithms, publicHalf, segment, testJwk, testRing } from '../../test/support/keys.js'
import { ConfigError, StoreError } from '../errors.js'
import { utf8 } from '../shared/bytes.js'
import { virtualClock } from '../testing/virtual-clock.js'
import type { SigningAlgorithm } from './algorithms.js'
import type { KeySource } from './configured-keys.js'

const problemsOf = async (keys: unknown, algorithm: SigningAlgorithm = 'RS256'): Promise<string> => {
  try {
    await testRing({ source: { keys: keys as KeySource }, algorithm }).ready()
    return ''
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  }
}
const input = utf8('input')
const pkcs8 = (pair: { privateKey: { export(options: object): unknown } }): string =>
  String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }))
const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ecPair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const edPair = generateKeyPairSync('ed25519')

describe('keys that are given', () => {
  it.each(algorithms)('sign and verify as a JWK for %s', async (alg) => {
    const ring = testRing({ source: { keys: await testJwk(alg) }, algorithm: 'RS256' })
    const active = await ring.active()
    expect([active.kid, active.algorithm]).toEqual([`${alg}-key`, alg])
    expect(await (await ring.find(active.kid))?.verify(input, await active.sign(input))).toBe(true)
    expect(await ring.find('other')).toBeNull()
  })

  it.each([
    ['RS256', pkcs8(rsaPair)],
    ['PS256', pkcs8(rsaPair)],
    ['ES256', pkcs8(ecPair)],
    ['EdDSA', pkcs8(edPair)],
  ] as const)(
    'sign as PKCS#8 for %s, named by their thumbprint, also as environment variables hold them',
    async (algorithm, pem) => {
      const ring = testRing({ source: { keys: pem }, algorithm })
      const { kid } = await ring.active()
      const [shown] = (await ring.jwks()).keys
      expect(kid).toBe(await calculateJwkThumbprint({ ...shown }))
      const oneLine = testRing({ source: { keys: ` ${pem.replaceAll('\n', '\\n')}` }, algorithm })
      expect((await oneLine.active()).kid).toBe(kid)
    },
  )

  it('get their thumbprint for a name that is missing', async () => {
    const { kid: _, ...jwk } = await testJwk('ES256')
    const ring = testRing({ source: { keys: jwk } })
    expect((await ring.active()).kid).toBe(await calculateJwkThumbprint(jwk))
  })

  it('sign with the first and accept all, whether the others are private or public', async () => {
    const [first, second, third] = [await testJwk('ES256', 'a'), await testJwk('RS256', 'b'), await testJwk('EdDSA', 'c')]
    const ring = testRing({ source: { keys: [first, second, { ...publicHalf(third), key_ops: ['verify'] }] } })
    expect((await ring.active()).kid).toBe('a')
    for (const kid of ['a', 'b', 'c']) expect((await ring.find(kid))?.kid).toBe(kid)
    expect((await ring.jwks()).keys.map(({ kid }) => kid)).toEqual(['a', 'b', 'c'])
  })

  it('KM-01 shows public members alone, and nothing of a shared secret', async () => {
    const asymmetric = [await testJwk('RS256'), await testJwk('ES256'), await testJwk('EdDSA')]
    const { keys } = await testRing({ source: { keys: asymmetric } }).jwks()
    const allowed = ['kty', 'use', 'alg', 'kid', 'n', 'e', 'crv', 'x', 'y']
    for (const key of keys) expect(allowed).toEqual(expect.arrayContaining(Object.keys(key)))
    const text = JSON.stringify(keys)
    for (const { d, p, qi } of asymmetric) for (const part of [d, p, qi]) if (part) expect(text).not.toContain(part)
    expect(await testRing({ source: { keys: await testJwk('HS256') } }).jwks()).toEqual({ keys: [] })
  })

  it.each<[string, () => unknown, string]>([
    ['an empty list', () => [], 'must not be an empty list'],
    ['nothing', () => undefined, 'tokens.keys.0'],
    ['a number', () => 7, 'tokens.keys.0'],
    ['bytes', () => randomBytes(32), 'tokens.keys.0'],
    ['a passphrase', () => 'correct horse battery staple', 'PKCS#8'],
    ['a public PEM', () => rsaPair.publicKey.export({ type: 'spki', format: 'pem' }), 'PKCS#8'],
    ['a PKCS#1 PEM', () => rsaPair.privateKey.export({ type: 'pkcs1', format: 'pem' }), 'openssl pkcs8'],
    ['a SEC1 PEM', () => ecPair.privateKey.export({ type: 'sec1', format: 'pem' }), 'openssl pkcs8'],
    [
      'an encrypted PEM',
      () => rsaPair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
      'PKCS#8',
    ],
    ['a PEM of another kind', () => pkcs8(ecPair), 'is not a private key for RS256'],
    ['a broken PEM', () => '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', 'is not a private key for RS256'],
    ['a small RSA PEM', () => pkcs8(generateKeyPairSync('rsa', { modulusLength: 1024 })), 'bits'],
    ['a public key first', async () => publicHalf(await testJwk('RS256')), 'private members'],
    ['a key for verifying first', async () => ({ ...(await testJwk('RS256')), key_ops: ['verify'] }), '"sign"'],
    ['a second key that is broken', async () => [await testJwk('RS256'), { kty: 'RSA' }], 'tokens.keys.1'],
    ['two keys of one name', async () => [await testJwk('RS256', 'a'), await testJwk('ES256', 'a')], '"kid"'],
    ['one key twice', async () => [pkcs8(rsaPair), pkcs8(rsaPair)], '"kid"'],
    ['a shared secret beside a key pair', async () => [await testJwk('RS256'), await testJwk('HS256')], 'shared secrets'],
    ['a shared secret without a name', async () => ({ ...(await testJwk('HS256')), kid: undefined }), '"kid"'],
    ['a short shared secret', async () => ({ ...(await testJwk('HS256')), k: segment(randomBytes(31)) }), '32 bytes'],
    ['a prime too many', async () => ({ ...(await testJwk('RS256')), oth: [{}] }), 'two primes'],
    [
      'halves that do not belong together',
      async () => ({ ...(await testJwk('ES256', 'a')), d: (await testJwk('ES256', 'b')).d }),
      '',
    ],
    [
      'halves of Ed25519 that do not belong together',
      async () => ({ ...(await testJwk('EdDSA', 'a')), d: (await testJwk('EdDSA', 'b')).d }),
      '',
    ],
    [
      'primes of another modulus',
      async () => ({ ...(await testJwk('RS256', 'a')), n: (await testJwk('RS256', 'b')).n }),
      '',
    ],
  ])('KM-02 F-47 are refused as %s', async (_, make, expected) => {
    const problems = await problemsOf(await make())
    expect(problems).toMatch(/^tokens\.keys/)
    expect(problems).toContain(expected)
  })

  it('KM-02 are refused at once where that needs no cryptography', async () => {
    const keys = [{ ...publicHalf(await testJwk('RS256')), use: 'enc' }]
    expect(() => testRing({ source: { keys } })).toThrow(ConfigError)
  })

  it('JT-03 are never a shared secret as text, whatever the algorithm', async () => {
    for (const text of [randomBytes(48).toString('base64'), pkcs8(rsaPair)])
      expect(await problemsOf(text, 'HS256')).not.toBe('')
    const spki = String(rsaPair.publicKey.export({ type: 'spki', format: 'pem' }))
    for (const start of ['', ' ', '\n', '\t', '\ufeff']) {
      const k = segment(`${start}${spki}`)
      expect(await problemsOf({ kty: 'oct', alg: 'HS256', kid: 'a', k }, 'HS256')).toContain('asymmetric')
    }
    expect((await exportJWK(await importSPKI(spki, 'RS256'))).kty).toBe('RSA')
  })

  it('are rotated and removed where they come from', async () => {
    const ring = testRing({ source: { keys: await testJwk('ES256') } })
    await expect(ring.rotate()).rejects.toThrow(ConfigError)
    await expect(ring.remove('ES256-key')).rejects.toThrow(ConfigError)
    expect([await ring.reseal(), await ring.maintain()]).toEqual([0, 0])
  })
})

describe('a function that gives keys', () => {
  const held = (): { keys: unknown; asked: number; source: () => Promise<never> } => {
    const state = {
      keys: undefined as unknown,
      asked: 0,
      source: async () => {
        state.asked++
        if (state.keys instanceof Error) throw state.keys
        return state.keys as never // The tests give what no type allows.
      },
    }
    return state
  }

  it.each([
    ['an empty text', ''],
    ['nothing', undefined],
    ['null', null],
    ['an empty list', []],
    ['empty bytes', new Uint8Array()],
    ['an empty shared secret', { kty: 'oct', alg: 'HS256', kid: 'a', k: '' }],
    ['a list with nothing in it', [undefined]],
  ])('A-07 CVE-2026-44351 that gives %s gives no key', async (_, keys) => {
    const ring = testRing({ source: { keys: async () => keys as never }, algorithm: 'HS256' })
    await expect(ring.ready()).rejects.toThrow(ConfigError)
    await expect(ring.find('a')).rejects.toThrow(ConfigError)
  })

  it('is asked once for all who wait, again a minute later, and for a name that is not known', async () => {
    const clock = virtualClock()
    const vault = held()
    vault.keys = await testJwk('ES256', 'a')
    const ring = testRing({ source: { keys: vault.source }, clock })
    await Promise.all([ring.ready(), ring.active(), ring.jwks()])
    await ring.active()
    expect([vault.asked, ring.version]).toEqual([1, 1])

    vault.keys = [await testJwk('ES256', 'a'), await testJwk('ES256', 'b')]
    expect((await ring.find('b'))?.kid).toBe('b')
    expect([vault.asked, ring.version]).toEqual([2, 2])

    vault.keys = [await testJwk('ES256', 'b')]
    await clock.advance(60_000)
    expect((await ring.active()).kid).toBe('b')
    expect(await ring.find('a')).toBeNull()
    expect(ring.version).toBe(3)
  })

  it('JT-16 makes another set where a key changes under its old name', async () => {
    const clock = virtualClock()
    const vault = held()
    vault.keys = await testJwk('HS256', 'a')
    const ring = testRing({ source: { keys: vault.source }, clock })
    await ring.ready()
    vault.keys = { ...(await testJwk('HS256', 'b')), kid: 'a' }
    await clock.advance(60_000)
    await ring.active()
    expect(ring.version).toBe(2)
  })

  it('F-33 that fails costs nothing for a while, and is a StoreError before it first answered', async () => {
    const clock = virtualClock()
    const vault = held()
    vault.keys = new Error('vault is sealed')
    const ring = testRing({ source: { keys: vault.source }, clock })
    await expect(ring.ready()).rejects.toThrow(StoreError)
    vault.keys = await testJwk('ES256', 'a')
    await ring.ready()
    for (const broken of [new Error('vault is sealed'), [], 'nonsense']) {
      vault.keys = broken
      await clock.advance(61_000)
      expect((await ring.active()).kid).toBe('a')
      expect((await ring.find('a'))?.kid).toBe('a')
    }
    expect(ring.logged.map(({ message }) => message)).toContain('the signing keys could not be read again')
  })

  it('that does not answer is given up', async () => {
    const clock = virtualClock()
    const refused = expect(
      testRing({ source: { keys: () => new Promise(() => undefined) }, clock }).ready(),
    ).rejects.toThrow(StoreError)
    await clock.advance(5000)
    await refused
  })
})
