import type { AuditStore, ChangeEvent } from '../audit/index.js'

/**
 * Adds the event of a change to the trail, if that is the deployment's, in the turn of the event loop in which the change
 * is made: each method here is one step.
 */
export function tell(trail: AuditStore | undefined, event: ChangeEvent | undefined): void {
  if (!trail || event?.trail !== trail) return
  void trail.insert(event.record)
  event.kept()
}
