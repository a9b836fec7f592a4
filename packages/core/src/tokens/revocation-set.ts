import type { RevocationEntry, RevocationTarget } from './revocation-store.js'

/** What has been taken back and not yet expired, in memory. */
export interface RevocationSet {
  /** Adds an entry; an id that is there already changes nothing. */
  add(entry: RevocationEntry): void
  /** Forgets everything but what is in `entries` and what `keep` says. */
  replace(entries: readonly RevocationEntry[], keep: (entry: RevocationEntry) => boolean): void
  /** Forgets what has expired, and answers it. */
  prune(now: Date): readonly RevocationEntry[]
  /** Whether an entry names this very session, token, key or client. */
  has(kind: 'session' | 'jti' | 'apiKey' | 'client' | 'kid', id: string): boolean
  /** The lowest version of a user's tokens that still counts; 0 where none was taken back. */
  minVersion(userId: string): number
  readonly size: number
}

/** Makes an empty set. Names are keys of Maps, so that no name means anything else. */
export function createRevocationSet(): RevocationSet {
  const entries = new Map<string, RevocationEntry>()
  const named = new Map<string, number>()
  const versions = new Map<string, Map<string, number>>()

  function add(entry: RevocationEntry): void {
    if (entries.has(entry.id)) return
    entries.set(entry.id, entry)
    const { target } = entry
    if ('user' in target) {
      const ofUser = versions.get(target.user) ?? new Map<string, number>()
      versions.set(target.user, ofUser.set(entry.id, target.minVersion))
    } else {
      const name = nameOf(target)
      named.set(name, (named.get(name) ?? 0) + 1)
    }
  }

  function remove(entry: RevocationEntry): void {
    entries.delete(entry.id)
    const { target } = entry
    if ('user' in target) {
      const ofUser = versions.get(target.user)
      ofUser?.delete(entry.id)
      if (ofUser?.size === 0) versions.delete(target.user)
    } else {
      const name = nameOf(target)
      const left = (named.get(name) ?? 1) - 1
      if (left === 0) named.delete(name)
      else named.set(name, left)
    }
  }

  return {
    add,
    replace(next, keep) {
      const ids = new Set(next.map(({ id }) => id))
      for (const entry of [...entries.values()]) if (!ids.has(entry.id) && !keep(entry)) remove(entry)
      for (const entry of next) add(entry)
    },
    prune(now) {
      const expired = [...entries.values()].filter(({ expiresAt }) => expiresAt <= now)
      for (const entry of expired) remove(entry)
      return expired
    },
    has: (kind, id) => named.has(`${kind}:${id}`),
    minVersion: (userId) => Math.max(0, ...(versions.get(userId)?.values() ?? [])),
    get size() {
      return entries.size
    },
  }
}

function nameOf(target: Exclude<RevocationTarget, { user: string }>): string {
  const [[kind, id]] = Object.entries(target) as [[string, string]] // Every other target has one property.
  return `${kind}:${id}`
}

/** The id of a target's entry: announcing the same twice is one entry. */
export function entryIdOf(target: RevocationTarget): string {
  return 'user' in target ? `user:${target.user}:${target.minVersion}` : nameOf(target)
}
