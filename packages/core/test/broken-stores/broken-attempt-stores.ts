import { memoryAttemptStore } from '../../src/memory/attempt-store.js'
import { attemptStoreSuite } from '../../src/testing/index.js'
import type { AttemptSlot, AttemptStore } from '../../src/throttle/index.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { commonFlaws, housekeepingFlaws, writesBack } from './common-flaws.js'

/** A memory store with some methods replaced by flawed ones. */
function broken(
  flaw: string,
  breaks: string,
  flawed: (store: AttemptStore) => Partial<AttemptStore>,
): BrokenStore<AttemptStore> {
  const make = (): AttemptStore => {
    const store = memoryAttemptStore()
    return { ...store, ...flawed(store) }
  }
  return { flaw, breaks, make }
}

function byTime(slots: readonly AttemptSlot[]): readonly AttemptSlot[] {
  return [...slots].sort((a, b) => a.at.getTime() - b.at.getTime())
}

const appends = 'ST-01 take, find: append a slot and answer the ledger, oldest first'
const oneOrder = 'ST-02 take: all racers see one order, each a longer beginning of it'
const nothingLost = 'take, settle, giveBack: nothing is lost in a race'
const settles = 'settle: marks exactly this slot as failed; no effect where it is gone'
const settlesInOrder = 'ST-02 settle: racers see one order, so that exactly one sees itself complete any number of failures'
const exactly = 'giveBack: removes exactly this slot, once; a count never falls by anything else'

/** Where the last slot of a key may be given back in the place of any other. */
const past = new Date(0)

/** Attempt stores with one flaw each. */
export const brokenAttemptStores: BrokenStores = {
  name: 'attempts',
  suite: attemptStoreSuite,
  stores: [
    ...commonFlaws(memoryAttemptStore, {
      keepsRecords: appends,
      keepsTexts: 'ST-01 takes keys and slots that look alike for different ones',
      keepsCopies: 'ST-01 keeps copies: changing what was passed in or given out changes nothing',
      tellsApart: 'ST-01 takes keys and slots that look alike for different ones',
      judgesByNow: 'ST-06 take, find: leave out what has expired at the `now` passed in',
    }).filter(({ flaw }) => flaw !== 'gives out and keeps the very objects'),
    ...housekeepingFlaws(memoryAttemptStore),
    {
      flaw: 'writes back the ledgers that it cleans up',
      breaks: 'take, deleteExpired: housekeeping forgets no slot that is taken meanwhile',
      make: () => writesBack(memoryAttemptStore()),
    },
    {
      flaw: 'keeps the dates it was given',
      breaks: 'ST-01 keeps copies: changing what was passed in or given out changes nothing',
      make: () => {
        const store = memoryAttemptStore()
        const dates = new Map<string, Date>()
        const shared = (slots: readonly AttemptSlot[]): readonly AttemptSlot[] =>
          slots.map((slot) => ({ ...slot, at: dates.get(slot.id) ?? slot.at }))
        const flawed: AttemptStore = {
          ...store,
          take: async (take) => {
            dates.set(take.slot, take.now)
            return shared(await store.take(take))
          },
          find: async (key, now) => shared(await store.find(key, now)),
        }
        return flawed
      },
    },
    broken('leaves its own slot out', appends, (store) => ({
      take: async (take) => (await store.take(take)).filter(({ id }) => id !== take.slot),
    })),
    broken('answers the newest first', appends, (store) => ({
      find: async (key, now) => [...(await store.find(key, now))].reverse(),
    })),
    broken(
      'orders slots by the clocks of nodes',
      'take: the ledger is in the order of taking, also where a node’s clock is behind',
      (store) => ({
        find: async (key, now) => byTime(await store.find(key, now)),
        take: async (take) => byTime(await store.take(take)),
      }),
    ),
    broken('counts expired slots', 'ST-06 take, find: leave out what has expired at the `now` passed in', (store) => ({
      find: (key) => store.find(key, past),
    })),
    broken('appends, then reads', oneOrder, (store) => ({
      take: async (take) => {
        await store.take(take)
        await gap()
        return store.find(take.key, take.now)
      },
    })),
    broken('reads, then appends', oneOrder, (store) => ({
      take: async (take) => {
        const before = await store.find(take.key, take.now)
        await gap()
        await store.take(take)
        return [...before, { id: take.slot, at: take.now, failed: false }]
      },
    })),
    broken('answers a count of its own', oneOrder, (store) => ({
      take: async (take) =>
        (await store.take(take)).map((slot, index) => (slot.id === take.slot ? slot : { ...slot, id: `${index}` })),
    })),
    broken('writes the whole ledger when it settles', nothingLost, (store) => ({
      settle: async (key, slot, now) => {
        const ledger = await store.find(key, past)
        await gap()
        await store.clear(key)
        for (const { id, at, failed } of ledger) {
          await store.take({ key, slot: id, now: at, expiresAt: new Date(8e15) })
          if (failed || id === slot) await store.settle(key, id, now)
        }
        return store.find(key, now)
      },
    })),
    broken('settles all slots of a key', settles, (store) => ({
      settle: async (key, slot, now) => {
        const ledger = await store.find(key, past)
        if (ledger.some(({ id }) => id === slot)) for (const { id } of ledger) await store.settle(key, id, now)
        return store.find(key, now)
      },
    })),
    broken('settles nothing', settles, (store) => ({ settle: async (key, _, now) => store.find(key, now) })),
    broken('settles, then reads', settlesInOrder, (store) => ({
      settle: async (key, slot, now) => {
        await store.settle(key, slot, now)
        await gap()
        return store.find(key, now)
      },
    })),
    broken('gives any slot back', exactly, (store) => ({
      giveBack: async (key, slot) => {
        const [oldest] = await store.find(key, past)
        return (await store.giveBack(key, slot)) || (oldest !== undefined && store.giveBack(key, oldest.id))
      },
    })),
    broken('gives back without asking for the key', exactly, (store) => {
      const keys = new Map<string, string>()
      return {
        take: (take) => {
          keys.set(take.slot, take.key)
          return store.take(take)
        },
        giveBack: (key, slot) => store.giveBack(keys.get(slot) ?? key, slot),
      }
    }),
    broken('keeps slots that have failed', exactly, (store) => ({
      giveBack: async (key, slot) => {
        const { failed = false } = (await store.find(key, past)).find(({ id }) => id === slot) ?? {}
        return !failed && store.giveBack(key, slot)
      },
    })),
    broken('finds the slot before it gives it back', 'ST-02 giveBack: of racers exactly one gets true', (store) => ({
      giveBack: async (key, slot) => {
        const isThere = (await store.find(key, past)).some(({ id }) => id === slot)
        await gap()
        await store.giveBack(key, slot)
        return isThere
      },
    })),
    broken('clears the newest slot alone', 'clear: forgets all slots of a key, and of no other', (store) => ({
      clear: async (key) => {
        const newest = (await store.find(key, past)).at(-1)
        if (newest) await store.giveBack(key, newest.id)
      },
    })),
  ],
}
