import type { AuditRecord, AuditStore } from '../../src/audit/index.js'
import { memoryAuditStore } from '../../src/memory/audit-store.js'
import { auditStoreSuite } from '../../src/testing/index.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { commonFlaws, housekeepingFlaws } from './common-flaws.js'

type Flawed = (store: AuditStore, rows: Map<string, AuditRecord>) => Partial<AuditStore>

/** A memory store with some methods replaced by flawed ones, which get at its rows. */
function broken(flaw: string, breaks: string, flawed: Flawed): BrokenStore<AuditStore> {
  const make = (): AuditStore => {
    const rows = new Map<string, AuditRecord>()
    const store = memoryAuditStore(null, rows)
    return { ...store, ...flawed(store, rows) }
  }
  return { flaw, breaks, make }
}

const records = 'ST-01 list: gives back every field as it was inserted, absent ones absent'
const texts = 'ST-01 keeps hostile texts unchanged, and takes subjects that look alike for different ones'
const unique = 'ST-02 insert: false where the id exists, and never overwrites'
const filters = 'list: by type, by subject, or by both, newest first'
const pages = 'list: `after` goes on behind the last event of the page before, also within one instant'
const uniqueInRaces = 'ST-02 insert: of racers with one id exactly one gets true, and no event is lost'

/** Audit stores with one flaw each. */
export const brokenAuditStores: BrokenStores = {
  name: 'audit',
  suite: auditStoreSuite,
  stores: [
    ...commonFlaws(memoryAuditStore, {
      keepsRecords: records,
      keepsTexts: texts,
      keepsCopies: 'ST-01 keeps copies: changing what was passed in or given out changes nothing',
      tellsApart: texts,
    }),
    ...housekeepingFlaws(memoryAuditStore),
    broken('gives null for what is absent', records, (store) => ({
      list: async (query) => (await store.list(query)).map((event) => ({ ip: null as unknown as string, ...event })),
    })),
    broken('overwrites', unique, (_, rows) => ({
      insert: async (event) => Boolean(rows.set(event.id, structuredClone(event))),
    })),
    broken('looks an id up before it inserts', uniqueInRaces, (store, rows) => ({
      insert: async (event) => {
        if (rows.has(event.id)) return false
        await gap()
        await store.insert(event)
        return true
      },
    })),
    broken('loses an event in a race', uniqueInRaces, (store) => {
      let isBusy = false
      return {
        insert: async (event) => {
          if (isBusy) return true
          isBusy = true
          await gap()
          isBusy = false
          return store.insert(event)
        },
      }
    }),
    broken('lists the oldest first', filters, (store) => ({
      list: async (query) => [...(await store.list(query))].reverse(),
    })),
    broken('filters by one thing at a time', filters, (store) => ({
      list: ({ type, ...query }) => store.list(query.subject === undefined && type ? { ...query, type } : query),
    })),
    broken('goes on by time alone', pages, (store, rows) => ({
      list: async ({ after, limit, ...query }) => {
        const last = rows.get(after ?? '')
        const all = await store.list({ ...query, limit: 1_000_000 })
        return all.filter(({ at }) => !last || at < last.at).slice(0, limit)
      },
    })),
    broken('goes on by position', pages, (store) => {
      let position = 0
      return {
        list: async ({ after, limit, ...query }) => {
          position = after === undefined ? 0 : position
          const all = await store.list({ ...query, limit: 1_000_000 })
          position += limit
          return all.slice(position - limit, position)
        },
      }
    }),
    broken('begins anew behind an event that is gone', pages, (store, rows) => ({
      list: ({ after, ...query }) => store.list(after !== undefined && rows.has(after) ? { ...query, after } : query),
    })),
    broken(
      'removes the newest first',
      'ST-06 deleteExpired: removes the oldest first, so that pages lose nothing but their end',
      (_, rows) => ({
        deleteExpired: async (before, limit) => {
          const due = [...rows.values()].filter(({ at }) => at < before).sort((a, b) => b.at.getTime() - a.at.getTime())
          for (const { id } of due.slice(0, limit)) rows.delete(id)
          return Math.min(due.length, limit)
        },
      }),
    ),
  ],
}
