import type { DeploymentMark } from '../shared/deployment-mark.js'
import type { TicketRecord, TicketStore } from '../tickets/index.js'

/** Keeps tickets in this process, for tests and trials: all is gone with it. */
export function memoryTicketStore(deployment: DeploymentMark | null = null): TicketStore {
  const tickets = new Map<string, { readonly ticket: TicketRecord; used: boolean }>()

  return {
    deployment,
    async insert(ticket) {
      if (tickets.has(ticket.digest)) return false
      tickets.set(ticket.digest, { ticket: Object.freeze({ ...ticket }), used: false })
      return true
    },
    async find(digest, purpose, now) {
      const entry = tickets.get(digest)
      return entry && !entry.used && entry.ticket.purpose === purpose && now < entry.ticket.expiresAt ? entry.ticket : null
    },
    async consume({ digest, purpose, binding, now }) {
      const entry = tickets.get(digest)
      if (!entry || now >= (entry.used ? entry.ticket.rememberUntil : entry.ticket.expiresAt)) return { outcome: 'absent' }
      const { ticket, used } = entry
      if (ticket.purpose !== purpose || ticket.binding !== binding) return { outcome: 'mismatch' }
      entry.used = true
      return { outcome: used ? 'replayed' : 'consumed', ticket }
    },
    async revokeAll(purpose, userId) {
      const due = [...tickets.values()].filter(
        ({ ticket, used }) => !used && ticket.purpose === purpose && ticket.userId === userId,
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
