export type { TicketOutcome, TicketRecord, TicketStore, TicketUse } from './ticket-store.js'
