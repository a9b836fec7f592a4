import type { AuditRecord, AuditStore } from '../audit/index.js'

/**
 * Adds the event of a change to the trail, in the turn of the event loop in which the change is made: each method here is
 * one step.
 */
export function tell(trail: AuditStore | undefined, event: AuditRecord | undefined): void {
  if (trail && event) void trail.insert(event)
}
