import { domainToASCII } from 'node:url'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toPunycode } from './punycode.js'

it.each([
  // RFC 3492, section 7.1: (A), (B), (D), (G), (L), (R), (S).
  ['ليهمابتكلموشعربي؟', 'egbpdaj6bu4bxfgehfvwxn'],
  ['他们为什么不说中文', 'ihqwcrb4cv8a8dqg056pqjye'],
  ['Pročprostěnemluvíčesky', 'Proprostnemluvesky-uyb24dma41a'],
  ['почемужеонинеговорятпорусски', 'b1abfaaepdrnnbgefbadotcwatmq2g4l'],
  ['3年B組金八先生', '3B-ww4c5e180e575a65lsy2b'],
  ['そのスピードで', 'd9juau41awczczp'],
  ['-> $1.00 <-', '-> $1.00 <--'],
])('encodes %j as RFC 3492 does', (text, encoded) => {
  expect(toPunycode(text)).toBe(encoded)
})

it('encodes labels as the platform does', () => {
  const letters = fc.constantFrom(...'aksz09éüßςжяאबक日本語한글ა𐌰𠀀')
  const labels = fc.array(letters, { minLength: 1, maxLength: 12 }).map((chars) => `${chars.join('')}é`)
  fc.assert(
    fc.property(labels, (label) => {
      const ascii = domainToASCII(label)
      // What mixes directions is no domain (RFC 5893).
      if (ascii !== '') expect(`xn--${toPunycode(label)}`).toBe(ascii)
    }),
  )
})
