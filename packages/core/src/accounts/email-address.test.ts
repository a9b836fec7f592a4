import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEmailAddress } from './email-address.js'

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
    const started = performance.now()
    for (const text of ['a'.repeat(100_000), '.'.repeat(100_000), `a@${'-'.repeat(250)}`, `a@${'a.'.repeat(120)}!`])
      parseEmailAddress(text)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
