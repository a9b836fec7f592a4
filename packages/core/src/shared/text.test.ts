import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable } from './text.js'

const forbidden = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
  [0xfeff, 0xfeff],
] as const

describe('printable', () => {
  it.each([
    ['', ''],
    ['plain text, é 漢字 👍', 'plain text, é 漢字 👍'],
    ['a\r\nb', 'a\ufffd\ufffdb'],
    ['\u001b[2J\u0007\u0000\u007f\u0085\u009b', '\ufffd[2J\ufffd\ufffd\ufffd\ufffd\ufffd'],
    ['a\u2028b\u2029c', 'a\ufffdb\ufffdc'],
    ['\u202egnirts\u202c \u2066x\u2069 \u200f\u061c', '\ufffdgnirts\ufffd \ufffdx\ufffd \ufffd\ufffd'],
    ['ad\u200bmin\ufeff\u00ad', 'ad\ufffdmin\ufffd\ufffd'],
    ['\ud800 \udc00', '\ufffd \ufffd'],
  ])('ER-05 turns %j into %j', (text, expected) => {
    expect(printable(text, 100)).toBe(expected)
  })

  it('cuts what is too long and shows that it did', () => {
    expect(printable('x'.repeat(10), 10)).toBe('x'.repeat(10))
    expect(printable('x'.repeat(11), 10)).toBe(`${'x'.repeat(9)}…`)
    expect(printable('x'.repeat(1_000_000), 256)).toHaveLength(256)
  })

  it('ER-05 leaves no control character, line separator or lone surrogate, whatever came in', () => {
    const text = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 20 }), (given, most) => {
        const kept = printable(given, most)
        expect(kept.length).toBeLessThanOrEqual(most)
        const units = Array.from({ length: kept.length }, (_, i) => kept.charCodeAt(i))
        const isForbidden = (unit: number): boolean => forbidden.some(([first, last]) => unit >= first && unit <= last)
        expect(units.filter(isForbidden)).toEqual([])
        expect(kept.isWellFormed()).toBe(true)
        expect(printable(kept, most)).toBe(kept)
      }),
      { numRuns: 300 },
    )
  })
})
