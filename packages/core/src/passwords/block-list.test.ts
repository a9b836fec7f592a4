import { dictionary } from '@zxcvbn-ts/language-common'
import { describe, expect, it } from 'vitest'
import { createBlockList, isMadeOf } from './block-list.js'

const blockList = createBlockList()

describe('createBlockList', () => {
  it('PW-06 has every common password of at least 8 characters, more than 3,000, in any case', async () => {
    const common = dictionary['passwords-common'].filter((password) => [...password].length >= 8)
    expect(common.length).toBeGreaterThan(3000)
    for (const password of common) {
      expect(await blockList.has(password, []), password).toBe(true)
      expect(await blockList.has(password.toUpperCase(), []), password).toBe(true)
    }
  })

  it('lets uncommon passwords pass', async () => {
    for (const password of ['correct horse battery staple', 'Xq4!mmv09_', '        ', 'ååååßßßß']) {
      expect(await blockList.has(password, ['acme', 'alice', 'Alice Liddell']), password).toBe(false)
    }
  })
})

describe('isMadeOf', () => {
  it.each([
    ['acme-acme-acme-acme', ['acme']],
    ['ACME ACME', ['acme']],
    ['acmeacme', ['Acme']],
    ['alicealice', ['ali', 'alice']],
    ['Acme!123', ['acme']],
    ['...acme...', ['acme']],
    ['alice.liddell', ['Alice Liddell']],
    ['liddell_alice', ['alice.liddell']],
    ['acme+alice', ['acme', 'alice']],
    ['a.b.c.123', ['a.b.c']],
    ['Zoe\u0308zo\u00eb1', ['zo\u00eb']].map((part) => (typeof part === 'string' ? part.normalize('NFC') : part)) as [
      string,
      string[],
    ],
  ])('PW-06 %j is made of %j', (password, words) => {
    expect(isMadeOf(password, words)).toBe(true)
  })

  it.each([
    ['acme-correct-horse', ['acme']],
    ['acme2026', ['acme']],
    ['sunflower', ['su']],
    ['--------', ['acme']],
    ['12345678', ['', '-', '  ']],
    ['acme🦄🐙🌵🦚', ['acme']],
  ])('PW-06 %j is more than %j', (password, words) => {
    expect(isMadeOf(password, words)).toBe(false)
  })
})
