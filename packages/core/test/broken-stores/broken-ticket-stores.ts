import { memoryTicketStore } from '../../src/memory/ticket-store.js'
import { ticketStoreSuite } from '../../src/testing/index.js'
import type { TicketRecord, TicketStore } from '../../src/tickets/index.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { commonFlaws, housekeepingFlaws } from './common-flaws.js'

interface Row {
  readonly ticket: TicketRecord
  readonly isUsed: boolean
}

type Flawed = (store: TicketStore, rows: Map<string, Row>) => Partial<TicketStore>

/** A memory store with some methods replaced by flawed ones, which get at its rows. */
function broken(flaw: string, breaks: string, flawed: Flawed): BrokenStore<TicketStore> {
  const make = (): TicketStore => {
    const rows = new Map<string, Row>()
    const store = memoryTicketStore(null, rows)
    return { ...store, ...flawed(store, rows) }
  }
  return { flaw, breaks, make }
}

const unique = 'ST-02 insert: false where the digest exists, used or not, and never overwrites'
const alike = 'ST-01 takes digests, purposes, bindings and users that look alike for different ones'
const byNow = 'ST-06 find, consume: expire at `expiresAt` and forget the use at `rememberUntil`, by the `now` passed in'
const once = 'ST-02 consume: of N racers exactly one gets consumed, the others learn that it was used'
const mismatch = 'consume: a mismatch changes nothing, before the use and after it'
const withdraws = 'revokeAll: withdraws the user’s unused tickets of a purpose, and answers how many'
const either = 'revokeAll, consume: a ticket is either used or withdrawn, never both'

const consuming: readonly BrokenStore<TicketStore>[] = [
  broken('reads, then deletes', once, (store, rows) => ({
    consume: async (use) => {
      const found = rows.get(use.digest)
      if (!found) return { outcome: 'absent' }
      await gap()
      const answer = await store.consume(use)
      return answer.outcome === 'replayed' && !found.isUsed ? { ...answer, outcome: 'consumed' } : answer
    },
  })),
  broken('forgets what it gave away', once, (store, rows) => ({
    consume: async (use) => {
      const answer = await store.consume(use)
      if (answer.outcome === 'consumed') rows.delete(use.digest)
      return answer
    },
  })),
  broken('uses a ticket up on a mismatch', mismatch, (store, rows) => ({
    consume: async (use) => {
      const answer = await store.consume(use)
      if (answer.outcome === 'mismatch') rows.delete(use.digest)
      return answer
    },
  })),
  broken('tells a use to anybody', mismatch, (store, rows) => ({
    consume: async (use) => {
      const { ticket, isUsed } = rows.get(use.digest) ?? {}
      return ticket && isUsed ? { outcome: 'replayed', ticket } : store.consume(use)
    },
  })),
  broken(
    'reads the ticket, then uses up whichever is presented',
    'consume: racers with a wrong binding take nothing from the right one',
    (store, rows) => ({
      consume: async (use) => {
        const row = rows.get(use.digest)
        if (row && !row.isUsed) {
          rows.set(use.digest, { ...row, isUsed: true })
          await gap()
          if (row.ticket.binding !== use.binding) rows.set(use.digest, row)
          else return { outcome: 'consumed', ticket: row.ticket }
        }
        return store.consume(use)
      },
    }),
  ),
  broken('accepts a ticket at the instant of its end', byNow, (store) => ({
    consume: (use) => store.consume({ ...use, now: new Date(use.now.getTime() - 1) }),
  })),
  broken('forgets a use with the ticket', byNow, (store, rows) => ({
    consume: async (use) => {
      const { ticket } = rows.get(use.digest) ?? {}
      return ticket && use.now >= ticket.expiresAt ? { outcome: 'absent' } : store.consume(use)
    },
  })),
  broken('finds a ticket by using it', 'ST-01 find, consume: give back every field as it was inserted', (store, rows) => ({
    find: async (digest, purpose, now) => {
      const ticket = await store.find(digest, purpose, now)
      if (ticket) rows.set(digest, { ticket, isUsed: true })
      return ticket
    },
  })),
]

const others: readonly BrokenStore<TicketStore>[] = [
  broken(
    'keeps tickets in a plain object',
    'ST-01 find: null for what was never inserted, whatever text it is',
    (store) => ({
      find: async (digest, purpose, now) => (digest in {} ? ({} as TicketRecord) : store.find(digest, purpose, now)),
    }),
  ),
  broken('rewrites the payload as JSON', 'ST-01 find, consume: give back every field as it was inserted', (store) => ({
    insert: (ticket) => store.insert({ ...ticket, payload: JSON.stringify(JSON.parse(ticket.payload || 'null')) }),
  })),
  broken('overwrites', unique, (_, rows) => ({
    insert: async (ticket) => Boolean(rows.set(ticket.digest, { ticket: structuredClone(ticket), isUsed: false })),
  })),
  broken('takes a used digest anew', unique, (store, rows) => ({
    insert: async (ticket) => {
      if (rows.get(ticket.digest)?.isUsed) rows.delete(ticket.digest)
      return store.insert(ticket)
    },
  })),
  broken(
    'looks a digest up before it inserts',
    'ST-02 insert: of racers with one digest exactly one gets true',
    (_, rows) => ({
      insert: async (ticket) => {
        if (rows.has(ticket.digest)) return false
        await gap()
        rows.set(ticket.digest, { ticket: structuredClone(ticket), isUsed: false })
        return true
      },
    }),
  ),
  broken('asks for no purpose', alike, (store, rows) => ({
    consume: (use) => store.consume({ ...use, purpose: rows.get(use.digest)?.ticket.purpose ?? use.purpose }),
  })),
  broken('compares the beginning of a binding', alike, (store, rows) => ({
    consume: (use) => {
      const { binding = use.binding } = rows.get(use.digest)?.ticket ?? {}
      return store.consume({ ...use, binding: use.binding.startsWith(binding) ? binding : use.binding })
    },
  })),
  broken('withdraws tickets of every purpose', withdraws, (store) => ({
    revokeAll: async (purpose, userId) =>
      (await store.revokeAll(purpose, userId)) + (await store.revokeAll('verify-email', userId)),
  })),
  broken('withdraws used tickets too', withdraws, (store, rows) => ({
    revokeAll: async (purpose, userId) => {
      for (const [digest, { ticket }] of rows)
        if (ticket.userId === userId && ticket.purpose === purpose) rows.set(digest, { ticket, isUsed: false })
      return store.revokeAll(purpose, userId)
    },
  })),
  broken('withdraws what is being used', either, (_, rows) => ({
    revokeAll: async (purpose, userId) => {
      const due = [...rows.values()].filter(
        ({ ticket, isUsed }) => !isUsed && ticket.userId === userId && ticket.purpose === purpose,
      )
      await gap()
      for (const { ticket } of due) rows.delete(ticket.digest)
      return due.length
    },
  })),
]

/** Ticket stores with one flaw each. */
export const brokenTicketStores: BrokenStores = {
  name: 'tickets',
  suite: ticketStoreSuite,
  stores: [
    ...commonFlaws(memoryTicketStore, {
      keepsRecords: 'ST-01 find, consume: give back every field as it was inserted',
      keepsTexts: 'ST-01 keeps hostile texts unchanged',
      keepsCopies: 'ST-01 keeps copies: changing what was passed in or given out changes nothing',
      tellsApart: alike,
      judgesByNow: byNow,
    }),
    ...housekeepingFlaws(memoryTicketStore),
    ...consuming,
    ...others,
  ],
}
