import type { AuditStore } from '../audit/index.js'
import type { DeploymentMark } from '../shared/deployment-mark.js'
import type { TicketRecord, TicketStore } from '../tickets/index.js'
import { tell } from './tell.js'

interface StoredTicket {
  readonly ticket: TicketRecord
  readonly isUsed: boolean
}

/**
 * Keeps tickets in this process, for tests and trials: all is gone with it.
 * @param tickets Where the records are kept, by digest.
 */
export function memoryTicketStore(
  deployment: DeploymentMark | null = null,
  tickets: Map<string, StoredTicket> = new Map(),
  trail?: AuditStore,
): TicketStore {
  return {
    deployment,
    async insert(ticket) {
      if (tickets.has(ticket.digest)) return false
      tickets.set(ticket.digest, { ticket: structuredClone(ticket), isUsed: false })
      return true
    },
    async find(digest, purpose, now) {
      const { ticket, isUsed } = tickets.get(digest) ?? {}
      return ticket && !isUsed && ticket.purpose === purpose && now < ticket.expiresAt ? structuredClone(ticket) : null
    },
    async consume({ digest, purpose, binding, now, event }) {
      const { ticket, isUsed } = tickets.get(digest) ?? {}
      if (!ticket || now >= (isUsed ? ticket.rememberUntil : ticket.expiresAt)) return { outcome: 'absent' }
      if (ticket.purpose !== purpose || ticket.binding !== binding) return { outcome: 'mismatch' }
      tickets.set(digest, { ticket, isUsed: true })
      if (!isUsed) tell(trail, event)
      return { outcome: isUsed ? 'replayed' : 'consumed', ticket: structuredClone(ticket) }
    },
    async revokeAll(purpose, userId) {
      const due = [...tickets.values()].filter(
        ({ ticket, isUsed }) => !isUsed && ticket.purpose === purpose && ticket.userId === userId,
      )
      for (const { ticket } of due) tickets.delete(ticket.digest)
      return due.length
    },
    async deleteExpired(before, limit) {
      const due = [...tickets.values()].filter(({ ticket }) => ticket.rememberUntil < before).slice(0, limit)
      for (const { ticket } of due) tickets.delete(ticket.digest)
      return due.length
    },
  }
}
