import { createBoundedMap } from '../shared/bounded-map.js'
import type { AttemptSlot, AttemptStore } from './attempt-store.js'

interface Held extends AttemptSlot {
  readonly expiresAt: Date
}

/** So many addresses at once; what was not asked for the longest is forgotten first. */
const capacity = 10_000

/** A ledger of this process alone and of bounded size, for what must be cheap before it may cost a call to a store. */
export function createLocalAttempts(): Pick<AttemptStore, 'find' | 'take' | 'settle' | 'giveBack' | 'clear'> {
  const ledgers = createBoundedMap<string, readonly Held[]>(capacity)
  const live = (key: string, now: Date): readonly Held[] =>
    (ledgers.get(key) ?? []).filter(({ expiresAt }) => expiresAt > now)
  return {
    find: async (key, now) => live(key, now),
    async take({ key, slot, now, expiresAt }) {
      const slots = [...live(key, now), { id: slot, at: now, failed: false, expiresAt }]
      ledgers.set(key, slots)
      return slots
    },
    async settle(key, slot, now) {
      const slots = ledgers.get(key)
      if (!slots) return []
      ledgers.set(
        key,
        slots.map((held) => (held.id === slot ? { ...held, failed: true } : held)),
      )
      return live(key, now)
    },
    async giveBack(key, slot) {
      const slots = ledgers.get(key) ?? []
      const kept = slots.filter(({ id }) => id !== slot)
      if (kept.length > 0) ledgers.set(key, kept)
      else ledgers.delete(key)
      return kept.length < slots.length
    },
    clear: async (key) => ledgers.delete(key),
  }
}
