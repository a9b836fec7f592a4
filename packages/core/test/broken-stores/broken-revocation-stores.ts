import { memoryRevocationStore } from '../../src/memory/revocation-store.js'
import { revocationStoreSuite } from '../../src/testing/index.js'
import type { RevocationEntry, RevocationStore } from '../../src/tokens/index.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { commonFlaws, housekeepingFlaws } from './common-flaws.js'

/** A memory store with some methods replaced by flawed ones. */
function broken(
  flaw: string,
  breaks: string,
  flawed: (store: RevocationStore) => Partial<RevocationStore>,
): BrokenStore<RevocationStore> {
  const make = (): RevocationStore => {
    const store = memoryRevocationStore()
    return { ...store, ...flawed(store) }
  }
  return { flaw, breaks, make }
}

/** A feed whose entries have their place before they can be seen, and whose readers go on behind the last that they saw. */
function numbered(): RevocationStore {
  const store = memoryRevocationStore()
  const entries: (RevocationEntry & { place: number })[] = []
  let next = 0
  return {
    ...store,
    append: async (entry) => {
      if (entries.some(({ id }) => id === entry.id)) return
      const place = ++next
      for (let turn = place % 3; turn > 0; turn--) await gap()
      if (!entries.some(({ id }) => id === entry.id)) entries.push({ ...structuredClone(entry), place })
    },
    read: async (cursor, now) => {
      const since = /^\d+$/.test(cursor ?? '') && Number(cursor) <= next ? Number(cursor) : null
      const live = entries.filter(({ place, expiresAt }) => place > (since ?? 0) && expiresAt > now)
      const page = live.map(({ place: _, ...entry }) => structuredClone(entry))
      return {
        entries: page,
        cursor: String(Math.max(0, ...entries.map(({ place }) => place))),
        whole: since === null,
        storeTime: now,
      }
    },
    deleteExpired: async (before, limit) => {
      const due = entries.filter(({ expiresAt }) => expiresAt < before).slice(0, limit)
      for (const entry of due) entries.splice(entries.indexOf(entry), 1)
      return due.length
    },
  }
}

const kinds = 'ST-01 read: gives back every kind of entry as it was appended'
const once = 'append: an id that was appended before changes nothing'
const goesOn = 'read: from a cursor on passes nothing by that was appended since'
const unknown = 'read: a cursor that the store does not know gives the whole feed, and says so'
const expires = 'ST-06 read: a whole page is everything that has not expired at the `now` passed in'
const racing = 'ST-02 read: readers with cursors miss no entry while others append'
const stops = 'subscribe: returns how to stop, and whoever stopped is not called any more'

