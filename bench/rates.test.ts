import { describe, expect, it } from 'vitest'
import { compareRates } from './rates.js'
import { missesBound } from './report.js'

describe('compareRates', () => {
  it('gives ratios within a round, and counts no round before the first', async () => {
    let speed = 1e9
    const worker = (name: string, rate: number, atLeast?: number) => ({
      name,
      ...(atLeast === undefined ? {} : { atLeast }),
      measure: async () => {
        const measured = rate * speed
        speed = speed === 1e9 ? 1 : speed * 0.999
        return measured
      },
    })
    const { standings } = await compareRates({
      name: 'slowing-down',
      contenders: [worker('one', 1000), worker('double', 2000, 2.5), worker('half', 500, 0.4)],
      rounds: 5,
    })
    expect(standings.map(({ ratio }) => Math.round(ratio * 10) / 10)).toEqual([1, 2, 0.5])
    expect(standings.map(missesBound)).toEqual([false, true, false])
  })
})

describe('missesBound', () => {
  const standing = { name: 'work', medianMicroseconds: 1, ratioRange: [1, 1] as const }

  it('takes the bound itself for good enough, and what is no number for a miss', () => {
    const missed = (ratio: number, atMost: number) => missesBound({ ...standing, ratio, atMost })
    expect([missed(1.3, 1.3), missed(1.31, 1.3), missed(Number.NaN, 1.3)]).toEqual([false, true, true])
  })

  it('misses nothing where there is no bound', () => {
    expect(missesBound({ ...standing, ratio: 1000 })).toBe(false)
  })
})
