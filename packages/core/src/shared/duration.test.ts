import { describe, expect, it } from 'vitest'
import { durationSeconds, later } from './duration.js'

describe('durationSeconds', () => {
  it.each([
    ['15m', 900],
    ['30d', 2_592_000],
    ['90s', 90],
    ['1h', 3600],
    [0, 0],
    [75, 75],
  ])('reads %j', (duration, seconds) => {
    expect(durationSeconds(duration)).toBe(seconds)
  })

  it.each([
    '',
    '15',
    'm',
    '-1s',
    '1.5h',
    '1w',
    '15 m',
    '15m ',
    '1'.repeat(10).concat('s'),
    -1,
    1.5,
    Number.NaN,
    Infinity,
    null,
    {},
    [],
  ])('refuses %j', (duration) => {
    expect(durationSeconds(duration)).toBeNull()
  })
})

it('later adds seconds', () => {
  expect(later(new Date(1000), 2).getTime()).toBe(3000)
})
