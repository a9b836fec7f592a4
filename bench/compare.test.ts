import { describe, expect, it } from 'vitest'
import { compare } from './compare.js'

describe('compare', () => {
  it('gives ratios within a round, so that a machine that slows down changes none', async () => {
    let clock = 0
    let slowness = 1
    const worker = (name: string, ms: number) => ({
      name,
      run: () => {
        clock += ms * slowness
        slowness *= 1.0001
      },
    })
    const { standings } = await compare({
      name: 'slowing-down',
      contenders: [worker('one', 1), worker('two', 2), worker('half', 0.5)],
      rounds: 21,
      turnMs: 4,
      now: () => clock,
    })
    expect(standings.map(({ ratio }) => Math.round(ratio * 10) / 10)).toEqual([1, 2, 0.5])
    for (const { ratio, ratioRange } of standings) {
      expect(ratioRange[0]).toBeLessThanOrEqual(ratio)
      expect(ratioRange[1]).toBeGreaterThanOrEqual(ratio)
    }
  })

  it('gives each its turn in every round, in another order each time', async () => {
    const turns: string[] = []
    let clock = 0
    const worker = (name: string) => ({
      name,
      run: async () => {
        clock += 10
        turns.push(name)
      },
    })
    await compare({ name: 'turns', contenders: [worker('a'), worker('b')], rounds: 4, turnMs: 1, now: () => clock })
    expect(turns.slice(2).join('')).toBe('abbaabba')
  })
})
