import { describe, expect, it } from 'vitest'
import { memoryAttemptStore } from '../memory/attempt-store.js'
import { virtualClock } from '../testing/virtual-clock.js'
import type { AttemptStore } from '../throttle/index.js'
import type { ApiKeyLimit } from './api-key-settings.js'
import { createLimitLeases } from './limit-leases.js'

function testNodes(count: number) {
  const clock = virtualClock()
  const inner = memoryAttemptStore()
  let calls = 0
  const late = async <T>(act: () => Promise<T>): Promise<T> => {
    calls++
    await new Promise(setImmediate)
    return act()
  }
  const store: Pick<AttemptStore, 'take' | 'giveBack'> = {
    take: (take) => late(() => inner.take(take)),
    giveBack: (key, slot) => late(() => inner.giveBack(key, slot)),
  }
  const nodes = Array.from({ length: count }, () => createLimitLeases(store, clock))
  return { clock, nodes, calls: () => calls }
}

async function tally(asked: readonly Promise<void>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const outcome of await Promise.allSettled(asked)) {
    const name = outcome.status === 'fulfilled' ? 'ok' : String((outcome.reason as { code?: string }).code)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

describe('a limit', () => {
  it.each([1, 3, 50, 51, 100, 1000])(
    'of %i lets exactly so many through in each span, however many ask at once',
    async (requests) => {
      const { clock, nodes } = testNodes(1)
      const limit: ApiKeyLimit = { requests, per: '1m' }
      for (let span = 0; span < 2; span++) {
        const asked = Array.from(
          { length: requests + 7 },
          () => nodes[0]?.spend('key', 'rate', limit) ?? Promise.reject(new Error()),
        )
        expect(await tally(asked)).toEqual({ ok: requests, too_many_attempts: 7 })
        await clock.advance(60_000)
      }
    },
  )

  it('is never exceeded by many processes together, and costs few writes', async () => {
    const { nodes, calls } = testNodes(8)
    const limit: ApiKeyLimit = { requests: 1000, per: '1m' }
    const asked = Array.from(
      { length: 4000 },
      (_, i) => nodes[i % 8]?.spend('key', 'rate', limit) ?? Promise.reject(new Error()),
    )
    const { ok = 0, too_many_attempts: refused = 0 } = await tally(asked)
    expect(ok + refused).toBe(4000)
    expect(ok).toBe(1000)
    expect(calls()).toBeLessThanOrEqual(50 + 2 * 8)
  })

  it('is each key’s own, and each name’s own', async () => {
    const { nodes } = testNodes(1)
    const limit: ApiKeyLimit = { requests: 1, per: '1m' }
    const spend = (key: string, name: string) => nodes[0]?.spend(key, name, limit) ?? Promise.reject(new Error())
    expect(await tally([spend('a', 'rate'), spend('b', 'rate'), spend('a', 'quota')])).toEqual({ ok: 3 })
    expect(await tally([spend('a', 'rate'), spend('b', 'rate'), spend('a', 'quota')])).toEqual({ too_many_attempts: 3 })
  })

  it('BF-09 says in its refusal what it is and when it is over', async () => {
    const { clock, nodes } = testNodes(1)
    await clock.advance(20_000)
    await nodes[0]?.spend('key', 'api-key-rate', { requests: 1, per: 60 })
    await expect(nodes[0]?.spend('key', 'api-key-rate', { requests: 1, per: 60 })).rejects.toMatchObject({
      code: 'too_many_attempts',
      details: {
        retryAfterSeconds: 40,
        rateLimit: { policy: 'api-key-rate', quota: 1, windowSeconds: 60, remaining: 0, resetSeconds: 40 },
      },
    })
  })

  it('is not lifted by a ledger that does not answer', async () => {
    const down = { take: () => Promise.reject(new Error('down')), giveBack: () => Promise.reject(new Error('down')) }
    const leases = createLimitLeases(down, virtualClock())
    const spend = (): Promise<void> => leases.spend('key', 'rate', { requests: 10, per: '1m' })
    expect(await tally([spend(), spend(), spend()])).toEqual({ undefined: 3 })
    await expect(spend()).rejects.toThrow('down')
  })
})
