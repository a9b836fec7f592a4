import type { AuditRecord } from '@auth/core'
import type { Database } from './database.js'
import { defineTable, type Table } from './table.js'

/** An event with a value for every column. */
export type StoredEvent = { readonly [Field in keyof AuditRecord]-?: AuditRecord[Field] | null }

/** The table of the audit trail. */
export function defineAuditTable(database: Database): Table<StoredEvent> {
  return defineTable<StoredEvent>(database, 'auth_audit_event', {
    id: 'text',
    type: 'text',
    at: 'time',
    outcome: 'text',
    actor: 'text',
    subject: 'text',
    ip: 'text',
    sessionId: 'text',
    route: 'text',
    code: 'text',
  })
}

/** The row of an event. */
export function toStored(event: AuditRecord): StoredEvent {
  return { actor: null, subject: null, ip: null, sessionId: null, route: null, code: null, ...event }
}

/** The event of a row. */
export function fromStored(stored: StoredEvent): AuditRecord {
  const known = Object.entries(stored).filter(([, value]) => value !== null)
  return Object.fromEntries(known) as unknown as AuditRecord // What is never absent is never null: its columns are not.
}
