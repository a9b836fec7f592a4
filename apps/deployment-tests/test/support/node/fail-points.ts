import type { AuthStores } from '@auth/core'
import type { FailPoint } from './settings.js'

/** Stores with places where a test may stop the process. */
export interface WatchedStores {
  readonly stores: Required<AuthStores>
  arm(point: FailPoint): void
  /** Lets whatever hangs go on. */
  release(): void
  /** The writes since it was asked last, in the order in which they began. */
  takeWrites(): readonly string[]
}

const reads: ReadonlySet<string> = new Set(['find', 'findByEmailKey', 'list', 'listLive', 'read', 'subscribe'])

/** Watches every call of the stores. `onReached` hears when something hangs. */
export function watchStores(stores: Required<AuthStores>, onReached: () => void): WatchedStores {
  let armed: FailPoint | undefined
  let release: () => void = () => undefined
  let writes: string[] = []

  /** Does what the test wants done at a place, once. */
  async function pass(when: FailPoint['when'], call: string): Promise<void> {
    if (armed?.when !== when || armed.call !== call) return
    const { act, skip = 0 } = armed
    if (skip > 0) {
      armed = { ...armed, skip: skip - 1 }
      return
    }
    armed = undefined
    if (act === 'lose') throw new Error('the answer was lost on the way')
    if (act === 'die') process.kill(process.pid, 'SIGKILL')
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    onReached()
    await released
  }

  function watch<Store extends object>(name: string, store: Store): Store {
    return new Proxy(store, {
      get(_, key) {
        const member: unknown = Reflect.get(store, key)
        if (typeof member !== 'function' || key === 'subscribe') return member
        const call = `${name}.${String(key)}`
        return async (...given: unknown[]) => {
          if (!reads.has(String(key))) writes.push(call)
          await pass('before', call)
          const answer: unknown = await Reflect.apply(member, store, given.map(unwatch))
          await pass('after', call)
          return answer
        }
      },
    })
  }

  const watched: Required<AuthStores> = Object.fromEntries(
    Object.entries(stores).map(([name, store]) => [name, watch(name, store as object)]),
  ) as unknown as Required<AuthStores> // The same stores under the same names.

  /** A change names the feed and the trail, which the store must know for those beside it. */
  function unwatch(given: unknown): unknown {
    if (typeof given !== 'object' || given === null) return given
    const isOfFeed = Reflect.get(given, 'feed') === watched.revocations
    const isEvent = Reflect.get(given, 'trail') === watched.audit
    const event: unknown = Reflect.get(given, 'event')
    if (!isOfFeed && !isEvent && event === undefined) return given
    return {
      ...given,
      ...(isOfFeed ? { feed: stores.revocations } : {}),
      ...(isEvent ? { trail: stores.audit } : {}),
      ...(event === undefined ? {} : { event: unwatch(event) }),
    }
  }

  return {
    stores: watched,
    arm: (point) => {
      armed = point
    },
    release: () => release(),
    takeWrites() {
      const taken = writes
      writes = []
      return taken
    },
  }
}
