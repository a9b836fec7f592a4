import { isLive, type SessionStore } from '../../src/sessions/index.js'
import { broken, slowRotate } from './broken-session-store.js'
import { type BrokenStore, gap } from './broken-store.js'

const rule = 'ST-06 rotate: each outcome is what `decideRotation` says, at the `now` passed in'
const histories = 'ST-01 rotate, touch, swapEpoch, revoke: give over random histories what the rule gives'
const swaps = 'swapEpoch: moves a live session from the old epoch to the new one, with a new secret where one is given'

/** Session stores with a flaw in `rotate` or `swapEpoch`. */
export const brokenRotations: readonly BrokenStore<SessionStore>[] = [
  broken(
    'reads before it rotates',
    'RT-02 rotate: of N racers with one secret one is rotated, one reused, the rest revoked',
    (store, rows) => ({
      rotate: slowRotate(store, rows),
    }),
  ),
  broken(
    'reads before it rotates within a window',
    'RT-04 rotate: within the window all other racers are given the same successor',
    (store, rows) => ({
      rotate: slowRotate(store, rows),
    }),
  ),
  broken(
    'rotates once, but leaves a reuse unanswered',
    'RT-02 rotate: of N racers with one secret one is rotated, one reused, the rest revoked',
    (store, rows) => ({
      rotate: async (rotation) => {
        const row = rows.get(rotation.id)
        const answer = await store.rotate(rotation)
        if (row && answer.outcome === 'reused') rows.set(row.id, row)
        return answer
      },
    }),
  ),
  broken(
    'gives a retry its own successor',
    'RT-04 rotate: within the window all other racers are given the same successor',
    (store) => ({
      rotate: async (rotation) => {
        const answer = await store.rotate(rotation)
        return answer.outcome === 'retried' ? { ...answer, sealedSuccessor: rotation.successor.sealed ?? '' } : answer
      },
    }),
  ),
  broken('lets the idle end pass the absolute one', rule, (store, rows) => ({
    rotate: async (rotation) => {
      const answer = await store.rotate(rotation)
      if (answer.outcome !== 'rotated') return answer
      const session = { ...answer.session, idleExpiresAt: rotation.idleExpiresAt }
      rows.set(session.id, session)
      return { ...answer, session }
    },
  })),
  broken('judges the window to the second', rule, (store) => ({
    rotate: (rotation) => store.rotate({ ...rotation, now: new Date(Math.floor(rotation.now.getTime() / 1000) * 1000) }),
  })),
  broken('asks neither for the client nor for the carrier', rule, (store, rows) => ({
    rotate: (rotation) => {
      const { carrier = rotation.carrier, clientId = rotation.clientId } = rows.get(rotation.id) ?? {}
      return store.rotate({ ...rotation, carrier, clientId })
    },
  })),
  broken('keeps a spent secret for retries when the epoch moves on', histories, (store, rows) => ({
    swapEpoch: async (swap) => {
      const row = rows.get(swap.id)
      const isSwapped = await store.swapEpoch(swap)
      const after = rows.get(swap.id)
      if (row && after && isSwapped) rows.set(after.id, { ...after, previousDigest: row.currentDigest })
      return isSwapped
    },
  })),
  broken('swaps from any epoch', swaps, (store, rows) => ({
    swapEpoch: (swap) => store.swapEpoch({ ...swap, fromEpoch: rows.get(swap.id)?.epoch ?? 0 }),
  })),
  broken('puts a secret in place at the same generation', swaps, (store, rows) => ({
    swapEpoch: async (swap) => {
      const row = rows.get(swap.id)
      const isSwapped = await store.swapEpoch(swap)
      const after = rows.get(swap.id)
      if (row && after && isSwapped) rows.set(after.id, { ...after, generation: row.generation })
      return isSwapped
    },
  })),
  broken(
    'reads before it swaps epochs',
    'ST-02 swapEpoch: of racers with one epoch exactly one gets true',
    (store, rows) => ({
      swapEpoch: async ({ id, fromEpoch, toEpoch, now: at }) => {
        const row = await store.find(id)
        if (row?.epoch !== fromEpoch || !isLive(row, at)) return false
        await gap()
        rows.set(id, { ...row, epoch: toEpoch })
        return true
      },
    }),
  ),
  broken('writes the whole row with an epoch', 'swapEpoch, rotate: neither loses what the other wrote', (store, rows) => ({
    swapEpoch: async ({ id, fromEpoch, toEpoch, now: at }) => {
      const row = await store.find(id)
      if (row?.epoch !== fromEpoch || !isLive(row, at)) return false
      await gap()
      rows.set(id, { ...row, epoch: toEpoch })
      return true
    },
  })),
]
