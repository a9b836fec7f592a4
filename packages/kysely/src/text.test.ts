import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeText, encodeText } from './text.js'

/** Any sequence of UTF-16 units, NUL and lone surrogates included. */
const anyText = fc
  .array(fc.oneof(fc.constantFrom(0, 0x1a, 0x30, 0x61, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfffd), fc.nat(0xffff)), {
    maxLength: 12,
  })
  .map((units) => String.fromCharCode(...units))

describe('encodeText', () => {
  it('ST-01 leaves what a database takes as it is', () => {
    for (const text of ['', 'a@b', '👩‍👩‍👧‍👦', '\ufffd', '\u0001', "'; --"]) expect(encodeText(text)).toBe(text)
  })

  it('ST-01 writes any other text as one that a database takes, and back', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const stored = encodeText(text)
        expect(stored.isWellFormed()).toBe(true)
        expect(stored).not.toContain('\0')
        expect(decodeText(stored)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it('ST-01 never makes one text of two', () => {
    expect(encodeText('\0')).not.toBe(encodeText('\u001a0000'))
    expect(encodeText('\ud800')).not.toBe(encodeText('\ufffd'))
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(encodeText(a) === encodeText(b)).toBe(a === b)
      }),
      { numRuns: 2000 },
    )
  })
})
