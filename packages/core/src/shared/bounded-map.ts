/** A map that forgets what was not asked for the longest. */
export interface BoundedMap<Key, Value> {
  /** Gets a value and counts as a use of it. */
  get(key: Key): Value | undefined
  /** Puts a value in place; beyond the capacity the least recently used one goes. */
  set(key: Key, value: Value): void
  /** Forgets a key. */
  delete(key: Key): void
  /** Forgets everything. */
  clear(): void
  /** How many entries it holds. */
  readonly size: number
}

/** Makes a map of at most `capacity` entries. */
export function createBoundedMap<Key, Value>(capacity: number): BoundedMap<Key, Value> {
  const entries = new Map<Key, Value>()
  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= capacity) return
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        break
      }
    },
    delete(key) {
      entries.delete(key)
    },
    clear() {
      entries.clear()
    },
    get size() {
      return entries.size
    },
  }
}
