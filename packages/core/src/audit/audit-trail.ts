import { ConfigError } from '../errors.js'
import type { AuditEvent, AuditEventType } from './audit-event.js'
import { isAuditEventType } from './audit-rules.js'
import type { AuditStore } from './audit-store.js'

/** Which events to list. */
export interface AuditListQuery {
  readonly type?: AuditEventType
  /** Only events about this user, key or token. */
  readonly subject?: string
  /** Only events listed after this one: the id of the last event of the page before. */
  readonly after?: string
  /** At most so many; from 1 to 1,000. Default 100. */
  readonly limit?: number
}

/** The audit trail. */
export interface Audit {
  /**
   * Lists events, newest first. Those of another release may be of types that this one does not know.
   * @throws ConfigError without an audit store, or for a type or a limit that there is not
   */
  list(query?: AuditListQuery): Promise<readonly AuditEvent[]>
}

const defaultLimit = 100
const mostEvents = 1000

/** Makes what the application reads the trail with. */
export function createAudit(store: AuditStore | undefined): Audit {
  return {
    async list({ limit = defaultLimit, ...query } = {}) {
      if (!store) throw new ConfigError([{ path: 'stores.audit', message: 'is needed to list events' }])
      if (query.type !== undefined && !isAuditEventType(query.type))
        throw new ConfigError([{ path: 'type', message: 'is no type of event' }])
      if (!Number.isInteger(limit) || limit < 1 || limit > mostEvents)
        throw new ConfigError([{ path: 'limit', message: `must be a whole number from 1 to ${mostEvents}` }])
      const events = await store.list({ ...query, limit })
      return events as readonly AuditEvent[] // As the recorder made them.
    },
  }
}
