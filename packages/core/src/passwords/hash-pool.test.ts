import { describe, expect, it } from 'vitest'
import { createHashPool } from './hash-pool.js'

/** Work that ends when it is told to. */
function manualWork(log: string[]) {
  const ends = new Map<string, (error?: Error) => void>()
  const start = (name: string) => (): Promise<string> => {
    log.push(name)
    return new Promise((resolve, reject) => ends.set(name, (error) => (error ? reject(error) : resolve(name))))
  }
  const end = async (name: string, error?: Error): Promise<void> => {
    ends.get(name)?.(error)
    await new Promise(setImmediate)
  }
  return { start, end }
}

describe('createHashPool', () => {
  it('PW-11 works on no more than its concurrency and serves the queue in order', async () => {
    const log: string[] = []
    const { start, end } = manualWork(log)
    const pool = createHashPool({ concurrency: 2, queue: 10 })
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => pool.run(start(name)))
    await new Promise(setImmediate)
    expect(log).toEqual(['a', 'b'])
    await end('b')
    expect(log).toEqual(['a', 'b', 'c'])
    await end('a')
    await end('c')
    expect(log).toEqual(['a', 'b', 'c', 'd', 'e'])
    await end('d')
    await end('e')
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('PW-11 lets nobody overtake the queue at the moment a place is free', async () => {
    const log: string[] = []
    const { start, end } = manualWork(log)
    const pool = createHashPool({ concurrency: 1, queue: 10 })
    const first = pool.run(start('first'))
    const queued = pool.run(start('queued'))
    await new Promise(setImmediate)
    const late = first.then(() => pool.run(start('late')))
    await end('first')
    expect(log).toEqual(['first', 'queued'])
    await end('queued')
    await end('late')
    expect(await Promise.all([queued, late])).toEqual(['queued', 'late'])
  })

  it('PW-11 refuses with overloaded and a Retry-After once the queue is full, without starting the work', async () => {
    const log: string[] = []
    const { start, end } = manualWork(log)
    const pool = createHashPool({ concurrency: 1, queue: 1 })
    const [a, b] = [pool.run(start('a')), pool.run(start('b'))]
    await expect(pool.run(start('c'))).rejects.toMatchObject({ code: 'overloaded', details: { retryAfterSeconds: 1 } })
    await end('a')
    const d = pool.run(start('d'))
    await end('b')
    await end('d')
    expect(await Promise.all([a, b, d])).toEqual(['a', 'b', 'd'])
    expect(log).toEqual(['a', 'b', 'd'])
  })

  it('PW-11 frees the place of work that fails, at once or later', async () => {
    const pool = createHashPool({ concurrency: 1, queue: 1 })
    for (let i = 0; i < 5; i++) {
      await expect(pool.run(() => Promise.reject(new Error('later')))).rejects.toThrow('later')
      await expect(
        pool.run(() => {
          throw new Error('at once')
        }),
      ).rejects.toThrow('at once')
    }
    expect(await pool.run(async () => 'free')).toBe('free')
  })
})
