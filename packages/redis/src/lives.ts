import { encodeInteger } from './fields.js'

const dayMs = 86_400_000

/**
 * How long a record stays in Redis that ends at `end` by the clock of whoever writes it at `now`: a day longer than it
 * counts, so that no difference between clocks takes it early. Only its own times say whether it counts.
 */
export function lifeUntil(end: Date, now: Date, graceMs: number = dayMs): string {
  return encodeInteger(Math.max(end.getTime() - now.getTime(), 0) + graceMs)
}
