import { StoreError } from '../errors.js'
import type { Clock } from './clock.js'

/**
 * A store whose every answer comes within `deadlineMs` or is a `StoreError`. Whatever else it throws becomes one too,
 * with the cause kept: a driver's failure is never taken for an absent record. Late answers are dropped.
 */
export function withDeadline<Store extends object>(store: Store, name: string, clock: Clock, deadlineMs: number): Store {
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function') return member
      // `subscribe` answers at once with how to stop, and is no question to a store.
      if (key === 'subscribe') return member.bind(target)
      return (...given: unknown[]) =>
        answerInTime(() => Reflect.apply(member, target, given), `${name}.${String(key)}`, clock, deadlineMs)
    },
  })
}

async function answerInTime(ask: () => unknown, name: string, clock: Clock, deadlineMs: number): Promise<unknown> {
  const settled = new AbortController()
  const late = clock.wait(deadlineMs, settled.signal).then(
    () => {
      throw new StoreError(`${name} did not answer within ${deadlineMs} ms`)
    },
    () => undefined,
  )
  try {
    return await Promise.race([Promise.resolve().then(ask), late])
  } catch (error) {
    throw error instanceof StoreError ? error : new StoreError(`${name} failed`, { cause: error })
  } finally {
    settled.abort()
  }
}
