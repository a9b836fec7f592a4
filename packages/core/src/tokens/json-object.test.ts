import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../shared/bytes.js'
import { parseJsonObject } from './json-object.js'

const parse = (text: string): unknown => parseJsonObject(utf8(text))

describe('parseJsonObject', () => {
  it.each([
    '{"sub":"a","sub":"b"}',
    '{"sub":"a","sub":"a"}',
    '{"sub":"a","\\u0073ub":"b"}',
    '{"a":{"b":1,"b":1}}',
    '{"a":[{"b":1,"b":1}]}',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
    '{"1":0,"1":0}',
  ])('JT-08 refuses a member named twice: %s', (text) => {
    expect(parse(text)).toBeNull()
  })

  it.each([
    '',
    '[]',
    '[{}]',
    'null',
    'true',
    '1',
    '"{}"',
    '{',
    '{}x',
    '\ufeff{}',
    "{'a':1}",
    '{"a":1,}',
    '{"a":NaN}',
    '{} {}',
  ])('JT-08 refuses what is no object: %j', (text) => {
    expect(parse(text)).toBeNull()
  })

  it.each([
    [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d],
    [0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d],
    [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d],
    [0xfe, 0xff, 0x00, 0x7b, 0x00, 0x7d],
    [0xef, 0xbb, 0xbf, 0x7b, 0x7d],
  ])('JT-08 refuses what is not UTF-8, case %#', (...bytes) => {
    expect(parseJsonObject(new Uint8Array(bytes))).toBeNull()
  })

  it('reads every object as JSON.parse does, whatever stands in its strings', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value)
        expect(parse(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 1000 },
    )
    expect(parse('{"a\\":\\\\":":","b":"\\\\"}')).toEqual({ 'a":\\': ':', b: '\\' })
    expect(parse('{"__proto__":{"admin":true}}')).not.toHaveProperty('admin')
  })

  it('JT-08 refuses any object once one of its members is written twice', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.jsonValue(), (value, other) => {
        const [name = ''] = Object.keys(value)
        const text = `${JSON.stringify(value).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(other)}}`
        expect(parse(text)).toBeNull()
      }),
      { numRuns: 1000 },
    )
  })

  it('takes any depth', () => {
    expect(parse(`{"a":${'['.repeat(4000)}${']'.repeat(4000)}}`)).not.toBeNull()
    expect(parse(`${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`)).not.toBeNull()
    expect(parse('['.repeat(8000))).toBeNull()
  })
})
