import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryAuditStore } from '../memory/audit-store.js'
import { virtualClock } from '../testing/virtual-clock.js'
import { type AuditEvent, createAuditRecorder, loggerSink } from './index.js'

const login = { type: 'login', outcome: 'success', actor: 'user-1', subject: 'user-1', ip: '203.0.113.7' } as const

// Every UTF-16 unit, lone surrogates included.
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 }).map((all) => String.fromCharCode(...all))

describe('what comes from outside', () => {
  const forgeries = [
    'x\r\n{"level":"info","msg":"login ok"}',
    '\u001b[2J\u001b[1;1H',
    'a\u2028b\u2029c',
    '\u202eevil\u2066',
    '\u0000\u0007\u0085\u009b31m',
    'x'.repeat(1_000_000),
    `${'x'.repeat(254)}👍👍`,
    '"}\n{"audit":{"type":"login"',
  ]

  it('ER-05 A-96 makes one line for each event, and each line is one JSON object', async () => {
    const lines: string[] = []
    const stream = (level: string) => (details: object, msg: string) =>
      void lines.push(JSON.stringify({ level, msg, ...details }))
    const errors: unknown[] = []
    const sinks = [loggerSink({ info: stream('info'), warn: stream('warn') })]
    const audit = createAuditRecorder({ clock: virtualClock(), sinks, onSinkError: (error) => void errors.push(error) })
    for (const text of forgeries) {
      await audit.record({
        type: 'login',
        outcome: 'failure',
        actor: text,
        subject: text,
        ip: text,
        sessionId: text,
        route: text,
        code: 'invalid_credentials',
      })
    }
    expect(errors).toEqual([])
    expect(lines).toHaveLength(forgeries.length)
    const everyLine = lines.join('\n').split(/[\r\n\u2028\u2029\u0085]/)
    expect(everyLine).toHaveLength(forgeries.length)
    for (const line of everyLine) {
      expect(JSON.parse(line)).toMatchObject({ level: 'warn', msg: 'login failure', audit: { type: 'login' } })
      expect(line.length).toBeLessThan(5 * 2 * 256 + 300)
    }
  })

  it('ER-05 reaches sinks and store without controls and cut to 256 characters, whatever it is', async () => {
    const text = fc.oneof(fc.constantFrom(...forgeries), anyText)
    await fc.assert(
      fc.asyncProperty(text, text, async (subject, route) => {
        const store = memoryAuditStore()
        const events: AuditEvent[] = []
        const sink = { write: (event: AuditEvent) => void events.push(event) }
        await createAuditRecorder({ clock: virtualClock(), store, sinks: [sink] }).record({
          type: 'login',
          outcome: 'failure',
          subject,
          route,
          code: 'invalid_credentials',
        })
        const seen = [...events, ...(await store.list({ limit: 1 }))].flatMap((event) => [event.subject, event.route])
        expect(seen).toHaveLength(4)
        for (const kept of seen) {
          expect(kept).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
          expect(kept?.length).toBeLessThanOrEqual(256)
        }
      }),
    )
  })
})

describe('loggerSink', () => {
  it('writes successes as info and failures as warnings, one object each', async () => {
    const written: unknown[] = []
    const logger = {
      info: (...line: unknown[]) => void written.push(['info', ...line]),
      warn: (...line: unknown[]) => void written.push(['warn', ...line]),
    }
    const audit = createAuditRecorder({ clock: virtualClock(), sinks: [loggerSink(logger)] })
    await audit.record(login)
    await audit.record({ ...login, outcome: 'failure', code: 'invalid_credentials' })
    const at = '2026-01-01T00:00:00.000Z'
    expect(written).toEqual([
      ['info', { audit: { ...login, id: expect.any(String), at } }, 'login success'],
      [
        'warn',
        { audit: { ...login, outcome: 'failure', code: 'invalid_credentials', id: expect.any(String), at } },
        'login failure',
      ],
    ])
  })
})
