import type { UserRecord, UserStore } from '../../src/accounts/index.js'
import { memoryUserStore } from '../../src/memory/user-store.js'
import type { BrokenStore } from './broken-store.js'

type Flawed = (store: UserStore, rows: Map<string, UserRecord>) => Partial<UserStore>

/** A memory store with some methods replaced by flawed ones, which get at its rows. */
export function broken(flaw: string, breaks: string, flawed: Flawed): BrokenStore<UserStore> {
  const make = (): UserStore => {
    const rows = new Map<string, UserRecord>()
    const store = memoryUserStore(null, rows)
    return { ...store, ...flawed(store, rows) }
  }
  return { flaw, breaks, make }
}