/** Revocation stores with one flaw each. */
export const brokenRevocationStores: BrokenStores = {
  name: 'revocations',
  suite: revocationStoreSuite,
  stores: [
    ...commonFlaws(memoryRevocationStore, {
      keepsRecords: kinds,
      keepsTexts: 'ST-01 keeps hostile texts unchanged',
      keepsCopies: 'ST-01 keeps copies: changing what was passed in or given out changes nothing',
      tellsApart: 'ST-01 keeps hostile texts unchanged',
      looksUpAnyText: false,
      judgesByNow: expires,
    }),
    ...housekeepingFlaws(memoryRevocationStore),
    broken('keeps versions in 32 bits', kinds, (store) => ({
      append: (entry) => {
        const { target } = entry
        return store.append(
          'user' in target ? { ...entry, target: { ...target, minVersion: target.minVersion | 0 } } : entry,
        )
      },
    })),
    broken('calls the first read no whole', kinds, (store) => ({
      read: async (cursor, now) => ({ ...(await store.read(cursor, now)), whole: false }),
    })),
    broken('tells a clock of another time', 'read: `storeTime` is the store’s own clock, whatever `now` is', (store) => ({
      read: async (cursor, now) => ({ ...(await store.read(cursor, now)), storeTime: new Date(0) }),
    })),
    broken('keeps the last entry of an id', once, (store) => {
      const last = new Map<string, RevocationEntry>()
      return {
        append: async (entry) => {
          last.set(entry.id, structuredClone(entry))
          await store.append(entry)
        },
        read: async (cursor, now) => {
          const page = await store.read(cursor, now)
          return { ...page, entries: page.entries.map((entry) => last.get(entry.id) ?? entry) }
        },
      }
    }),
    broken('keeps every entry of an id that races', 'ST-02 append: of racers with one id one entry stands', (store) => {
      const seen = new Set<string>()
      const more: RevocationEntry[] = []
      return {
        append: async (entry) => {
          const isNew = !seen.has(entry.id)
          await gap()
          seen.add(entry.id)
          if (isNew) more.push(structuredClone(entry))
          await store.append(entry)
        },
        read: async (cursor, now) => {
          const page = await store.read(cursor, now)
          return cursor === null
            ? { ...page, entries: [...page.entries, ...more.filter(({ expiresAt }) => expiresAt > now)] }
            : page
        },
      }
    }),
    broken('goes on behind the first entry that is new', goesOn, (store) => {
      let skips = 0
      return {
        read: async (cursor, now) => {
          const page = await store.read(cursor, now)
          return cursor !== null && page.entries.length > 1 && skips++ >= 0
            ? { ...page, entries: page.entries.slice(1) }
            : page
        },
      }
    }),
    broken('gives nothing for a cursor it does not know', unknown, (store) => ({
      read: async (cursor, now) => {
        const page = await store.read(cursor, now)
        return cursor !== null && page.whole ? { ...page, entries: [], whole: false } : page
      },
    })),
    broken(
      'has nothing new behind a first read',
      'read: a cursor of a feed that was put back since gives the whole feed, and says so',
      (store) => {
        const first = new Set<string>()
        return {
          read: async (cursor, now) => {
            const page = await store.read(cursor, now)
            if (cursor === null) first.add(page.cursor)
            return cursor !== null && first.has(cursor) ? { ...page, entries: [] } : page
          },
        }
      },
    ),
    broken('does not say that it begins anew', unknown, (store) => ({
      read: async (cursor, now) => ({ ...(await store.read(cursor, now)), whole: cursor === null }),
    })),
    broken('gives out what has expired', expires, (store) => ({ read: (cursor) => store.read(cursor, new Date(-1e15)) })),
    broken('forgets at a read what has expired at its `now`', expires, (store) => ({
      read: async (cursor, now) => {
        await store.deleteExpired(new Date(now.getTime() + 1), 1_000_000)
        return store.read(cursor, now)
      },
    })),
    broken('loses its place when it cleans up', 'deleteExpired: a cursor from before it passes nothing by', (store) => {
      let isClean = false
      return {
        deleteExpired: async (before, limit) => {
          isClean = true
          return store.deleteExpired(before, limit)
        },
        read: async (cursor, now) => {
          const page = await store.read(cursor, now)
          const entries = isClean && cursor !== null ? [] : page.entries
          if (cursor === null) isClean = false
          return { ...page, entries }
        },
      }
    }),
    { flaw: 'goes on behind the highest number it has seen', breaks: racing, make: numbered },
    { flaw: 'passes by what commits late', breaks: 'read: an entry that commits late is not passed by', make: numbered },
    broken('answers before the entry can be read', racing, (store) => ({
      append: async (entry) => {
        void gap().then(() => store.append(entry))
      },
    })),
    broken('answers reads from memory', racing, (store) => {
      let cached: ReturnType<RevocationStore['read']> | undefined
      return {
        read: (cursor, now) => {
          if (cursor === null) return store.read(cursor, now)
          cached ??= gap()
            .then(() => store.read(cursor, now))
            .finally(() => {
              cached = undefined
            })
          return cached
        },
      }
    }),
    broken('never stops waking', stops, (store) => ({
      subscribe: (wake) => {
        store.subscribe(wake)
        return () => undefined
      },
    })),
    broken('fails when it is stopped twice', stops, (store) => ({
      subscribe: (wake) => {
        const stop = store.subscribe(wake)
        let isStopped = false
        return () => {
          if (isStopped) throw new Error('stopped twice')
          isStopped = true
          stop()
        }
      },
    })),
  ],
}
