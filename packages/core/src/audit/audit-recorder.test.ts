import { describe, expect, it } from 'vitest'
import { StoreError } from '../errors.js'
import { memoryAuditStore } from '../memory/audit-store.js'
import { virtualClock } from '../testing/virtual-clock.js'
import {
  type AuditEntry,
  type AuditEvent,
  type AuditSink,
  type AuditStore,
  type ChangeEvent,
  createAuditRecorder,
} from './index.js'

const login = { type: 'login', outcome: 'success', actor: 'user-1', subject: 'user-1', ip: '203.0.113.7' } as const
const never = (): Promise<never> => new Promise(() => undefined)

/** A recorder with all that it was heard to say. */
function recorder(sinks: readonly AuditSink[], store?: AuditStore) {
  const clock = virtualClock()
  const errors: unknown[] = []
  const onSinkError = (error: unknown): void => void errors.push(error)
  return { clock, errors, audit: createAuditRecorder({ clock, sinks, onSinkError, ...(store ? { store } : {}) }) }
}

function listening(): { sink: AuditSink; events: AuditEvent[] } {
  const events: AuditEvent[] = []
  return { events, sink: { write: (event) => void events.push(event) } }
}

describe('createAuditRecorder', () => {
  it('gives store and sinks one event, with an id of its own and the time of the clock', async () => {
    const store = memoryAuditStore()
    const { sink, events } = listening()
    const { audit, clock } = recorder([sink], store)
    await audit.record(login)
    await clock.advance(1000)
    await audit.record({
      ...login,
      outcome: 'failure',
      code: 'invalid_credentials',
      actor: 'a',
      sessionId: 's',
      route: 'POST /x',
    })
    expect(await store.list({ limit: 10 })).toEqual([...events].reverse())
    expect(events).toEqual([
      { ...login, id: expect.any(String), at: new Date('2026-01-01T00:00:00Z') },
      {
        ...login,
        outcome: 'failure',
        code: 'invalid_credentials',
        actor: 'a',
        sessionId: 's',
        route: 'POST /x',
        id: expect.any(String),
        at: new Date('2026-01-01T00:00:01Z'),
      },
    ])
    for (const { id } of events) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(events[0]?.id).not.toBe(events[1]?.id)
  })

  it('resolves when the store has the event, and waits for no sink', async () => {
    let kept = (_: boolean): void => undefined
    const insert = (): Promise<boolean> =>
      new Promise((resolve) => {
        kept = resolve
      })
    const { sink, events } = listening()
    const { audit } = recorder([{ write: never }, sink], { ...memoryAuditStore(), insert })
    let isDone = false
    const done = audit.record(login).then(() => {
      isDone = true
    })
    await nextTurn()
    expect([isDone, events.length]).toEqual([false, 1])
    kept(true)
    await done
    expect(isDone).toBe(true)
  })

  it('records the fields of an event and no others', async () => {
    const { sink, events } = listening()
    const { audit } = recorder([sink])
    await audit.record({ ...login, password: 'hunter2', token: 'secret', route: undefined } as unknown as AuditEntry)
    expect(events).toEqual([{ ...login, id: expect.any(String), at: expect.any(Date) }])
  })

  it('gives each sink an event of its own: what one does to it no other sees', async () => {
    const store = memoryAuditStore()
    const { sink, events } = listening()
    const vandal: AuditSink = {
      write(event) {
        event.at.setTime(0)
        Object.assign(event, { outcome: 'failure' })
      },
    }
    const { audit, errors } = recorder([vandal, sink], store)
    await audit.record(login)
    expect(events[0]?.at).toEqual(new Date('2026-01-01T00:00:00Z'))
    expect(await store.list({ limit: 1 })).toEqual(events)
    expect(errors).toEqual([expect.any(TypeError)])
  })

  it('ER-03 sinks that throw, reject or hang change nothing for the caller, the store or the other sinks', async () => {
    const unhandled: unknown[] = []
    const listen = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', listen)
    const store = memoryAuditStore()
    const { sink, events } = listening()
    const bad: AuditSink[] = [
      { write: broken },
      { write: () => Promise.reject(new Error('rejected')) },
      { write: () => Promise.reject() },
      { write: never },
      { write: () => Object.defineProperty({}, 'then', { get: broken }) as Promise<void> }, // A promise to the eye.
      {} as AuditSink,
    ]
    const { audit, errors } = recorder([...bad, sink], store)
    for (let i = 0; i < 10; i++) await audit.record(login)
    await nextTurn()
    process.off('unhandledRejection', listen)
    expect(events).toHaveLength(10)
    expect(await store.list({ limit: 20 })).toHaveLength(10)
    expect(errors).toHaveLength(50)
    expect(unhandled).toEqual([])
  })

  it('ER-03 a listener that throws or rejects changes nothing either', async () => {
    const listeners = [broken, () => Promise.reject(new Error('x')) as unknown as undefined]
    for (const onSinkError of listeners) {
      const sinks = [{ write: () => Promise.reject(new Error('y')) }]
      const audit = createAuditRecorder({ clock: virtualClock(), sinks, onSinkError })
      expect(await audit.record(login)).toBe(undefined)
      await nextTurn()
    }
  })

  it.each<[string, AuditStore['insert']]>([
    ['rejects', () => Promise.reject(new Error('down'))],
    ['throws', broken],
  ])('ER-03 a store that %s never rejects to the caller and is told of', async (_, insert) => {
    const { sink, events } = listening()
    const { audit, errors } = recorder([sink], { ...memoryAuditStore(), insert })
    expect(await audit.record(login)).toBe(undefined)
    expect(errors).toEqual([expect.objectContaining({ name: 'StoreError' })])
    expect(events).toHaveLength(1)
  })

  it('ER-03 a store that hangs costs the caller 2 seconds at most, and its late failure troubles nobody', async () => {
    let fail = (_: Error): void => undefined
    const insert = (): Promise<boolean> =>
      new Promise((_, reject) => {
        fail = reject
      })
    const { audit, clock, errors } = recorder([], { ...memoryAuditStore(), insert })
    let isDone = false
    const done = audit.record(login).then(() => {
      isDone = true
    })
    await clock.advance(1999)
    await nextTurn()
    expect(isDone).toBe(false)
    await clock.advance(1)
    await done
    fail(new Error('late'))
    await nextTurn()
    expect(errors).toEqual([expect.objectContaining({ name: 'StoreError' })])
  })

  it('ER-03 a clock that fails is told of and costs the event alone', async () => {
    const errors: unknown[] = []
    const clock = { ...virtualClock(), now: broken }
    const audit = createAuditRecorder({ clock, sinks: [], onSinkError: (error) => void errors.push(error) })
    expect(await audit.record(login)).toBe(undefined)
    expect(errors).toHaveLength(1)
  })

  it('keeps at most 10,000 events waiting for a sink, tells of those it drops, and goes on once the sink does', async () => {
    const waiting: (() => void)[] = []
    const hanging: AuditSink = { write: () => new Promise((resolve) => waiting.push(resolve)) }
    const { sink, events } = listening()
    const { audit, errors } = recorder([hanging, sink])
    for (let i = 0; i < 10_005; i++) await audit.record(login)
    expect([waiting.length, events.length]).toEqual([10_000, 10_005])
    expect(errors.map(String)).toEqual(['StoreError: audit sink 0 is behind and misses events: 1 so far'])
    for (const release of waiting.splice(0)) release()
    await nextTurn()
    for (let i = 0; i < 3; i++) await audit.record(login)
    expect([waiting.length, events.length]).toEqual([3, 10_008])
    expect(errors.slice(1).map(String)).toEqual(['StoreError: audit sink 0 takes events again; it missed 5'])
  })
})

