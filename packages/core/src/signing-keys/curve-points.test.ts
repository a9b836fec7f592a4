import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isEd25519PublicKey, isP256Point } from './curve-points.js'

const bytesOf = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
const p = 2n ** 255n - 19n

describe('isEd25519PublicKey', () => {
  it('JT-03 accepts keys as they are generated, and few of the strings next to them', () => {
    let near = 0
    for (let i = 0; i < 40; i++) {
      const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
      const key = new Uint8Array(Buffer.from(x, 'base64url'))
      expect(isEd25519PublicKey(key)).toBe(true)
      if (isEd25519PublicKey(key.map((byte, index) => (index === 0 ? byte ^ 1 : byte)))) near++
    }
    // Half of all strings are points.
    expect(near).toBeLessThan(36)
  })

  // The encodings of all points of small order, and second spellings of them (Chalkias et al., "Taming the many EdDSAs").
  it.each([
    ['0100000000000000000000000000000000000000000000000000000000000000', 'order 1'],
    ['ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'order 2'],
    ['0000000000000000000000000000000000000000000000000000000000000000', 'order 4'],
    ['0000000000000000000000000000000000000000000000000000000000000080', 'order 4'],
    ['26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'order 8'],
    ['26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85', 'order 8'],
    ['c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'order 8'],
    ['c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa', 'order 8'],
    ['0100000000000000000000000000000000000000000000000000000000000080', 'order 1, x = −0'],
    ['eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'order 1, y = p + 1'],
    ['edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'order 4, y = p'],
  ])('JT-03 refuses the point %s of %s', (hex) => {
    expect(isEd25519PublicKey(new Uint8Array(Buffer.from(hex, 'hex')))).toBe(false)
  })

  it('JT-03 refuses what is not 32 bytes or not below the prime', () => {
    expect(isEd25519PublicKey(new Uint8Array(31))).toBe(false)
    expect(isEd25519PublicKey(new Uint8Array(33))).toBe(false)
    expect(isEd25519PublicKey(bytesOf(p + 3n))).toBe(false)
    expect(isEd25519PublicKey(bytesOf(2n ** 255n - 1n))).toBe(false)
  })
})

describe('isP256Point', () => {
  const coordinates = (): [bigint, bigint] => {
    const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
    const toInteger = (text: string): bigint => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`)
    return [toInteger(x), toInteger(y)]
  }

  it('JT-03 accepts points and nothing next to them', () => {
    const prime = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
    for (let i = 0; i < 20; i++) {
      const [x, y] = coordinates()
      expect(isP256Point(x, y)).toBe(true)
      expect(isP256Point(x, prime - y)).toBe(true)
      expect(isP256Point(x, y ^ 1n)).toBe(false)
      expect(isP256Point(y, x)).toBe(false)
      expect(isP256Point(x + prime, y)).toBe(false)
      expect(isP256Point(x, y + prime)).toBe(false)
    }
    expect(isP256Point(0n, 0n)).toBe(false)
  })
})
