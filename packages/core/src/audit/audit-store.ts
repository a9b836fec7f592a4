import type { StoreBase } from '../shared/deployment-mark.js'
import type { AuditEventType, AuditRecord } from './audit-event.js'

/** Which events to list. */
export interface AuditQuery {
  readonly type?: AuditEventType
  readonly subject?: string
  /** Only events listed after this one, the last of the page before. */
  readonly after?: string
  readonly limit: number
}

/** Where the audit trail is kept. */
export interface AuditStore extends StoreBase {
  /** Adds an event; `false` where its id exists. */
  insert(event: AuditRecord): Promise<boolean>
  /**
   * Lists events, newest first by `at`; those of one instant in an order that stays, so that pages miss nothing and
   * repeat nothing. Nothing where the event named by `after` is not there.
   */
  list(query: AuditQuery): Promise<readonly AuditRecord[]>
  /** Removes up to `limit` events older than `before`, the oldest first; answers how many. */
  deleteExpired(before: Date, limit: number): Promise<number>
}
