import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base64url, equalBytes, framed, fromBase64url, isStorable } from './bytes.js'

describe('base64url', () => {
  it('reads back what it wrote, as Node writes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = base64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(fromBase64url(text)).toEqual(new Uint8Array(bytes))
      }),
    )
  })

  it('JT-06 accepts one spelling of each value: what it decodes encodes to the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ABab01-_+/=.? \n'), maxLength: 12 }), (text) => {
        const bytes = fromBase64url(text)
        if (bytes) expect(base64url(bytes)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['A', 'AA=', 'AA==', 'AB', 'AAB', 'A A', 'AA\n', 'A+', 'A/', 'AAAAA', 'Ä', '\u0000A'])('refuses %j', (text) => {
    expect(fromBase64url(text)).toBeNull()
  })
})

describe('framed', () => {
  it('never gives two lists of parts the same bytes', () => {
    const part = fc.oneof(fc.string({ maxLength: 4 }), fc.nat(300), fc.uint8Array({ maxLength: 4 }))
    const parts = fc.array(part, { maxLength: 4 })
    const text = (value: string | number | Uint8Array): string =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : Buffer.from(String(value)).toString('hex')
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = a.length === b.length && a.every((value, index) => text(value) === text(b[index] ?? ''))
        expect(equalBytes(framed(...a), framed(...b))).toBe(same)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('isStorable', () => {
  it.each([
    ['plain', true],
    ['ünïcödé 👍', true],
    ['a\0b', false],
    ['\ud800', false],
    ['x\udc00', false],
  ])('%j: %s', (text, storable) => {
    expect(isStorable(text)).toBe(storable)
  })
})
