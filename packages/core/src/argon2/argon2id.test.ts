import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.js'
import { argon2Defaults, parseArgon2Hash } from '../shared/argon2-hash.js'
import { type Argon2idOptions, argon2id } from './index.js'

const hasher = argon2id()
const base64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64').replaceAll('=', '')
const phc = (parameters: string, salt = base64(16), hash = base64(32)): string =>
  `$argon2id$v=19$${parameters}$${salt}$${hash}`

describe('argon2id', () => {
  it('PW-08 hashes with Argon2id, m=19456, t=2, p=1 by default', async () => {
    const hash = await hasher.hash('correct horse')
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(parseArgon2Hash(hash)).toEqual({ ...argon2Defaults, saltBytes: 16, hashBytes: 32 })
    expect(await hasher.verify(hash, 'correct horse')).toBe(true)
    expect(await hasher.verify(hash, 'correct horsf')).toBe(false)
  })

  it.each<Argon2idOptions>([
    { memoryCost: 19_455 },
    { timeCost: 1 },
    { memoryCost: 47_103, timeCost: 1 },
    { memoryCost: 12_287, timeCost: 3 },
    { memoryCost: 12_288, timeCost: 2 },
    { memoryCost: 4096, timeCost: 50 },
    { parallelism: 0 },
    { timeCost: 0 },
    { memoryCost: Number.NaN },
    { memoryCost: 19_456.5 },
    { memoryCost: 4_194_304 },
    { timeCost: 1_000_000 },
  ])('PW-08 refuses to start with %o', (options) => {
    expect(() => argon2id(options)).toThrow(ConfigError)
  })

  it.each<Argon2idOptions>([
    {},
    { memoryCost: 47_104, timeCost: 1 },
    { memoryCost: 12_288, timeCost: 3 },
    { memoryCost: 65_536, timeCost: 3, parallelism: 4 },
  ])('PW-08 starts with %o', async (options) => {
    const { hash, verify, needsRehash } = argon2id(options)
    const stored = await hash('password of some length')
    expect(parseArgon2Hash(stored)).toMatchObject({ ...argon2Defaults, ...options })
    expect(await verify(stored, 'password of some length')).toBe(true)
    expect(needsRehash(stored)).toBe(false)
  })

  it('PW-09 salts each hash on its own', async () => {
    const hashes = await Promise.all(Array.from({ length: 8 }, () => hasher.hash('the same password')))
    expect(new Set(hashes.map((hash) => hash.split('$')[4])).size).toBe(8)
  })

  it('PW-09 asks to replace whatever is weaker than a new hash, and nothing that is as strong', () => {
    const stronger = argon2id({ memoryCost: 65_536, timeCost: 3 })
    const stored = phc('m=19456,t=2,p=1')
    expect(hasher.needsRehash(stored)).toBe(false)
    expect(stronger.needsRehash(stored)).toBe(true)
    expect(hasher.needsRehash(phc('m=65536,t=3,p=1'))).toBe(false)
    const weak = [
      phc('m=19455,t=2,p=1'),
      phc('m=47104,t=1,p=1'),
      phc('m=19456,t=2,p=1', base64(15)),
      phc('m=19456,t=2,p=1', base64(16), base64(31)),
      '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
      '',
    ]
    for (const hash of weak) expect(hasher.needsRehash(hash), hash).toBe(true)
  })

  it.each([
    ['a'.repeat(72), 'X', 'Y'],
    ['a'.repeat(255), 'X', 'Y'],
    ['a'.repeat(1000), 'X', 'Y'],
    ['abc\0', 'def', 'xyz'],
    ['\0', '', '\0'],
  ])('PW-03 compares the whole password: nothing is cut after %j', async (prefix, end, other) => {
    const hash = await hasher.hash(prefix + end)
    expect(await hasher.verify(hash, prefix + end)).toBe(true)
    expect(await hasher.verify(hash, prefix + other)).toBe(false)
    expect(await hasher.verify(hash, prefix.slice(0, -1))).toBe(false)
  })

  it('PW-10 finds no match in whatever else stands in the column', async () => {
    const good = await hasher.hash('password')
    const column = [
      '',
      'null',
      '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
      good.slice(0, -1),
      `${good}A`,
      `${good}\n`,
      ` ${good}`,
      good.replace('argon2id', 'argon2i'),
      good.replace('v=19$', ''),
      good.replace('v=19', 'v=16'),
      good.replace('p=1', 'p=1,keyid=AA'),
      good.replace('m=19456', 'm=019456'),
      good.replace('m=19456', 'm=4294967295'),
      good.replace('t=2', 't=4294967295'),
      good.replace('p=1', 'p=999'),
      good.replace('m=19456,t=2,p=1', 'm=8,t=1,p=255'),
      `${good.slice(0, good.lastIndexOf('$'))}$`,
      phc('m=19456,t=2,p=1', 'AAAA'),
      phc('m=19456,t=2,p=1', base64(16), 'AAAA'),
      'x'.repeat(1_000_000),
      good.repeat(1000),
    ]
    for (const hash of column) expect(await hasher.verify(hash, 'password'), hash.slice(0, 80)).toBe(false)
    expect(await hasher.verify(null as unknown as string, 'password')).toBe(false) // As a careless store might hand it over.
  })

  it('PW-10 spends neither memory nor time on absurd cost', async () => {
    const before = process.resourceUsage().maxRSS
    const absurd = ['m=4194304,t=1,p=1', 'm=262145,t=1,p=1', 'm=8,t=131073,p=1', 'm=262144,t=5,p=1', 'm=65536,t=17,p=1']
    const cpuBefore = process.cpuUsage()
    for (const parameters of absurd) expect(await hasher.verify(phc(parameters), 'password')).toBe(false)
    const { user, system } = process.cpuUsage(cpuBefore)
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(65_536)
    expect((user + system) / 1000).toBeLessThan(100)
  })

  it('PW-10 verifies what it made itself however costly it was configured', async () => {
    const costly = argon2id({ memoryCost: 266_240, timeCost: 1 })
    const hash = await costly.hash('password')
    expect(await costly.verify(hash, 'password')).toBe(true)
    expect(await hasher.verify(hash, 'password')).toBe(false)
  })

  it('PW-10 never fails on a string that it hands to the native binding', async () => {
    const field = (highest: number): fc.Arbitrary<string> =>
      fc.oneof(fc.nat(highest).map(String), fc.stringMatching(/^[0-9]{0,3}$/))
    const code = fc.stringMatching(/^[A-Za-z0-9+/]{0,90}$/)
    const column = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc
        .tuple(field(64), field(3), field(8), code, code)
        .map(([m, t, p, salt, hash]) => phc(`m=${m},t=${t},p=${p}`, salt, hash)),
      fc
        .tuple(
          fc.integer({ min: 8, max: 64 }),
          fc.integer({ min: 1, max: 8 }),
          fc.uint8Array({ minLength: 0, maxLength: 70 }),
        )
        .map(([p, t, bytes]) => phc(`m=${p * 8},t=${t},p=${p}`, base64(bytes.length), base64(bytes.length + 8))),
    )
    await fc.assert(
      fc.asyncProperty(column, fc.string(), async (hash, password) => {
        expect(await hasher.verify(hash, password)).toBe(false)
        expect(typeof hasher.needsRehash(hash)).toBe('boolean')
      }),
      { numRuns: 2000 },
    )
  })
})
