import { StoreError } from '../errors.js'
import type { Clock } from './clock.js'

/**
 * A store whose every answer comes within `deadlineMs` or is a `StoreError`. Whatever else it throws becomes one too,
 * with the cause kept: a driver's failure is never taken for an absent record. Late answers are dropped.
 */
export function withDeadline<Store extends object>(store: Store, name: string, clock: Clock, deadlineMs: number): Store {
  // Over an empty object: a frozen store could not be wrapped otherwise.
  return new Proxy({} as Store, {
    get(_, key) {
      const member: unknown = Reflect.get(store, key)
      if (key === 'deployment' && member !== null && typeof member === 'object')
        return markInTime(member, name, clock, deadlineMs)
      if (typeof member !== 'function') return member
      // `subscribe` answers at once with how to stop, and is no question to a store.
      if (key === 'subscribe') return member.bind(store)
      return (...given: unknown[]) =>
        answerInTime(() => Reflect.apply(member, store, given), `${name}.${String(key)}`, clock, deadlineMs)
    },
  })
}

const marks = new WeakMap<object, object>()

/** The mark of a database, with the same deadline. One for each, so that stores of one database can be told to be that. */
function markInTime(mark: object, name: string, clock: Clock, deadlineMs: number): object {
  const known = marks.get(mark)
  if (known) return known
  const wrapped = withDeadline(mark, `${name}.deployment`, clock, deadlineMs)
  marks.set(mark, wrapped)
  return wrapped
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
