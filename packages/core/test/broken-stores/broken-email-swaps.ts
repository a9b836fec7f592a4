import type { UserStore } from '../../src/accounts/index.js'
import { type BrokenStore, gap } from './broken-store.js'
import { broken } from './broken-user-store.js'

const writes = 'swapEmail: writes the address and when it was verified, and nothing else'
const confirms = 'swapEmail: confirms the address that the user has'
const refuses = 'swapEmail: taken where somebody else has the address, stale where it is not `from`, and nothing changes'
const epoch = 'swapEmail: stale where the user is in another epoch than the one asked for'
const oneAddress = 'ST-02 swapEmail: of racers for one address exactly one gets it, whether they swap or sign up'
const oneFrom = 'ST-02 swapEmail: of racers with one `from` exactly one acts'
const withRevoke = 'swapEmail, revoke: neither loses what the other wrote, and an expected address holds'

/** User stores with a flaw in `swapEmail`. */
export const brokenEmailSwaps: readonly BrokenStore<UserStore>[] = [
  broken('forgets when an address was verified', writes, (store, rows) => ({
    swapEmail: async (swap) => {
      const outcome = await store.swapEmail(swap)
      const user = rows.get(swap.userId)
      if (user && outcome === 'swapped') rows.set(user.id, { ...user, emailVerifiedAt: null })
      return outcome
    },
  })),
  broken('writes the canonical address as the one to show', writes, (store) => ({
    swapEmail: (swap) => store.swapEmail({ ...swap, email: swap.emailKey }),
  })),
  broken('raises versions with an address', writes, (store, rows) => ({
    swapEmail: async (swap) => {
      const outcome = await store.swapEmail(swap)
      const user = rows.get(swap.userId)
      if (user && outcome === 'swapped') rows.set(user.id, { ...user, sessionEpoch: user.sessionEpoch + 1 })
      return outcome
    },
  })),
  broken('takes the own address for taken', confirms, (store) => ({
    swapEmail: async (swap) => ((await store.findByEmailKey(swap.emailKey)) ? 'taken' : store.swapEmail(swap)),
  })),
  broken('swaps in whatever epoch', epoch, (store) => ({
    swapEmail: (swap) => store.swapEmail({ ...swap, sessionEpoch: null }),
  })),
  broken('swaps whatever the address is', refuses, (store) => ({
    swapEmail: async (swap) => store.swapEmail({ ...swap, from: (await store.find(swap.userId))?.emailKey ?? swap.from }),
  })),
  broken('calls an address taken before it looks at the user', refuses, (store) => ({
    swapEmail: async (swap) => {
      const holder = await store.findByEmailKey(swap.emailKey)
      return holder && holder.id !== swap.userId ? 'taken' : store.swapEmail(swap)
    },
  })),
  broken('looks an address up before it writes', oneAddress, (store, rows) => ({
    swapEmail: async (swap) => {
      const user = rows.get(swap.userId)
      if (user?.emailKey !== swap.from) return store.swapEmail(swap)
      if (await store.findByEmailKey(swap.emailKey)) return store.swapEmail(swap)
      await gap()
      if ((await store.swapEmail(swap)) === 'taken') rows.set(user.id, { ...user, emailKey: swap.emailKey })
      return 'swapped'
    },
  })),
  broken('compares `from` before it writes', oneFrom, (store, rows) => ({
    swapEmail: async (swap) => {
      const isCurrent = rows.get(swap.userId)?.emailKey === swap.from
      await gap()
      const from = rows.get(swap.userId)?.emailKey ?? swap.from
      return store.swapEmail(isCurrent ? { ...swap, from } : swap)
    },
  })),
  broken('writes the whole row with an address', withRevoke, (store, rows) => ({
    swapEmail: async (swap) => {
      const before = rows.get(swap.userId)
      for (let turn = 0; turn < 8; turn++) await null
      const outcome = await store.swapEmail(swap)
      const user = rows.get(swap.userId)
      if (before && user && outcome === 'swapped') {
        const { email, emailKey, emailVerifiedAt } = user
        rows.set(user.id, { ...before, email, emailKey, emailVerifiedAt })
      }
      return outcome
    },
  })),
]
