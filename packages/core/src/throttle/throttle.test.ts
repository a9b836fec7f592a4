import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuthError, ConfigError, StoreError } from '../errors.js'
import { memoryAttemptStore } from '../memory/attempt-store.js'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.js'
import {
  type Attempt,
  type AttemptStore,
  accountPolicy,
  addressPolicy,
  createThrottle,
  type Throttle,
  type ThrottlePolicies,
} from './index.js'

const ip = '203.0.113.7'
const begin = (throttle: Throttle, from: string = ip): Promise<Attempt> => throttle.begin({ kind: 'password', ip: from })
const refusalOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'admitted',
    (error: unknown) => error,
  )

/** A store that counts its calls, and lets each start and answer late by as many turns as `delay` says. */
function watched(inner: AttemptStore, delay: () => number = () => 0) {
  const calls: string[] = []
  const keys = new Set<string>()
  const late = async <T>(name: string, key: string, act: () => Promise<T>): Promise<T> => {
    calls.push(name)
    keys.add(key)
    for (let turns = delay(); turns > 0; turns--) await new Promise(setImmediate)
    const answer = await act()
    for (let turns = delay(); turns > 0; turns--) await new Promise(setImmediate)
    return answer
  }
  const store: AttemptStore = {
    ...inner,
    find: (key, now) => late('find', key, () => inner.find(key, now)),
    take: (take) => late('take', take.key, () => inner.take(take)),
    settle: (key, slot, now) => late('settle', key, () => inner.settle(key, slot, now)),
    giveBack: (key, slot) => late('giveBack', key, () => inner.giveBack(key, slot)),
  }
  return { store, calls, keys, count: (name: string) => calls.filter((call) => call === name).length }
}

/** Lets everything that needs no time go on: digests and late stores. */
async function quiet(): Promise<void> {
  for (let round = 0; round < 8; round++) {
    await crypto.subtle.digest('SHA-256', new Uint8Array(1))
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  }
}

/** Moves the clock in small steps until the promise is settled. */
async function during<T>(clock: VirtualClock, promise: Promise<T>, stepMs = 10): Promise<T> {
  let isSettled = false
  const settle = (): void => {
    isSettled = true
  }
  promise.then(settle, settle)
  for (await quiet(); !isSettled; await quiet()) await clock.advance(stepMs)
  return promise
}

async function fail(throttle: Throttle, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await (await begin(throttle)).failed()
}

function setUp(count: 'failures' | 'attempts' = 'failures') {
  const clock = virtualClock()
  const memory = memoryAttemptStore()
  const watch = watched(memory)
  const node = (): Throttle => createThrottle({ store: watch.store, clock, count })
  return { clock, memory, ...watch, node, throttle: node() }
}

const tooMany = (retryAfterSeconds: number): object => ({
  code: 'too_many_attempts',
  details: {
    retryAfterSeconds,
    rateLimit: { policy: 'password-address', quota: 5, windowSeconds: 60, remaining: 0, resetSeconds: retryAfterSeconds },
  },
})

