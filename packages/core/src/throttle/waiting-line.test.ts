import { describe, expect, it } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.js'
import { createWaitingLine } from './waiting-line.js'

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
}

/** A line in front of a number of places. */
function setUp() {
  const clock = virtualClock()
  const state = { free: 0, tries: 0 }
  const served: string[] = []
  const line = createWaitingLine<{ name: string }>({
    clock,
    pollMs: 50,
  })
  const patience = (waitMs = 1000) => ({
    deadline: clock.monotonicMs() + waitMs,
    onTimeout: () => new Error('waited too long'),
  })
  const pass = (name: string, waitMs?: number): Promise<unknown> =>
    line
      .pass(
        'key',
        async () => {
          state.tries++
          if (state.free === 0) return null
          state.free--
          return { name }
        },
        patience(waitMs),
      )
      .then(
        ({ name }) => served.push(name),
        (error: unknown) => error,
      )
  return { clock, state, served, line, pass, patience }
}

describe('createWaitingLine', () => {
  it('serves in order of arrival, also those who come when something is free', async () => {
    const { state, served, line, pass } = setUp()
    for (const name of ['a', 'b', 'c']) {
      void pass(name)
      await turns()
    }
    state.free = 2
    void pass('d')
    line.wake('key')
    await turns()
    expect(served).toEqual(['a', 'b'])
    state.free = 2
    line.wake('key')
    await turns()
    expect(served).toEqual(['a', 'b', 'c', 'd'])
  })

  it('asks for a crowd no more often than for one: every 50 ms, and when woken', async () => {
    const { clock, state, pass } = setUp()
    void pass('first')
    await turns()
    for (let i = 0; i < 100; i++) void pass(`behind ${i}`)
    await turns()
    const before = state.tries
    for (let ms = 0; ms < 500; ms += 50) {
      await clock.advance(50)
      await turns()
    }
    expect(state.tries - before).toBe(10)
  })

  it('tries again at once when woken in the middle of a try', async () => {
    const { clock, state, served, line, patience } = setUp()
    let answer = (_: { name: string } | null): void => {}
    const passing = line
      .pass(
        'key',
        () => {
          state.tries++
          return new Promise((resolve) => {
            answer = resolve
          })
        },
        patience(),
      )
      .then(({ name }) => served.push(name))
    answer(null)
    await turns()
    line.wake('key')
    answer(null)
    await turns()
    expect(state.tries).toBe(3)
    expect(clock.monotonicMs()).toBe(0)
    answer({ name: 'a' })
    await passing
    expect(served).toEqual(['a'])
  })

  it('refuses each after its own second', async () => {
    const { clock, served, state, pass } = setUp()
    const first = pass('first')
    await turns()
    await clock.advance(500)
    const second = pass('second')
    for (let ms = 0; ms < 500; ms += 50) {
      await turns()
      await clock.advance(50)
    }
    expect(await first).toEqual(new Error('waited too long'))
    await turns()
    state.free = 1
    await clock.advance(50)
    await second
    expect(served).toEqual(['second'])
  })

  it('refuses in time also one who had waited elsewhere before, and stands behind others', async () => {
    const { clock, state, served, pass } = setUp()
    void pass('first')
    await turns()
    const second = pass('second', 200)
    for (let ms = 0; ms < 200; ms += 50) {
      await turns()
      await clock.advance(50)
    }
    await turns()
    expect(await second).toEqual(new Error('waited too long'))
    state.free = 2
    await clock.advance(50)
    await turns()
    expect(served).toEqual(['first'])
  })

  it('refuses the whole line with what the first one meets', async () => {
    const { line, clock, patience } = setUp()
    let isBlocked = false
    const tryOnce = async () => {
      if (isBlocked) throw new Error('blocked')
      return null
    }
    const passing = Array.from({ length: 5 }, () => line.pass('key', tryOnce, patience()).catch((error: unknown) => error))
    await turns()
    isBlocked = true
    await clock.advance(50)
    expect(await Promise.all(passing)).toEqual(Array.from({ length: 5 }, () => new Error('blocked')))
  })

  it('lets nobody join a line that is no longer served', async () => {
    const { clock, state, line, pass } = setUp()
    // Arrives in every turn around the end of a line.
    for (let delay = 0; delay < 12; delay++) {
      const first = pass('first')
      await turns()
      state.free = 2
      line.wake('key')
      for (let i = 0; i < delay; i++) await Promise.resolve()
      const second = pass('second')
      await turns()
      await clock.advance(50)
      await turns()
      await Promise.all([first, second])
      expect(state.free).toBe(0)
    }
  })
})
