import { AuthError } from '../errors.js'
import type { AuditContext, AuditEntry, AuditRecorder, RefusableType } from './audit-event.js'

/** What is known of a command before it begins. What it finds out on its way may be added. */
export interface AuditSubject extends AuditContext {
  /** Id of whom or what it is done to. */
  subject?: string | undefined
}

/** Runs a command and passes on what it answers. */
export type RecordRefusal = <T>(type: RefusableType, about: AuditSubject, command: () => Promise<T>) => Promise<T>

/**
 * Makes the function that commands run in: one that ends in a refusal leaves one event of its type, with the refusal's
 * code. A fault leaves none, as the log has it. That a command was done, it records itself.
 */
export function recordRefusals(audit: AuditRecorder): RecordRefusal {
  return async (type, about, command) => {
    try {
      return await command()
    } catch (error) {
      if (error instanceof AuthError) {
        const { subject } = about
        const entry = { type, outcome: 'failure', code: error.code, ...callerOf(about), subject }
        await audit.record(entry as AuditEntry) // Every type that can be refused has this failure.
      }
      throw error
    }
  }
}

/** All that an event may have of a context. */
export function callerOf({ ip, route, actor, sessionId }: AuditContext): AuditContext {
  return { ip, route, actor, sessionId }
}
