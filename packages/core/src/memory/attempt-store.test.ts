import { describe, expect, it } from 'vitest'
import { memoryAttemptStore } from './attempt-store.js'

const at = (second: number): Date => new Date(1_800_000_000_000 + second * 1000)
const take = (slot: string, second: number, key = 'key') => ({ key, slot, now: at(second), expiresAt: at(second + 100) })

describe('memoryAttemptStore', () => {
  it('answers each take with all slots taken before it, in the order in which they were taken', async () => {
    const store = memoryAttemptStore()
    const names = ['a', 'b', 'c', 'd']
    const answers = await Promise.all(names.map((slot) => store.take(take(slot, 0))))
    expect(answers.map((slots) => slots.map(({ id }) => id))).toEqual([['a'], ['a', 'b'], ['a', 'b', 'c'], names])
    expect(await store.find('key', at(0))).toEqual(answers[3])
    expect(await store.find('other', at(0))).toEqual([])
  })

  it('marks and removes exactly one slot, once', async () => {
    const store = memoryAttemptStore()
    for (const slot of ['a', 'b', 'c']) await store.take(take(slot, 0))
    expect((await store.settle('key', 'b', at(0))).map(({ failed }) => failed)).toEqual([false, true, false])
    await store.settle('key', 'gone', at(0))
    expect(await store.settle('other', 'a', at(0))).toEqual([])
    const outcomes = await Promise.all([
      store.giveBack('key', 'a'),
      store.giveBack('key', 'a'),
      store.giveBack('other', 'c'),
    ])
    expect(outcomes).toEqual([true, false, false])
    expect(await store.find('key', at(0))).toEqual([
      { id: 'b', at: at(0), failed: true },
      { id: 'c', at: at(0), failed: false },
    ])
  })

  it('leaves expired slots out, judged by the time passed in, and deletes them in batches', async () => {
    const store = memoryAttemptStore()
    await store.take(take('a', 0))
    await store.take(take('b', 1, 'second'))
    await store.take(take('c', 50))
    expect((await store.find('key', at(100))).map(({ id }) => id)).toEqual(['c'])
    expect((await store.take(take('d', 100))).map(({ id }) => id)).toEqual(['c', 'd'])
    expect((await store.find('key', at(99))).map(({ id }) => id)).toEqual(['a', 'c', 'd'])
    expect(await store.deleteExpired(at(102), 1)).toBe(1)
    expect(await store.deleteExpired(at(102), 5)).toBe(1)
    expect(await store.deleteExpired(at(102), 5)).toBe(0)
    expect((await store.find('key', at(0))).map(({ id }) => id)).toEqual(['c', 'd'])
    expect(await store.find('second', at(0))).toEqual([])
  })

  it('forgets a key', async () => {
    const store = memoryAttemptStore()
    await store.take(take('a', 0))
    await store.clear('key')
    expect(await store.find('key', at(0))).toEqual([])
    expect(await store.giveBack('key', 'a')).toBe(false)
  })

  it('keeps copies: what the caller changes afterwards changes nothing here', async () => {
    const store = memoryAttemptStore()
    const given = take('a', 0)
    const [answered] = await store.take(given)
    given.now.setTime(0)
    given.expiresAt.setTime(0)
    answered?.at.setTime(0)
    expect(await store.find('key', at(0))).toEqual([{ id: 'a', at: at(0), failed: false }])
  })
})
