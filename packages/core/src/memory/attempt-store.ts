import type { DeploymentMark } from '../shared/deployment-mark.js'
import type { AttemptSlot, AttemptStore } from '../throttle/index.js'

interface StoredSlot extends AttemptSlot {
  readonly expiresAt: Date
}

/** Keeps attempts in this process, for tests and trials: all is gone with it. */
export function memoryAttemptStore(deployment: DeploymentMark | null = null): AttemptStore {
  // Each method reads and writes its ledger in one turn of the event loop, which makes it one step.
  const ledgers = new Map<string, readonly StoredSlot[]>()

  function put(key: string, slots: readonly StoredSlot[]): void {
    if (slots.length > 0) ledgers.set(key, slots)
    else ledgers.delete(key)
  }

  function read(key: string, now: Date): readonly AttemptSlot[] {
    const live = (ledgers.get(key) ?? []).filter(({ expiresAt }) => expiresAt > now)
    return live.map(({ id, at, failed }) => ({ id, at: new Date(at), failed }))
  }

  return {
    deployment,
    async find(key, now) {
      return read(key, now)
    },
    async take({ key, slot, now, expiresAt }) {
      put(key, [...(ledgers.get(key) ?? []), { id: slot, at: new Date(now), failed: false, expiresAt: new Date(expiresAt) }])
      return read(key, now)
    },
    async settle(key, slot, now) {
      put(
        key,
        (ledgers.get(key) ?? []).map((stored) => (stored.id === slot ? { ...stored, failed: true } : stored)),
      )
      return read(key, now)
    },
    async giveBack(key, slot) {
      const slots = ledgers.get(key) ?? []
      const kept = slots.filter(({ id }) => id !== slot)
      put(key, kept)
      return kept.length < slots.length
    },
    async clear(key) {
      ledgers.delete(key)
    },
    async deleteExpired(before, limit) {
      let deleted = 0
      for (const [key, slots] of ledgers) {
        const due = slots.filter(({ expiresAt }) => expiresAt < before).slice(0, limit - deleted)
        put(
          key,
          slots.filter((slot) => !due.includes(slot)),
        )
        deleted += due.length
      }
      return deleted
    },
  }
}
