export type { TicketPurpose } from './ticket-format.js'
export {
  createTicketService,
  type LiveTicket,
  type NewTicket,
  type TicketPayload,
  type TicketService,
  type TicketServiceDeps,
  ticketLifeSeconds,
} from './ticket-service.js'
export type { TicketOutcome, TicketRecord, TicketStore, TicketUse } from './ticket-store.js'
