import type { AsyncLocalStorage } from 'node:async_hooks'

/** What Node's server knew of a request before Next changed it. */
export interface Exchange {
  /** The peer's address. */
  readonly address: string | undefined
  readonly method: string
  /** The target of the request line, as it came. */
  readonly target: string
  readonly rawHeaders: readonly string[]
}

/** Next bundles this module several times: what its copies share is kept here. */
const key: symbol = Symbol.for('auth.next.exchanges')

/** Where requests are noted; `null` where nobody watches for them. */
export function exchanges(): AsyncLocalStorage<Exchange> | null {
  // Written by `noteExchanges` alone, in this or another copy.
  return (Reflect.get(globalThis, key) as AsyncLocalStorage<Exchange> | undefined) ?? null
}

/** Sets where requests are noted, for the whole process. */
export function noteExchanges(storage: AsyncLocalStorage<Exchange>): void {
  Object.defineProperty(globalThis, key, { value: storage })
}

/** The request that is being answered; `null` where nobody watches. */
export function currentExchange(): Exchange | null {
  return exchanges()?.getStore() ?? null
}

/** All lines of a header. @param name In lower case. */
export function linesOf({ rawHeaders }: Exchange, name: string): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
}