function broken(): never {
  throw new TypeError('broken')
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('recordChange', () => {
  /** Counts what the trail is asked for by the recorder itself. */
  function watched(): { store: AuditStore; inserted: () => number } {
    const inner = memoryAuditStore()
    let count = 0
    const store: AuditStore = {
      ...inner,
      insert(event) {
        count++
        return inner.insert(event)
      },
    }
    return { store, inserted: () => count }
  }

  it('hands its event to the store that is changed, tells the sinks once that has kept it, and adds none itself', async () => {
    const { store, inserted } = watched()
    const { sink, events } = listening()
    const { audit } = recorder([sink], store)
    const seen: unknown[] = []
    const make = async (event: ChangeEvent | undefined): Promise<string> => {
      expect(event?.trail).toBe(store)
      expect(events).toEqual([])
      event?.kept()
      event?.kept()
      seen.push(event?.record)
      expect(events).toHaveLength(1)
      return 'made'
    }
    expect(await audit.recordChange({ entry: login, make })).toBe('made')
    expect(seen).toEqual(events)
    expect(events).toEqual([{ ...login, id: expect.any(String), at: expect.any(Date) }])
    expect(inserted()).toBe(0)
  })

  it('adds an event that the store has left alone once the change is made', async () => {
    const { store } = watched()
    const { sink, events } = listening()
    const { audit } = recorder([sink], store)
    const make = async (): Promise<boolean> => {
      expect(await store.list({ limit: 10 })).toEqual([])
      return true
    }
    await audit.recordChange({ entry: login, make })
    expect(events).toHaveLength(1)
    expect(await store.list({ limit: 10 })).toEqual(events)
  })

  it('tells nobody of what was not changed', async () => {
    const { store } = watched()
    const { sink, events } = listening()
    const { audit } = recorder([sink], store)
    expect(await audit.recordChange({ entry: login, make: async () => null })).toBeNull()
    const isMade = (outcome: string): boolean => outcome === 'inserted'
    await audit.recordChange({ entry: login, make: async () => 'taken', isMade })
    const failed = audit.recordChange({ entry: login, make: () => Promise.reject(new StoreError('late')) })
    await expect(failed).rejects.toThrow('late')
    expect([events, await store.list({ limit: 10 })]).toEqual([[], []])
  })

  it('has the sinks hear of what was made, whatever comes of the rest', async () => {
    const { store } = watched()
    const { sink, events } = listening()
    const { audit } = recorder([sink], store)
    const make = async (event: ChangeEvent | undefined): Promise<never> => {
      event?.kept()
      throw new StoreError('the feed is down')
    }
    await expect(audit.recordChange({ entry: login, make })).rejects.toThrow('the feed is down')
    expect(events).toHaveLength(1)
  })

  it.each([true, false])('waits for a trail elsewhere only if it is to: %s', async (waits) => {
    const { audit } = recorder([], { ...memoryAuditStore(), insert: never })
    let isAnswered = false
    void audit.recordChange({ entry: login, make: async () => true, waits }).then(() => {
      isAnswered = true
    })
    await nextTurn()
    expect(isAnswered).toBe(!waits)
  })

  it('answers as the change does where the trail fails', async () => {
    const insert = (): Promise<never> => Promise.reject(new StoreError('down'))
    const { audit, errors } = recorder([], { ...memoryAuditStore(), insert })
    expect(await audit.recordChange({ entry: login, make: async () => 'made' })).toBe('made')
    expect(errors).toEqual([new StoreError('down')])
  })
})
