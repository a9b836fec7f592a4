import { describe, expect, it } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.js'
import type { ApiKeyUses } from './api-key-store.js'
import { createUseLog } from './use-log.js'

function testLog() {
  const clock = virtualClock()
  const written: (readonly ApiKeyUses[])[] = []
  const errors: unknown[] = []
  const state = { fails: false }
  const store = {
    recordUses: async (uses: readonly ApiKeyUses[]) => {
      if (state.fails) throw new Error('down')
      written.push(uses)
    },
  }
  return { clock, written, errors, state, log: createUseLog({ store, clock, onError: (error) => errors.push(error) }) }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the log of uses', () => {
  it('AK-06 writes at most once a minute, all keys in one call, and nothing while none is used', async () => {
    const { clock, written, log } = testLog()
    for (let second = 0; second < 300; second++) {
      for (let i = 0; i < 10; i++) log.note(`key-${i % 2}`)
      await clock.advance(1000)
      await settle()
    }
    expect(written.length).toBeGreaterThanOrEqual(4)
    expect(written.length).toBeLessThanOrEqual(5)
    await log.flush()
    const uses = written.flat().filter(({ id }) => id === 'key-0')
    expect(uses.reduce((sum, use) => sum + use.uses, 0)).toBe(1500)
    const before = written.length
    for (let minute = 0; minute < 10; minute++) {
      await clock.advance(60_000)
      await settle()
    }
    expect(written).toHaveLength(before)
  })

  it('writes the last uses also when nobody comes after them', async () => {
    const { clock, written, log } = testLog()
    log.note('key')
    const at = clock.now()
    await clock.advance(59_999)
    await settle()
    expect(written).toEqual([])
    await clock.advance(1)
    await settle()
    expect(written).toEqual([[{ id: 'key', lastUsedAt: at, uses: 1 }]])
  })

  it('where timers do not run, the next use writes what is a minute old', async () => {
    const { clock, written, log } = testLog()
    const frozen = { ...clock, wait: () => new Promise<void>(() => undefined) }
    const store = { recordUses: async (uses: readonly ApiKeyUses[]) => void written.push(uses) }
    const other = createUseLog({ store, clock: frozen, onError: () => undefined })
    other.note('key')
    await clock.advance(60_000)
    other.note('key')
    await settle()
    expect(written).toMatchObject([[{ id: 'key', uses: 2 }]])
    await log.flush()
  })

  it('AK-06 keeps what could not be written, reports it, and tries again a minute later', async () => {
    const { clock, written, errors, state, log } = testLog()
    state.fails = true
    log.note('key')
    await clock.advance(60_000)
    await settle()
    expect(errors).toHaveLength(1)
    log.note('key')
    await expect(log.flush()).rejects.toThrow('down')
    state.fails = false
    await clock.advance(60_000)
    await settle()
    expect(written).toMatchObject([[{ id: 'key', uses: 2 }]])
  })

  it('does not grow without a bound', async () => {
    const { written, log } = testLog()
    for (let i = 0; i < 10_500; i++) log.note(`key-${i}`)
    log.note('key-0')
    await log.flush()
    expect(written[0]).toHaveLength(10_000)
    expect(written[0]?.[0]).toMatchObject({ id: 'key-0', uses: 2 })
  })
})
