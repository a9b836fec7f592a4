import { createHash } from 'node:crypto'
import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  apiKeyPattern,
  createApiKey,
  digestApiKey,
  findApiKeys,
  importedKeyId,
  isApiKey,
  isApiKeyPrefix,
  parseApiKey,
  readSha256,
} from './api-key-format.js'
import { randomBase62, toBase62 } from './base62.js'
import { crc32 } from './crc32.js'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

describe('the form of a key', () => {
  it('AK-01 is <prefix>_<id><secret><check>, and is parsed from its end', () => {
    for (const prefix of ['ak', 'ak_live', 'acme_2_test', 'a'.repeat(24)]) {
      const { key, id } = createApiKey(prefix)
      expect(key).toMatch(new RegExp(`^${prefix}_[0-9A-Za-z]{54}$`))
      expect(key.slice(prefix.length + 1)).toMatch(new RegExp(`^${id}`))
      expect(parseApiKey(key)).toEqual({ prefix, id })
      expect(isApiKey(key)).toBe(true)
      expect(new RegExp(`^${apiKeyPattern}$`).test(key)).toBe(true)
    }
  })

  it('AK-01 has 190 random bits of secret: each digit is as likely as any other', () => {
    const digits = 62 * 4000
    const counts = new Map([...base62].map((digit) => [digit, 0]))
    const texts = Array.from({ length: digits / 62 }, () => randomBase62(62))
    for (const digit of texts.join('')) counts.set(digit, (counts.get(digit) ?? 0) + 1)
    expect(counts.size).toBe(62)
    const squares = [...counts.values()].map((count) => (count - 4000) ** 2 / 4000)
    // 61 degrees of freedom: more than this once in a thousand million times. A byte modulo 62 comes to thousands.
    expect(squares.reduce((sum, square) => sum + square, 0)).toBeLessThan(150)
    const keys = new Set(Array.from({ length: 1000 }, () => createApiKey('ak').key))
    expect(keys.size).toBe(1000)
  })

  it('AK-01 A-87 every other text is no key: one character changed, added, left out or moved', () => {
    const { key } = createApiKey('ak_live')
    const changed = [...key].flatMap((was, at) =>
      [...base62, '_'].filter((digit) => digit !== was).map((digit) => key.slice(0, at) + digit + key.slice(at + 1)),
    )
    const shorter = [...key].map((_, at) => key.slice(0, at) + key.slice(at + 1)).filter((text) => text !== key)
    const swapped = [...key].map((char, at) => key.slice(0, at) + (key[at + 1] ?? '') + char + key.slice(at + 2))
    const others = [`${key}0`, `0${key}`, `${key}\n`, ` ${key}`, key.toUpperCase(), '', '_', 'ak_live_', key.slice(8)]
    for (const text of [...changed, ...shorter, ...swapped.filter((text) => text !== key), ...others])
      expect(isApiKey(text), text).toBe(false)
  })

  it('takes any text at all', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => !isApiKey(text)))
    for (const value of [undefined, null, 1, {}, []]) expect(isApiKey(value as never)).toBe(false)
    expect(isApiKey('_'.repeat(1_000_000))).toBe(false)
  })

  it('has a checksum that everybody can compute', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 80 }),
        (text) => crc32(text.replace(/[^ -~]/g, '')) === zlibCrc32(text.replace(/[^ -~]/g, '')),
      ),
    )
    expect(crc32('123456789')).toBe(0xcbf43926)
    expect(toBase62(61n, 3)).toBe('00z')
    expect(toBase62(BigInt(0xffffffff), 6)).toBe('4gfFC3')
  })

  it.each(['ak', 'a1', 'ak_live', 'x'.repeat(24)])('takes the prefix %s', (prefix) => {
    expect(isApiKeyPrefix(prefix)).toBe(true)
  })

  it.each(['', 'AK', '1a', '_ak', 'ak_', 'ak__x', 'ak-live', 'ey', 'eyj', 'x'.repeat(25), 'äk', null])(
    'refuses the prefix %j',
    (prefix) => {
      expect(isApiKeyPrefix(prefix)).toBe(false)
    },
  )
})

describe('findApiKeys', () => {
  const { key } = createApiKey('ak_live')
  const other = createApiKey('sk').key

  it('finds keys in whatever they stand', () => {
    for (const text of [`KEY=${key}`, `"${key}"`, `xyz${key}`, `X_${key}`, `${key}abc`, `%3D${key}`, `a_b_${key}_c`])
      expect(findApiKeys(text), text).toEqual([{ key, index: text.indexOf(key) }])
    expect(findApiKeys(`${key}${other}\n${key}`).map((found) => found.key)).toEqual([key, other, key])
  })

  it('leaves look-alikes out', () => {
    const lookalikes = Array.from({ length: 2000 }, () => `ak_live_${randomBase62(54)}`)
    expect(lookalikes.every((text) => new RegExp(`^${apiKeyPattern}$`).test(text))).toBe(true)
    expect(findApiKeys(lookalikes.join('\n'))).toEqual([])
  })

  it('CF-02 takes time linear in the length, whatever the text is', () => {
    for (const text of ['_', 'a_', `_${'a'.repeat(53)}`, `a${'_a'.repeat(60)}`, `_${'a'.repeat(54)}`]) {
      const long = text.repeat(Math.ceil(300_000 / text.length))
      expect(findApiKeys(long)).toEqual([])
    }
  })
})

describe('what is stored', () => {
  it('AK-01 is the SHA-256 of the whole key, as any other tool computes it', async () => {
    const { key } = createApiKey('ak')
    const hash = createHash('sha256').update(key)
    const hex = hash.copy().digest('hex')
    expect(await digestApiKey(key)).toBe(hash.digest('base64url'))
    expect(readSha256(hex)).toBe(await digestApiKey(key))
    expect(readSha256(hex.toUpperCase())).toBe(await digestApiKey(key))
    expect(readSha256(await digestApiKey(key))).toBe(await digestApiKey(key))
  })

  it.each(['', 'x', 'f'.repeat(63), 'g'.repeat(64), 'A'.repeat(44), `${'A'.repeat(42)}B`])(
    'takes %j for no SHA-256',
    (text) => {
      expect(readSha256(text)).toBeNull()
    },
  )

  it('names an imported key by its digest without telling it', async () => {
    const digest = await digestApiKey('legacy')
    const id = await importedKeyId(digest)
    expect(id).toMatch(/^[0-9A-Za-z]{22}$/)
    expect(await importedKeyId(digest)).toBe(id)
    expect(await importedKeyId(await digestApiKey('other'))).not.toBe(id)
  })
})
