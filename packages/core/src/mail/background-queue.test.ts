import { describe, expect, it } from 'vitest'
import { createBackgroundQueue } from './background-queue.js'

const limits = { concurrency: 1, capacity: 6, strangers: { each: 2, all: 4 } }
const never = (): Promise<void> => new Promise(() => undefined)

function busyQueue(): ReturnType<typeof createBackgroundQueue> {
  const queue = createBackgroundQueue(limits)
  queue.push(never)
  return queue
}

describe('a queue of work after the answer', () => {
  it('leaves room for others beside one stranger, and for what is nobody’s wish beside all of them', () => {
    const queue = busyQueue()
    const taken = (stranger?: string, times = 9): number =>
      Array.from({ length: times }, () => queue.push(never, stranger)).filter(Boolean).length
    expect([taken('a'), taken('b'), taken('c')]).toEqual([2, 2, 0])
    expect([taken(), taken('d')]).toEqual([2, 0])
  })

  it('takes a stranger’s next wish once an earlier one has had its turn', async () => {
    const queue = createBackgroundQueue(limits)
    const done: string[] = []
    for (const name of ['1', '2', '3']) queue.push(async () => void done.push(name), 'a')
    expect(queue.push(never, 'a')).toBe(false)
    await queue.idle()
    expect(done).toEqual(['1', '2', '3'])
    expect(queue.push(async () => undefined, 'a')).toBe(true)
  })

  it('goes on after a job that failed, and is idle when all are done', async () => {
    const queue = createBackgroundQueue(limits)
    const done: string[] = []
    queue.push(() => Promise.reject(new Error('down')))
    queue.push(async () => void done.push('next'))
    await queue.idle()
    expect(done).toEqual(['next'])
  })
})