describe('createThrottle', () => {
  it('admits five failures, then refuses until the oldest is a minute old', async () => {
    const { clock, throttle } = setUp()
    for (let i = 0; i < 5; i++) {
      await fail(throttle, 1)
      await clock.advance(2000)
    }
    await expect(begin(throttle)).rejects.toMatchObject(tooMany(50))
    await clock.advance(48_500)
    await expect(begin(throttle)).rejects.toMatchObject(tooMany(2))
    await clock.advance(1500)
    await fail(throttle, 1)
    await expect(begin(throttle)).rejects.toMatchObject(tooMany(2))
  })

  it('locks an address that keeps failing: a minute, a minute, 15 minutes, an hour', async () => {
    const { clock, throttle } = setUp()
    for (const seconds of [60, 60, 900, 3600, 3600]) {
      await fail(throttle, 5)
      await expect(begin(throttle)).rejects.toMatchObject(tooMany(seconds))
      await clock.advance(seconds * 1000 - 1)
      await expect(begin(throttle)).rejects.toMatchObject(tooMany(1))
      await clock.advance(1)
    }
  })

  it('counts no success: a slot that was given back is gone, and only that one', async () => {
    const { throttle, memory, clock, keys } = setUp()
    await fail(throttle, 2)
    for (let i = 0; i < 50; i++) await (await begin(throttle)).giveBack()
    const attempt = await begin(throttle)
    await Promise.all([attempt.giveBack(), attempt.giveBack(), attempt.failed()])
    await attempt.giveBack()
    const [key = ''] = keys
    expect(await memory.find(key, clock.now())).toHaveLength(2)
    await fail(throttle, 3)
    await expect(begin(throttle)).rejects.toMatchObject(tooMany(60))
  })

  it('counts successes too where attempts are limited', async () => {
    const { throttle } = setUp('attempts')
    for (let i = 0; i < 5; i++) await (await begin(throttle)).succeeded()
    await expect(begin(throttle)).rejects.toMatchObject(tooMany(60))
  })

  it('keeps a failure a failure: it cannot be given back afterwards', async () => {
    const { throttle } = setUp()
    for (let i = 0; i < 5; i++) {
      const attempt = await begin(throttle)
      await attempt.failed()
      await attempt.giveBack()
    }
    await expect(begin(throttle)).rejects.toMatchObject(tooMany(60))
  })

  it('counts an attempt whose process died until its slot is a minute old', async () => {
    const { clock, throttle } = setUp()
    for (let i = 0; i < 5; i++) await begin(throttle)
    expect(await during(clock, refusalOf(begin(throttle)))).toMatchObject(tooMany(1))
    await clock.advance(60_000)
    await fail(throttle, 5)
    await expect(begin(throttle)).rejects.toMatchObject(tooMany(60))
  })

  it('BF-02 tests no more than five passwords of 300 at once through four processes', async () => {
    const { clock, node, memory, keys } = setUp()
    const nodes = [node(), node(), node(), node()]
    let tested = 0
    const logins = Array.from({ length: 300 }, async (_, i) => {
      const attempt = await begin(nodes[i % 4] ?? node())
      tested++
      await clock.wait(80)
      await attempt.failed()
    })
    const outcomes = await during(clock, Promise.all(logins.map(refusalOf)))
    expect(tested).toBe(5)
    expect(outcomes.filter((outcome) => outcome instanceof AuthError && outcome.code === 'too_many_attempts')).toHaveLength(
      295,
    )
    const [key = ''] = keys
    expect(await memory.find(key, clock.now())).toHaveLength(5)
  })

  it('lets 30 right passwords behind one address pass, through one process or three', async () => {
    for (const processes of [1, 3]) {
      const { clock, node } = setUp()
      const nodes = Array.from({ length: processes }, node)
      const logins = Array.from({ length: 30 }, async (_, i) => {
        const attempt = await begin(nodes[i % processes] ?? node())
        await clock.wait(60)
        await attempt.giveBack()
      })
      const outcomes = await during(clock, Promise.all(logins.map(refusalOf)))
      expect(outcomes).toEqual(Array.from({ length: 30 }, () => 'admitted'))
    }
  })

  it('waits a second for attempts under way, and no longer', async () => {
    const { clock, throttle } = setUp()
    const attempts = await Promise.all(Array.from({ length: 5 }, () => begin(throttle)))
    const waiting = refusalOf(begin(throttle))
    await quiet()
    for (let waited = 0; waited < 990; waited += 10) {
      await clock.advance(10)
      await quiet()
    }
    await attempts[0]?.giveBack()
    expect(await during(clock, waiting)).toBe('admitted')
    const start = clock.monotonicMs()
    expect(await during(clock, refusalOf(begin(throttle)))).toMatchObject(tooMany(1))
    expect(clock.monotonicMs() - start).toBe(1000)
  })

  it('lets the first who waits pass as soon as an attempt of the same process ends', async () => {
    const { clock, throttle } = setUp()
    const attempts = await Promise.all(Array.from({ length: 5 }, () => begin(throttle)))
    const waiting = refusalOf(begin(throttle))
    await quiet()
    await attempts[0]?.giveBack()
    expect(await waiting).toBe('admitted')
    expect(clock.monotonicMs()).toBe(0)
  })

  it('BF-09 refuses a blocked address without a write and with one read a second, and never lets a key grow', async () => {
    const { clock, throttle, count, keys } = setUp()
    await fail(throttle, 5)
    const [takes, finds] = [count('take'), count('find')]
    for (let second = 0; second < 10; second++) {
      for (let i = 0; i < 100; i++) await expect(begin(throttle)).rejects.toThrow(AuthError)
      await clock.advance(1000)
    }
    expect(count('take')).toBe(takes)
    expect(count('find') - finds).toBe(10)
    for (const from of [undefined, '', 'x'.repeat(1_000_000), '::1', '2001:db8::1'])
      await throttle.begin({ kind: 'password', ip: from })
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(keys.size).toBe(1 + 1 + 2 + 2)
  })

  it('BF-08 limits a /64 as one, and another address not at all', async () => {
    const { throttle } = setUp()
    for (let i = 0; i < 5; i++) await (await begin(throttle, `2001:db8::${i}`)).failed()
    await expect(begin(throttle, '2001:db8::ffff')).rejects.toMatchObject(tooMany(60))
    await begin(throttle, '2001:db8:0:1::1')
    await begin(throttle)
  })

  it.each(['find', 'take', 'giveBack', 'settle'] as const)('fails closed where the ledger fails at %s', async (method) => {
    const { clock, store } = setUp()
    const down = { ...store, [method]: () => Promise.reject(new StoreError('down')) }
    const throttle = createThrottle({ store: down, clock, count: 'failures' })
    const login = begin(throttle).then<unknown>((attempt) => (method === 'settle' ? attempt.failed() : attempt.giveBack()))
    await expect(login).rejects.toThrow(StoreError)
  })

  it('refuses everyone who waits once the ledger fails, and serves the next again', async () => {
    const { clock, store } = setUp()
    let isDown = false
    const find: AttemptStore['find'] = (key, now) => (isDown ? Promise.reject(new StoreError('down')) : store.find(key, now))
    const throttle = createThrottle({ store: { ...store, find }, clock, count: 'failures' })
    const attempts = await Promise.all(Array.from({ length: 5 }, () => begin(throttle)))
    const waiting = Array.from({ length: 10 }, () => refusalOf(begin(throttle)))
    await quiet()
    isDown = true
    for (const outcome of await during(clock, Promise.all(waiting))) expect(outcome).toBeInstanceOf(StoreError)
    isDown = false
    await attempts[0]?.giveBack()
    await (await begin(throttle)).giveBack()
  })

  it('BF-01 refuses to start with a policy that cannot hold', () => {
    const start = (policies: ThrottlePolicies) => () =>
      createThrottle({ store: memoryAttemptStore(), clock: virtualClock(), policies, count: 'failures' })
    const defaults = { address: addressPolicy, account: accountPolicy }
    expect(start({ ...defaults, address: { ...addressPolicy, limit: 101 } })).toThrow(ConfigError)
    expect(start({ ...defaults, account: { ...accountPolicy, limit: 101 } })).toThrow(ConfigError)
    expect(start({ ...defaults, account: { ...accountPolicy, limit: 100 } })).not.toThrow()
  })

  it('BF-02 never has more than the limit under way or failed, however callers, nodes and a late store race', async () => {
    const caller = fc.record({
      outcome: fc.constantFrom('wrong', 'right', 'crash'),
      startMs: fc.nat(400),
      workMs: fc.nat(200),
      node: fc.nat(3),
    })
    const delays = fc.infiniteStream(fc.nat(3))
    await fc.assert(
      fc.asyncProperty(fc.array(caller, { minLength: 5, maxLength: 40 }), delays, async (callers, delay) => {
        const clock = virtualClock()
        const memory = memoryAttemptStore()
        const { store, keys } = watched(memory, () => delay.next().value)
        const nodes = Array.from({ length: 4 }, () => createThrottle({ store, clock, count: 'failures' }))
        let counted = 0
        let kept = 0
        const all = callers.map(async ({ outcome, startMs, workMs, node }) => {
          await clock.wait(startMs)
          const attempt = await begin(nodes[node] as Throttle) // There are four, as the arbitrary says.
          counted++
          expect(counted).toBeLessThanOrEqual(addressPolicy.limit)
          await clock.wait(workMs)
          if (outcome === 'right') counted--
          else kept++
          if (outcome === 'right') await attempt.giveBack()
          if (outcome === 'wrong') await attempt.failed()
        })
        const outcomes = await during(clock, Promise.all(all.map(refusalOf)), 25)
        for (const outcome of outcomes)
          if (outcome !== 'admitted') expect(outcome).toMatchObject({ code: 'too_many_attempts' })
        const [key = ''] = keys
        expect(await memory.find(key, clock.now())).toHaveLength(kept)
      }),
      { numRuns: 30 },
    )
  })
})
