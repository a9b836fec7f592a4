import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segment } from '../../test/support/keys.js'
import { quickestMs } from '../../test/support/quickest.js'
import { AuthError } from '../errors.js'
import { maxTokenLength, parseCompactJws } from './compact-jws.js'

const header = { alg: 'ES256', kid: 'a', typ: 'at+jwt' }
const token = (head: unknown = header, payload: unknown = {}, signature = 'AAAA'): string =>
  `${segment(head)}.${segment(payload)}.${signature}`
const outcome = (text: unknown): string => {
  try {
    parseCompactJws(text as string)
    return 'ok'
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return error.code
  }
}

describe('parseCompactJws', () => {
  it('takes a token apart and believes nothing of it', () => {
    const [head, payload] = token().split('.')
    expect(parseCompactJws(token())).toEqual({
      algorithm: 'ES256',
      kid: 'a',
      type: 'at+jwt',
      payload: new Uint8Array(Buffer.from('{}')),
      signingInput: new Uint8Array(Buffer.from(`${head}.${payload}`)),
      signature: new Uint8Array(3),
    })
    expect(parseCompactJws(token({ alg: 'none', kid: 'x' })).type).toBeNull()
    expect(parseCompactJws(token(header, Buffer.alloc(0))).payload).toHaveLength(0)
  })

  it.each([
    '',
    '.',
    '..',
    '...',
    'a',
    'a.b',
    'a.b.c.d',
    `${token()}.`,
    `.${token()}`,
    `${token()}.x`,
    token().slice(0, -4),
    token().replace(/[^.]*\./, '.'),
    ` ${token()}`,
    `${token()} `,
    `${token()}\n`,
    `Bearer ${token()}`,
    token().replaceAll('.', '..'),
    token().replaceAll('.', '\u3002'),
    JSON.stringify({ protected: segment(header), payload: segment({}), signature: 'AAAA' }),
  ])('JT-06 A-15 refuses the shape %j', (text) => {
    expect(outcome(text)).toBe('token_malformed')
  })

  it('JT-06 A-21 CVE-2022-36083 CVE-2024-28176 refuses every encrypted token at once', () => {
    const bombs = [
      { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 2_147_483_647, kid: 'a' },
      { alg: 'dir', enc: 'A256GCM', zip: 'DEF', kid: 'a' },
    ]
    for (const bomb of bombs) {
      const encrypted = `${segment(bomb)}.AAAA.AAAA.AAAA.AAAA`
      expect(outcome(encrypted)).toBe('token_malformed')
      expect(quickestMs(() => outcome(encrypted))).toBeLessThan(1)
    }
  })

  it('JT-06 accepts each segment in one spelling', () => {
    const [head, payload, signature] = token().split('.') as [string, string, string]
    expect(outcome(`${head}.${payload}.${signature}`)).toBe('ok')
    for (const change of ['=', '==', '+', '/', '?', ' ', '\t', '\u0000', 'Ä', '%3D']) {
      for (const at of [0, 1, 2]) {
        for (const place of [0, 2, Number.MAX_SAFE_INTEGER]) {
          const segments = [head, payload, signature]
          const text = segments[at] ?? ''
          segments[at] = text.slice(0, place) + change + text.slice(place)
          expect(outcome(segments.join('.'))).toBe('token_malformed')
        }
      }
    }
    // Trailing bits: the last character of a segment of 3 or 2 mod 4 has bits that decode to nothing.
    expect(outcome(`${head}.${payload}.AAB`)).toBe('token_malformed')
    expect(outcome(`${head}.${payload}.AB`)).toBe('token_malformed')
    expect(outcome(`${head}.${payload}.A`)).toBe('token_malformed')
  })

  it('JT-07 A-19 CVE-2025-30204 CVE-2025-27144 CVE-2025-61920 looks at no token that is too long', () => {
    const longest = token(
      header,
      Buffer.alloc(6000),
      'A'.repeat(maxTokenLength - token(header, Buffer.alloc(6000), '').length),
    )
    expect(longest).toHaveLength(maxTokenLength)
    expect(outcome(longest)).toBe('ok')
    expect(outcome(`${longest}A`)).toBe('token_malformed')
    for (const text of ['.'.repeat(1_000_000), `${'A'.repeat(8_000_000)}.e30.AAAA`, '.'.repeat(12_000)]) {
      expect(outcome(text)).toBe('token_malformed')
      expect(quickestMs(() => outcome(text))).toBeLessThan(1)
    }
  })

  it.each([undefined, null, 7, {}, [token()], new String(token()), { toString: () => token() }])(
    'JT-06 refuses what is no string, case %#',
    (value) => {
      expect(outcome(value)).toBe('token_malformed')
    },
  )

  it.each([
    ['an empty crit', { crit: [] }],
    ['an unknown crit', { crit: ['x'], x: 1 }],
    ['a known crit', { crit: ['b64'], b64: true }],
    ['a crit that is no list', { crit: 'exp' }],
    ['crit: null', { crit: null }],
    ['b64: false', { b64: false }],
    ['b64: false with crit', { crit: ['b64'], b64: false }],
    ['b64: true', { b64: true }],
  ])('JT-05 CVE-2026-35042 refuses %s', (_, change) => {
    expect(outcome(token({ ...header, ...change }))).toBe('token_malformed')
  })

  it.each(['jwk', 'jku', 'x5u', 'x5c'])('JT-04 CVE-2018-0114 refuses a header with %s', (name) => {
    expect(outcome(token({ ...header, [name]: 'https://evil.example/' }))).toBe('token_malformed')
  })

  it.each([
    ['no alg', { alg: undefined }],
    ['alg: null', { alg: null }],
    ['alg: []', { alg: [] }],
    ['alg: {}', { alg: {} }],
    ['alg: ["ES256"]', { alg: ['ES256'] }],
    ['no kid', { kid: undefined }],
    ['an empty kid', { kid: '' }],
    ['a kid that is no string', { kid: 1 }],
    ['a kid that is a list', { kid: ['a'] }],
    ['a long kid', { kid: 'k'.repeat(129) }],
    ['a typ that is no string', { typ: ['at+jwt'] }],
    ['typ: null', { typ: null }],
  ])('JT-02 refuses a header with %s', (_, change) => {
    expect(outcome(token({ ...header, ...change }))).toBe('token_malformed')
  })

  it.each([
    '[]',
    'null',
    '"a"',
    '1',
    '{',
    '{"alg":"ES256","alg":"none","kid":"a"}',
    '{"alg":"ES256","kid":"a","kid":"b"}',
    '\ufeff{}',
  ])('JT-08 refuses the header %s', (text) => {
    expect(outcome(token(text))).toBe('token_malformed')
  })

  it('throws nothing but a refusal, whatever comes', () => {
    const part = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.json().map(segment),
      fc.dictionary(fc.constantFrom('alg', 'kid', 'typ', 'crit', '__proto__', 'toString'), fc.jsonValue()).map(segment),
      fc.uint8Array().map(segment),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        expect(['ok', 'token_malformed']).toContain(outcome(parts.join('.')))
      }),
      { numRuns: 5000 },
    )
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(['ok', 'token_malformed']).toContain(outcome(value))
      }),
    )
    expect(outcome(token(`{"alg":"ES256","kid":"a","x":${'['.repeat(2900)}${']'.repeat(2900)}}`))).toBe('ok')
  })
})
