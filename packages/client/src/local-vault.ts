import { parseState, type SavedState } from './saved-state.js'
import { hasTabs, openChannel } from './tab-channel.js'
import type { Vault } from './vault.js'

/** How long the lock on a replaced state is kept: longer than any tab takes to see the new one. */
const keptMs = 10_000
const settleMs = 100

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The browser's local storage where it may be used, and locks beside it; else `null`. */
function browserParts(): { storage: Storage; locks: LockManager } | null {
  try {
    return hasTabs() && localStorage && navigator.locks ? { storage: localStorage, locks: navigator.locks } : null
  } catch {
    return null // The user, or a sandbox, forbids storage.
  }
}

/**
 * A state that all tabs of the origin share, and that outlives them. `null` where the browser has no local storage or no
 * Web Locks: tabs that share a refresh token and do not take turns would sign their user out.
 *
 * A tab may see another one's writes late: local storage is copied from process to process, in no order with locks. So
 * the lock is not on the storage but on one state, by its id, and whoever replaces the state goes on holding the
 * lock of the old one for a while. A tab with an outdated copy waits for that lock until its copy is renewed.
 */
export function localVault(key: string): Vault | null {
  const parts = browserParts()
  if (!parts) return null
  const { storage, locks } = parts
  const listeners = new Set<() => void>()
  /** What could not be stored: then this tab is on its own. */
  let own: SavedState | null = null

  const read = (): SavedState => own ?? parseState(storage.getItem(key))
  const notify = (): void => {
    for (const listener of listeners) listener()
  }
  const onStorage = (event: StorageEvent): void => {
    if (event.key === key || event.key === null) notify()
  }
  // Storage events reach other pages only; the channel also reaches another client on this one.
  const channel = openChannel(key, notify)
  addEventListener('storage', onStorage)
  addEventListener('pageshow', notify) // Back from the back/forward cache, where no event is heard.

  function save(state: SavedState): void {
    try {
      storage.setItem(key, JSON.stringify(state))
      own = null
    } catch {
      // It is full. The old state must not stay: its refresh token is spent, and another tab would present it.
      own = state
      storage.removeItem(key)
    }
  }

  return {
    kind: 'localStorage',
    read,
    write(session, reason = null) {
      const state = { id: `${Date.now()}-${Math.random()}`, session, reason }
      save(state)
      notify()
      channel.post(null)
      return state
    },
    ifCurrent(id, work) {
      const isOver = (): boolean => read().id !== id
      return new Promise((resolve, reject) => {
        const asked = performance.now()
        const waiting = new AbortController()
        const look = (): void => {
          if (isOver()) waiting.abort()
        }
        listeners.add(look)
        const run = async (): Promise<void> => {
          // Whoever held the lock may have died right after replacing the state: time for this tab's copy to be renewed.
          if (performance.now() - asked > settleMs) await pause(settleMs)
          listeners.delete(look)
          if (isOver()) return resolve(undefined)
          await work().then(resolve, reject)
          if (isOver()) await pause(keptMs)
        }
        locks.request(`${key}:${id}`, { signal: waiting.signal }, run).catch((error) => {
          listeners.delete(look)
          if (waiting.signal.aborted) resolve(undefined)
          else reject(error)
        })
        look()
      })
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      removeEventListener('storage', onStorage)
      removeEventListener('pageshow', notify)
      channel.close()
      listeners.clear()
    },
  }
}
