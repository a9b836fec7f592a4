import type { AuditSink } from './audit-event.js'

/** A logger in pino's shape. */
export interface AuditLogger {
  /** Writes one line about something that went well. */
  info(details: object, message: string): void
  /** Writes one line about something that was refused. */
  warn(details: object, message: string): void
}

/**
 * Writes each event as one structured line, failures as warnings. The event stands under `audit`, with its time in ISO
 * 8601; the message says its type and outcome.
 */
export function loggerSink(logger: AuditLogger): AuditSink {
  return {
    write(event) {
      const details = { audit: { ...event, at: event.at.toISOString() } }
      const message = `${event.type} ${event.outcome}`
      if (event.outcome === 'success') logger.info(details, message)
      else logger.warn(details, message)
    },
  }
}
