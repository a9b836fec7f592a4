import { describe, expect, it } from 'vitest'
import { createSharedRun } from './shared-run.js'

interface Run {
  finish(value: string): void
  fail(error: Error): void
}

function controlled(): { runs: Run[]; shared: ReturnType<typeof createSharedRun<string>> } {
  const runs: Run[] = []
  const shared = createSharedRun(
    () => new Promise<string>((resolve, reject) => void runs.push({ finish: resolve, fail: reject })),
  )
  return { runs, shared }
}

describe('createSharedRun', () => {
  it('lets all who join share one run, and starts another for who comes later', async () => {
    const { runs, shared } = controlled()
    const both = Promise.all([shared.join(), shared.join()])
    expect(runs).toHaveLength(1)
    runs[0]?.finish('a')
    expect(await both).toEqual(['a', 'a'])
    const later = shared.join()
    runs[1]?.finish('b')
    expect(await later).toBe('b')
  })

  it('gives who wants a fresh one a run that begins after the call, one for all of them', async () => {
    const { runs, shared } = controlled()
    const first = shared.join()
    const fresh = Promise.all([shared.fresh(), shared.fresh()])
    expect(runs).toHaveLength(1)
    runs[0]?.finish('old')
    expect(await first).toBe('old')
    await Promise.resolve()
    expect(runs).toHaveLength(2)
    const joined = shared.join()
    runs[1]?.finish('new')
    expect(await fresh).toEqual(['new', 'new'])
    expect(await joined).toBe('new')
  })

  it('never runs twice at once, whoever asks in between', async () => {
    let running = 0
    let most = 0
    let total = 0
    const shared = createSharedRun(async () => {
      most = Math.max(most, ++running)
      total++
      await new Promise((resolve) => setImmediate(resolve))
      running--
    })
    const asked: Promise<void>[] = []
    for (let i = 0; i < 200; i++) {
      asked.push(i % 3 === 0 ? shared.join() : shared.fresh())
      if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
      if (i % 7 === 0) await Promise.resolve()
    }
    await Promise.all(asked)
    expect(most).toBe(1)
    expect(total).toBeGreaterThan(10)
  })

  it('tells a failure to those who waited for that run, and to nobody else', async () => {
    const { runs, shared } = controlled()
    const first = shared.join()
    const fresh = shared.fresh()
    runs[0]?.fail(new Error('down'))
    await expect(first).rejects.toThrow('down')
    await Promise.resolve()
    runs[1]?.finish('up')
    expect(await fresh).toBe('up')
  })
})
