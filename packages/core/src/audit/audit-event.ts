import type { AuthErrorCode } from '../errors.js'

/** What happened. */
export type AuditEventType =
  | 'registration'
  | 'login'
  | 'logout'
  | 'logout_all'
  | 'refresh'
  | 'refresh.reused'
  | 'refresh.store_rollback'
  | 'session.revoked'
  | 'password.changed'
  | 'password.reset'
  | 'breach_check.unavailable'
  | 'account.disabled'
  | 'account.enabled'
  | 'account.deleted'
  | 'roles.changed'
  | 'api_key.issued'
  | 'api_key.imported'
  | 'api_key.rotated'
  | 'api_key.revoked'
  | 'api_key.leaked'
  | 'api_key.refused'
  | 'access.refused'
  | 'signing_key.created'
  | 'signing_key.revoked'

/** One line of the audit trail. Holds no secret; strings from outside are cut and cleared of control characters. */
export interface AuditEvent {
  /** A UUID. */
  readonly id: string
  readonly type: AuditEventType
  readonly at: Date
  readonly outcome: 'success' | 'failure'
  /** Id of who did it, where known. */
  readonly actor?: string
  /** Id of whom or what it was done to. */
  readonly subject?: string
  /** The client's address. */
  readonly ip?: string
  readonly sessionId?: string
  /** Method and path pattern of the route, where one was met. */
  readonly route?: string
  /** Why it failed. */
  readonly code?: AuthErrorCode
}

/** An event about to be recorded. */
export type AuditEntry = Omit<AuditEvent, 'id' | 'at'>

/** Where events go. A sink that throws or hangs never changes the answer to the caller. */
export interface AuditSink {
  /** Takes one event. */
  write(event: AuditEvent): void | Promise<void>
}

/** Records what happened. */
export interface AuditRecorder {
  /** Gives the event to the store and every sink. Resolves when the store has it, or did not answer in time; never rejects. */
  record(entry: AuditEntry): Promise<void>
}
