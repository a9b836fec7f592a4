import { describe, expect, it } from 'vitest'
import { expectEqual, expectThat } from './expectations.js'

const told = (actual: unknown, expected: unknown): string | null => {
  try {
    expectEqual(actual, expected, 'a sentence')
    return null
  } catch (error) {
    return error instanceof Error ? error.message : 'no error'
  }
}

describe('expectEqual', () => {
  it('compares by value', () => {
    const value = { at: new Date(5), list: ['a', null, { deep: 1 }], absent: undefined }
    expect(told(value, { at: new Date(5), list: ['a', null, { deep: 1 }] })).toBeNull()
    expect(told([], [])).toBeNull()
    expect(told(null, null)).toBeNull()
  })

  it.each([
    [null, undefined],
    [null, {}],
    [[], {}],
    [{}, []],
    ['', null],
    ['5', 5],
    [new Date(5), new Date(6)],
    [new Date(5), '1970-01-01T00:00:00.005Z'],
    [new Date(5), {}],
    [{}, new Date(5)],
    [new Date(Number.NaN), new Date(5)],
    [['a'], ['a', 'b']],
    [
      ['b', 'a'],
      ['a', 'b'],
    ],
    [{ a: 1, b: 2 }, { a: 1 }],
    [{ a: 1 }, { a: 1, b: null }],
    [{ a: 1 }, { toString: 1 }],
    [{}, JSON.parse('{ "__proto__": 1 }')],
  ])('tells %j from %j', (actual, expected) => {
    expect(told(actual, expected)).toMatch(/^broken promise: a sentence; /)
  })

  it('says where the difference is, and keeps it short', () => {
    expect(told({ list: [{ at: new Date(0) }] }, { list: [{ at: null }] })).toBe(
      'broken promise: a sentence; .list.0.at expected null, got 1970-01-01T00:00:00.000Z',
    )
    expect(told('x'.repeat(5000), '')?.length).toBeLessThan(400)
  })
})

it('expectThat names the sentence that is broken', () => {
  expect(() => expectThat(true, 'a sentence')).not.toThrow()
  expect(() => expectThat(false, 'a sentence')).toThrow('broken promise: a sentence')
})
