import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { type Algorithm, hash as argon2Hash } from '@node-rs/argon2'
import { hash as bcryptHash } from '@node-rs/bcrypt'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { argon2id } from '../argon2/index.js'
import { ConfigError } from '../errors.js'
import { importedHashes, isImportableHash } from './index.js'

const password = 'pleaseletmein'
const bcrypt = await bcryptHash(password, { cost: 4 })
const hasher = argon2id()
const imported = importedHashes({ hasher, typical: bcrypt })

const phc = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
const salt = Buffer.from('SodiumChloride!!')
const ownScrypt = (ln: number) =>
  `$scrypt$ln=${ln},r=8,p=1$${phc(salt)}$${phc(scryptSync(password, salt, 32, { N: 2 ** ln, r: 8, p: 1 }))}`
const ownPbkdf2 = (digest: string) => phc(pbkdf2Sync(password, salt, 1000, 32, digest))

// Without what Argon2 costs, which is not what most of these are about.
const quick = { hash: async () => '', verify: async () => false, needsRehash: () => true }
const cheap = importedHashes({ hasher: quick, typical: `$pbkdf2-sha256$1$${phc(salt)}$${ownPbkdf2('sha256')}` })

const known: Readonly<Record<string, string>> = {
  'bcrypt 2b': bcrypt,
  'bcrypt 2a': bcrypt.replace('$2b$', '$2a$'),
  'bcrypt 2y': bcrypt.replace('$2b$', '$2y$'),
  scrypt: ownScrypt(10),
  'PBKDF2 as PHC': `$pbkdf2-sha512$i=1000,l=32$${phc(salt)}$${ownPbkdf2('sha512')}`,
  'PBKDF2 as passlib': `$pbkdf2-sha256$1000$${phc(salt).replaceAll('+', '.')}$${ownPbkdf2('sha256').replaceAll('+', '.')}`,
  'PBKDF2 as Django': `pbkdf2_sha256$1000$${salt}$${ownPbkdf2('sha256')}=`,
  Argon2i: await argon2Hash(password, { algorithm: 1 satisfies Algorithm.Argon2i, memoryCost: 64, timeCost: 3 }),
  'weak Argon2id': await argon2Hash(password, { memoryCost: 64, timeCost: 1 }),
}

describe('importedHashes', () => {
  it.each(Object.entries(known))('PW-09 checks %s, and asks to replace it', async (_, hash) => {
    expect(isImportableHash(hash)).toBe(true)
    expect(await imported.verify(hash, password)).toBe(true)
    expect(await imported.verify(hash, `${password}x`)).toBe(false)
    expect(imported.needsRehash(hash)).toBe(true)
  })

  // RFC 7914, section 12: N = 16384, r = 8, p = 1, the first 32 bytes (the rest does not depend on them).
  it('checks a scrypt hash of the standard', async () => {
    const hash = Buffer.from(
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
      'hex',
    )
    expect(await imported.verify(`$scrypt$ln=14,r=8,p=1$${phc(Buffer.from('SodiumChloride'))}$${phc(hash)}`, password)).toBe(
      true,
    )
  })

  it('makes and checks hashes of its own', async () => {
    const hash = await imported.hash(password)
    expect(hash).toMatch(/^\$argon2id\$/)
    expect(await imported.verify(hash, password)).toBe(true)
    expect(await imported.verify(hash, 'another')).toBe(false)
    expect(imported.needsRehash(hash)).toBe(false)
  })

  it('LG-02 costs one check of each kind, whatever is stored', async () => {
    const checked: string[] = []
    const counting = importedHashes({
      typical: bcrypt,
      hasher: {
        hash: async () => '$new$dummy',
        verify: async (hash) => {
          checked.push(hash)
          return false
        },
        needsRehash: (hash) => !hash.startsWith('$new$'),
      },
    })
    for (const hash of [bcrypt, '$new$x', 'garbage', '']) await counting.verify(hash, password)
    expect(checked).toEqual(['$new$dummy', '$new$x', 'garbage', ''])
  })

  it('PW-03 takes no beginning of a password before a NUL', async () => {
    expect(await imported.verify(bcrypt, `${password}\0more`)).toBe(false)
  })

  it('PW-10 finds no match in whatever else stands in the column, and spends nothing on absurd cost', async () => {
    const column = [
      '',
      'null',
      bcrypt.slice(0, -1),
      bcrypt.replace('$04$', '$31$'),
      bcrypt.replace('$04$', '$15$'),
      bcrypt.replace('$2b$', '$2x$'),
      `${bcrypt}\n`,
      ownScrypt(10).replace('ln=10', 'ln=25'),
      ownScrypt(10).replace('ln=10', 'ln=99'),
      ownScrypt(10).replace('p=1', 'p=999'),
      ownScrypt(10).replace('r=8', 'r=0'),
      `$pbkdf2-sha256$99999999$${phc(salt)}$${ownPbkdf2('sha256')}`,
      `$pbkdf2-sha256$0$${phc(salt)}$${ownPbkdf2('sha256')}`,
      `$pbkdf2-sha256$1000$${phc(salt)}$AAAA`,
      `$pbkdf2-md5$1000$${phc(salt)}$${ownPbkdf2('sha256')}`,
      '$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',
      'x'.repeat(1_000_000),
    ]
    for (const hash of column) expect(await cheap.verify(hash, password), hash.slice(0, 80)).toBe(false)
    expect(isImportableHash(null)).toBe(false)
  })

  it('PW-10 never fails on a string that it hands on', async () => {
    const code = fc.stringMatching(/^[A-Za-z0-9+/._-]{0,60}$/)
    const number = fc.nat(40)
    const column = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc
        .tuple(number, number, number, code, code)
        .map(([n, r, p, s, h]) => `$scrypt$ln=${n % 8},r=${r % 4},p=${p % 3}$${s}$${h}`),
      fc.tuple(number, code, code).map(([i, s, h]) => `$pbkdf2-sha256$${i}$${s}$${h}`),
      fc.tuple(number, number, code, code).map(([m, t, s, h]) => `$argon2i$v=19$m=${m},t=${t % 3},p=1$${s}$${h}`),
      code.map((rest) => `$2b$04$${rest}`),
    )
    await fc.assert(
      fc.asyncProperty(column, async (hash) => {
        expect(await cheap.verify(hash, password)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('refuses a typical hash that is none', () => {
    for (const typical of ['', 'bcrypt', bcrypt.replace('$04$', '$31$')])
      expect(() => importedHashes({ hasher, typical })).toThrow(ConfigError)
  })
})
