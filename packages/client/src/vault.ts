import { emptyState, type SavedSession, type SavedState, type SignedOutReason } from './saved-state.js'

/** Holds the state: for this tab, or for all tabs of the origin. */
export interface Vault {
  /** Where: `memory` ends with the page. */
  readonly kind: 'memory' | 'localStorage'
  /** The state as this tab sees it. */
  read(): SavedState
  /** Replaces the state at once. Within `ifCurrent`, but for a sign-out, which waits for nobody. */
  write(session: SavedSession | null, reason?: SignedOutReason | null): SavedState
  /**
   * Runs `work` while nobody else who shares the state does, provided that it is still the one with this id; else, and
   * as soon as it has been replaced, gives `undefined` without running it.
   */
  ifCurrent<T>(id: string, work: () => Promise<T>): Promise<T | undefined>
  /** Calls after every change, whoever made it. */
  onChange(listener: () => void): () => void
  /** Stops listening to other tabs. */
  close(): void
}

/** Replaces the state, whatever it is, once nobody is busy with it. Gives the one it replaced; `undefined` where `mayReplace` refused. */
export async function replaceState(
  vault: Vault,
  session: SavedSession | null,
  reason: SignedOutReason | null,
  mayReplace: (state: SavedState) => boolean = () => true,
): Promise<SavedState | undefined> {
  for (;;) {
    const seen = vault.read()
    if (!mayReplace(seen)) return undefined
    const replaced = await vault.ifCurrent(seen.id, async () => {
      vault.write(session, reason)
      return seen
    })
    if (replaced) return replaced
  }
}

/** Listeners, called in turn after what is under way: what one of them throws disturbs nobody. */
export interface Listeners<Args extends readonly unknown[]> {
  add(listener: (...args: Args) => void): () => void
  call(...args: Args): void
}

/** Makes a list of listeners. */
export function createListeners<Args extends readonly unknown[]>(): Listeners<Args> {
  const listeners = new Set<{ readonly call: (...args: Args) => void }>()
  return {
    add(call) {
      const entry = { call }
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
    call(...args) {
      for (const entry of listeners) queueMicrotask(() => listeners.has(entry) && entry.call(...args))
    },
  }
}

/** A state of this tab alone. */
export function memoryVault(): Vault {
  const changed = new Set<() => void>()
  let state = emptyState
  let count = 0
  let tail: Promise<unknown> = Promise.resolve()
  return {
    kind: 'memory',
    read: () => state,
    write(session, reason = null) {
      state = { id: String(++count), session, reason }
      for (const listener of changed) listener()
      return state
    },
    ifCurrent(id, work) {
      const run = tail.then(() => (state.id === id ? work() : undefined))
      tail = run.catch(() => undefined)
      return run
    },
    onChange(listener) {
      changed.add(listener)
      return () => void changed.delete(listener)
    },
    close: () => changed.clear(),
  }
}
