import { describe, expect, it } from 'vitest'
import { lazy } from './lazy.js'

describe('lazy', () => {
  it('makes the value once for all who ask at the same time and later', async () => {
    let made = 0
    const value = lazy(async () => ++made)
    expect(await Promise.all([value(), value(), value()])).toEqual([1, 1, 1])
    expect(await value()).toBe(1)
  })

  it('tells a failure to all who waited for it, and tries again at the next use', async () => {
    let tries = 0
    const value = lazy(async () => {
      if (++tries === 1) throw new Error('first')
      return tries
    })
    const outcomes = await Promise.allSettled([value(), value()])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await value()).toBe(2)
  })
})
