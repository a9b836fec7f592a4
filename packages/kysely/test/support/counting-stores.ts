import type { AuthStores } from '@auth/core'

/** Stores whose every call is noted, as in `apiKeys.find`. */
export interface CountingStores {
  readonly stores: Required<AuthStores>
  /** In their order. */
  readonly calls: string[]
}

const writes = /\.(?:insert|take|settle|giveBack|clear|record|revoke|rotate|swap|append|touch|delete|consume|erase)/

/** Notes each call to a store. */
export function counting(stores: Required<AuthStores>): CountingStores {
  const calls: string[] = []
  const noting = <Store extends object>(name: string, store: Store): Store =>
    new Proxy(store, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function' || key === 'subscribe') return member
        return (...given: unknown[]) => {
          calls.push(`${name}.${String(key)}`)
          return Reflect.apply(member, target, given)
        }
      },
    })
  const noted = Object.entries(stores).map(([name, store]) => [name, noting(name, store)])
  return { stores: Object.fromEntries(noted) as Required<AuthStores>, calls } // The same stores under the same names.
}

/** Those calls that change something. */
export function writesOf(calls: readonly string[]): readonly string[] {
  return calls.filter((call) => writes.test(call))
}
