import { createBoundedMap } from '../shared/bounded-map.js'
import type { Clock } from '../shared/clock.js'
import { addressKey } from '../throttle/index.js'
import type { AuditEntry, AuditOutcome } from './audit-event.js'

/** What becomes of an event: it is recorded, or left out; the first that is left out is announced. */
export type EventLimitDecision = 'record' | 'announce' | 'leave out'

/** How many events of one type one caller may leave in a minute. */
const mostOfCaller = 100
/** How many events of one type strangers may leave in a minute, all of them together, in one process. */
const mostOfStrangers = 3000
/** Codes of what was refused before anything was looked at. The first of a caller in a minute says all that there is to say. */
const untested: ReadonlySet<string | undefined> = new Set(['too_many_attempts', 'overloaded'])

const windowMs = 60_000
const rememberedCallers = 10_000

interface LimitedEntry {
  readonly type: string
  readonly outcome: AuditOutcome
  readonly actor?: string | undefined
  readonly ip?: string | undefined
  readonly route?: string | undefined
  readonly code?: string | undefined
}

interface Count {
  readonly startMs: number
  number: number
}

/**
 * Keeps who asks a million times from filling the trail. Counts failures, and what strangers ask for, by type and by who
 * it was: somebody known, or an address (IPv6: its /64); and those of strangers together as well, announcements among
 * them. What somebody known or the application has done is never left out.
 */
export function createEventLimit(clock: Clock): (entry: AuditEntry) => EventLimitDecision {
  const callers = createBoundedMap<string, Count>(rememberedCallers)

  function count(key: string, most: number): EventLimitDecision {
    const nowMs = clock.monotonicMs()
    const known = callers.get(key)
    const counted = known && nowMs - known.startMs < windowMs ? known : { startMs: nowMs, number: 0 }
    counted.number++
    callers.set(key, counted)
    if (counted.number <= most) return 'record'
    return counted.number === most + 1 ? 'announce' : 'leave out'
  }

  return (entry) => {
    const { type, outcome, actor, ip, route, code }: LimitedEntry = entry
    if (outcome === 'success' && (actor !== undefined || route === undefined)) return 'record'
    const caller = actor ?? addressKey(ip)
    if (untested.has(code) && count(`${type} ${code} ${caller}`, 1) !== 'record') return 'leave out'
    const ofCaller = count(`${type} ${caller}`, mostOfCaller)
    if (ofCaller === 'leave out' || actor !== undefined) return ofCaller
    const ofAll = count(`${type} *`, mostOfStrangers)
    return ofAll === 'record' ? ofCaller : ofAll
  }
}
