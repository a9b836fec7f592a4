import type { AuthErrorCode } from '../errors.js'
import type { OAuthErrorCode } from '../oauth-server/index.js'
import type { AuditEventFields, RefusedFields } from './audit-event-fields.js'
import type { AuditStore } from './audit-store.js'

/** What happened. */
export type AuditEventType = keyof AuditEventFields

/** What every event has, beside the fields of its type and outcome. */
export interface AuditEventBase<Type extends AuditEventType, Outcome extends AuditOutcome> {
  /** A UUID. */
  readonly id: string
  readonly type: Type
  /** By the clock of the process that recorded it. */
  readonly at: Date
  readonly outcome: Outcome
  /** The client's address. Absent where the application itself acted. */
  readonly ip?: string
  /** Method and path pattern of the route, where one was met: `POST /auth/login`. */
  readonly route?: string
}

/** How an operation ended. */
export type AuditOutcome = 'success' | 'failure'

/** The outcomes that events of a type may have. */
export type AuditOutcomeOf<Type extends AuditEventType> = keyof AuditEventFields[Type] & AuditOutcome

/** An event of one type and outcome. The fields that it never has are there to be asked for all the same. */
export type AuditEventOf<Type extends AuditEventType, Outcome extends AuditOutcomeOf<Type>> = AuditEventBase<Type, Outcome> &
  AuditEventFields[Type][Outcome] & {
    readonly [Name in Exclude<'actor' | 'subject' | 'sessionId' | 'code', keyof AuditEventFields[Type][Outcome]>]?: never
  }

/**
 * One line of the audit trail: a union by `type` and `outcome`, which say what other fields it has. Holds no secret;
 * strings from outside are cut and cleared of control characters. A session's id in it is a handle, not its secret.
 * @example
 * if (event.type === 'refresh.reused') alarm(event.subject, event.sessionId)
 */
export type AuditEvent = {
  [Type in AuditEventType]: { [Outcome in AuditOutcomeOf<Type>]: AuditEventOf<Type, Outcome> }[AuditOutcomeOf<Type>]
}[AuditEventType]

/** Any event as stores keep it: the same fields whatever its type. */
export interface AuditRecord {
  readonly id: string
  readonly type: AuditEventType
  readonly at: Date
  readonly outcome: AuditOutcome
  readonly actor?: string
  readonly subject?: string
  readonly ip?: string
  readonly sessionId?: string
  readonly route?: string
  readonly code?: AuthErrorCode | OAuthErrorCode
}

/** An event about to be recorded. A field that is `undefined` is left out. */
export type AuditEntry = {
  [Type in AuditEventType]: {
    [Outcome in AuditOutcomeOf<Type>]: WithUndefined<
      Omit<AuditEventBase<Type, Outcome>, 'id' | 'at'> & AuditEventFields[Type][Outcome]
    >
  }[AuditOutcomeOf<Type>]
}[AuditEventType]

type WithUndefined<Fields> = {
  readonly [Name in keyof Fields]: object extends Pick<Fields, Name> ? Fields[Name] | undefined : Fields[Name]
}

/** Who asked for what is recorded, and from where. The application itself has none of it. */
export interface AuditContext {
  /** The client's address. */
  readonly ip?: string | undefined
  /** Method and path pattern of the route that was met. */
  readonly route?: string | undefined
  /** Id of who asks, where that is known before the command begins. */
  readonly actor?: string | undefined
  /** The session that it is asked from. */
  readonly sessionId?: string | undefined
}

/** Types of which a refusal is recorded: those of commands. */
export type RefusableType = {
  [Type in AuditEventType]: AuditEventFields[Type] extends { readonly failure: RefusedFields } ? Type : never
}[AuditEventType]

/** Where events go. A sink that throws or hangs never changes the answer to the caller. */
export interface AuditSink {
  /** Takes one event. */
  write(event: AuditEvent): void | Promise<void>
}

/** Records what happened. */
export interface AuditRecorder {
  /** Gives the event to the store and every sink. Resolves when the store has it, or did not answer in time; never rejects. */
  record(entry: AuditEntry): Promise<void>
  /**
   * Makes a change that leaves an event, and answers what it answers. A store that keeps the trail as well writes both in
   * one transaction, and the sinks hear of it at once, whatever comes of the rest. With any other the event follows, and is
   * lost with a process that dies in between. What was done is never left out, however often it is done.
   */
  recordChange<Answer>(change: RecordedChange<Answer>): Promise<Answer>
}

/**
 * An event on its way to the store that makes the change which it tells of. A store in whose database that very `trail`
 * is adds the record in the transaction of the change, and only where it makes it, and calls `kept` once both are
 * there. Any other leaves it alone: then the caller adds it.
 */
export interface ChangeEvent {
  readonly record: AuditRecord
  /** The deployment's audit store, as it was configured. */
  readonly trail: AuditStore
  /** Says that the change is made and the record is in the trail. Never throws. */
  kept(): void
}

/** A change and the event that it leaves. */
export interface RecordedChange<Answer> {
  readonly entry: AuditEntry
  /**
   * Makes the change, and hands the event to the store's method, if there is one. Does what follows from it as well: the
   * trail of another system comes last. Rejections are passed on.
   */
  readonly make: (event: ChangeEvent | undefined) => Promise<Answer>
  /** Whether an answer says that the change was made. Default: whether it is truthy. */
  readonly isMade?: (answer: Answer) => boolean
  /** Whether the answer waits for a trail that is kept elsewhere. Default: yes. */
  readonly waits?: boolean
}
