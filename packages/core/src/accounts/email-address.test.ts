import { domainToUnicode } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quickestMs } from '../../test/support/quickest.js'
import { mailboxOf, parseEmailAddress } from './email-address.js'

const domainOf = (key: string | undefined): string => key?.split('@')[1] ?? ''
/** Domains come in thousands of ideographs and syllables, which nothing is mapped from or to: a few of them will do. */
const plainBlocks = /[\p{Ideographic}\p{Script=Hang}]/u

describe('parseEmailAddress', () => {
  it.each([
    ['Ada@Example.com', 'ada@example.com'],
    ['ada@EXAMPLE.COM', 'ada@example.com'],
    ['ada＠example.com', 'ada@example.com'],
    ['ada@example．com', 'ada@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['JOSE\u0301@example.com', 'josé@example.com'],
    ['jos\u00e9@example.com', 'josé@example.com'],
    ['a+tag@sub.example.co', 'a+tag@sub.example.co'],
    ['a@b.c', 'a@b.c'],
  ])('LG-10 compares %j as %j', (text, key) => {
    expect(parseEmailAddress(text)?.key).toBe(key)
  })

  it.each([
    ['müller.de', 'xn--mller-kva.de'],
    ['MÜLLER.DE', 'xn--mller-kva.de'],
    ['Mu\u0308ller.de', 'xn--mller-kva.de'],
    ['XN--MLLER-KVA.de', 'xn--mller-kva.de'],
    ['straße.de', 'xn--strae-oqa.de'],
    ['STRAßE.DE', 'xn--strae-oqa.de'],
    ['strasse.de', 'strasse.de'],
    ['STRASSE.DE', 'strasse.de'],
    ['παράδειγμα.δοκιμή', 'xn--hxajbheg2az3al.xn--jxalpdlp'],
    ['ΠΑΡΆΔΕΙΓΜΑ.ΔΟΚΙΜΉ', 'xn--hxajbheg2az3al.xn--jxalpdlp'],
    ['οδός.gr', 'xn--pxavk3b.gr'],
    ['ΟΔΌΣ.gr', 'xn--pxavn9a.gr'],
    ['Пример.РФ', 'xn--e1afmkfd.xn--p1ai'],
    ['i̇stanbul.tr', 'xn--istanbul-o0e.tr'],
    ['İstanbul.tr', 'xn--istanbul-o0e.tr'],
    ['مثال.إختبار', 'xn--mgbh0fb.xn--kgbechtv'],
    ['उदाहरण.परीक्षा', 'xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['ไทย.example', 'xn--o3cw4h.example'],
    ['ᏣᎳᎩ.example', 'xn--f9dt7l.example'],
    ['ꮳꮃꭹ.EXAMPLE', 'xn--f9dt7l.example'],
    ['𠀀.example', 'xn--j50i.example'],
  ])('LG-10 A-38 has one key for the international domain %j', (domain, ascii) => {
    expect(parseEmailAddress(`ada@${domain}`)?.key).toBe(`ada@${ascii}`)
  })

  it.each([
    'straẞe.de',
    'STRAẞE.DE',
    'exam\ufe0fple.com',
    'example\u034f.com',
    'exam\u115fple.com',
    'exam\u3164ple.com',
    'exam\uffa0ple.com',
    'exam\u{e0100}ple.com',
    'exam\u17b4ple.com',
    'ᾳ.gr',
    'ᲀ.example',
    'xn--.com',
    `${'é.'.repeat(60)}com`,
    // Accounts are there that have lost their address.
    'lost.invalid',
    'LOST.invalid',
  ])('LG-11 A-38 refuses %j, which others may take for another domain', (domain) => {
    expect(parseEmailAddress(`ada@${domain}`)).toBeNull()
  })

  it.each(['xn--a.com', 'xn--example-6573b.com', 'XN--STRAE-301B.de'])(
    'LG-10 A-38 takes %j, which encodes what is no domain, for nothing else, whether or not the platform refuses it',
    (domain) => {
      const { key } = parseEmailAddress(`ada@${domain}`) ?? {}
      expect([undefined, `ada@${domain.toLowerCase()}`]).toContain(key)
    },
  )

  it('LG-10 A-38 gives a domain the key of no other: nothing in it is left out or replaced', () => {
    let accepted = 0
    for (let point = 0x80; point < 0x11_0000; point++) {
      const char = String.fromCodePoint(point)
      if (!/[\p{L}\p{N}\p{M}]/u.test(char) || (plainBlocks.test(char) && point % 101 !== 0)) continue
      const domain = `exam${char}ple.com`
      const key = parseEmailAddress(`x@${domain}`)?.key
      if (!key) continue
      accepted++
      const shown = domainToUnicode(domainOf(key))
      if (shown.toLowerCase() !== domain.normalize('NFKC').toLowerCase().normalize('NFC'))
        expect.fail(`U+${point.toString(16)} is not in ${shown}`)
    }
    expect(accepted).toBeGreaterThan(10_000)
  })

  it.each([
    ['Ada@Example.com', 'Ada@Example.com'],
    ['Ada@MÜLLER.de', 'Ada@xn--mller-kva.de'],
    ['josé@straße.de', 'josé@xn--strae-oqa.de'],
  ])('LG-09 has mail to %j go to %j', (text, mailbox) => {
    const address = parseEmailAddress(text)
    expect(address && mailboxOf(address)).toBe(mailbox)
  })

  it('LG-09 has mail go to the domain of the key, whatever is stored as its spelling', () => {
    expect(mailboxOf({ display: 'Ada@straẞe.de', key: 'ada@strasse.de' })).toBe('Ada@strasse.de')
    expect(mailboxOf({ display: 'ada@exam\ufe0fple.com', key: 'ada@example.com' })).toBe('ada@example.com')
  })

  it('LG-10 keeps the spelling for display', () => {
    expect(parseEmailAddress('Ada@Example.com')?.display).toBe('Ada@Example.com')
  })

  it('LG-10 A-38 keeps look-alikes of another domain or mailbox apart', () => {
    expect(parseEmailAddress('admin@ex\u0430mple.com')?.key).toBe('admin@xn--exmple-4nf.com')
    expect(parseEmailAddress('v\u0131ctim@x.com')?.key).not.toBe('victim@x.com')
  })

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@localhost',
    'ada@@example.com',
    'a@b@example.com',
    'victim@x.com,evil@x.com',
    'victim@x.com;evil@x.com',
    'victim@x.com evil@x.com',
    'a@b.c\r\nBcc: evil@x.com',
    'a@b.c%0d%0aBcc:evil@x.com',
    'a\0@example.com',
    'Ada <ada@example.com>',
    '"ada@evil.com"@example.com',
    'ada(comment)@example.com',
    'ada@[127.0.0.1]',
    'ada@127.0.0.1',
    'ada@0x7f.1',
    'ada@example.com.',
    'ada@-example.com',
    'ada@exam_ple.com',
    'ada@example..com',
    '.ada@example.com',
    'ada.@example.com',
    'a..da@example.com',
    ' ada@example.com',
    'ada@exa mple.com',
    'ada@example.com/../evil',
    'ada@example.com:25',
    'ada@user:pass@example.com',
    '\ud800@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(64)}.com`,
    `a@${'b.'.repeat(130)}com`,
    'a\u202e@example.com',
    'a\u200b@example.com',
  ])('LG-11 refuses %j', (text) => {
    expect(parseEmailAddress(text)).toBeNull()
  })

  it('LG-10 gives every accepted address a key that is an address with the same key', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (text) => {
        const address = parseEmailAddress(text)
        if (address) expect(parseEmailAddress(address.key)?.key).toBe(address.key)
      }),
    )
  })

  it('CF-02 takes no time for long hostile input', () => {
    const hostile = ['a'.repeat(100_000), '.'.repeat(100_000), `a@${'-'.repeat(250)}`, `a@${'a.'.repeat(120)}!`]
    expect(quickestMs(() => hostile.forEach((text) => void parseEmailAddress(text)))).toBeLessThan(1000)
  })
})
