import { StoreError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { callHook } from '../shared/hook.js'
import { randomUuid } from '../shared/random.js'
import { withDeadline } from '../shared/store-deadline.js'
import { printable } from '../shared/text.js'
import type { AuditEntry, AuditEvent, AuditRecord, AuditRecorder, AuditSink } from './audit-event.js'
import type { AuditStore } from './audit-store.js'
import { createEventLimit } from './event-limit.js'

/** What the recorder needs. */
export interface AuditRecorderDeps {
  /** Keeps the events; without one they go to the sinks alone. */
  readonly store?: AuditStore
  /** Hear of every event, each for itself. */
  readonly sinks: readonly AuditSink[]
  readonly clock: Clock
  /** How long a caller waits for the store. Default 2000. */
  readonly deadlineMs?: number
  /** Hears of every event that a store or a sink did not take. What it throws is dropped. */
  readonly onSinkError?: (error: unknown) => void
}

const defaultDeadlineMs = 2000
const maxTextLength = 256
const mostPendingWrites = 10_000

/** Makes the recorder. */
export function createAuditRecorder(deps: AuditRecorderDeps): AuditRecorder {
  const { store, clock, deadlineMs = defaultDeadlineMs, onSinkError } = deps
  const report = (error: unknown): void => {
    if (onSinkError) callHook(() => onSinkError(error))
  }
  const outlets = deps.sinks.map((sink, i) => createOutlet(sink, `audit sink ${i}`, report))
  const kept = store && withDeadline(store, 'audit', clock, deadlineMs)
  const decide = createEventLimit(clock)

  function tellSinks(event: AuditEvent): void {
    for (const outlet of outlets) outlet(copyOf(event))
  }

  async function write(event: AuditEvent): Promise<void> {
    tellSinks(event)
    // `false` means that the store has the event from a write whose answer was lost: its id is random.
    await kept?.insert(copyOf(event))
  }

  return {
    async record(entry) {
      try {
        const decision = decide(entry)
        if (decision === 'leave out') return
        await write(eventOf(decision === 'record' ? entry : announcementOf(entry), clock.now()))
      } catch (error) {
        report(error)
      }
    },
    async recordChange({ entry, make, isMade = Boolean, waits = true }) {
      const event = eventOf(entry, clock.now())
      let isKept = false
      const kept = (): void => {
        if (!isKept) tellSinks(event)
        isKept = true
      }
      const answer = await make(store && { record: copyOf(event), trail: store, kept })
      if (isKept || !isMade(answer)) return answer
      isKept = true // Whoever says so from now on says it too late.
      const written = write(event).catch(report)
      if (waits) await written
      return answer
    },
  }
}

/** Gives events to one sink and waits for nothing. A sink that does not keep up loses events; the process does not fill up. */
function createOutlet(sink: AuditSink, name: string, report: (error: unknown) => void): (event: AuditEvent) => void {
  let pending = 0
  let dropped = 0

  async function write(event: AuditEvent): Promise<void> {
    pending++
    try {
      await sink.write(event)
    } catch (error) {
      report(error)
    } finally {
      pending--
    }
  }

  return (event) => {
    if (pending < mostPendingWrites) {
      if (dropped > 0) report(new StoreError(`${name} takes events again; it missed ${dropped}`))
      dropped = 0
      void write(event)
      return
    }
    // Not once for each: whoever listens may be behind as well.
    if (dropped++ % mostPendingWrites === 0) report(new StoreError(`${name} is behind and misses events: ${dropped} so far`))
  }
}

/** Says that from here on events like this one are left out for a while. */
function announcementOf(entry: AuditEntry): AuditEntry {
  const { type, actor, ip }: FlatEntry = entry
  return { type: 'audit.limited', outcome: 'failure', subject: type, actor, ip }
}

/** Any entry, whatever its type. */
type FlatEntry = Pick<AuditRecord, 'type' | 'outcome'> & {
  readonly [Field in 'actor' | 'subject' | 'ip' | 'sessionId' | 'route' | 'code']?: AuditRecord[Field] | undefined
}

/** Takes the fields that an event has and no others, so that nothing is recorded by mistake. */
function eventOf(entry: AuditEntry, at: Date): AuditEvent {
  const { type, outcome, actor, subject, ip, sessionId, route, code }: FlatEntry = entry
  const texts = { actor, subject, ip, sessionId, route }
  const cleaned = Object.entries(texts)
    .filter((text): text is [string, string] => typeof text[1] === 'string')
    .map(([name, text]) => [name, printable(text, maxTextLength)])
  const event = {
    id: randomUuid(),
    type,
    at,
    outcome,
    ...Object.fromEntries(cleaned),
    ...(code === undefined ? {} : { code }),
  }
  return event as AuditEvent // The fields of the entry, which fit its type and outcome.
}

/** A copy of its own for each that hears of it: a date cannot be frozen. */
function copyOf(event: AuditEvent): AuditEvent {
  return Object.freeze({ ...event, at: new Date(event.at) })
}
