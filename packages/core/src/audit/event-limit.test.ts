import { describe, expect, it } from 'vitest'
import { memoryAuditStore } from '../memory/audit-store.js'
import { virtualClock } from '../testing/virtual-clock.js'
import { type AuditEntry, createAuditRecorder } from './index.js'

const refused: AuditEntry = { type: 'access.refused', outcome: 'failure', code: 'csrf_rejected' }

function trail() {
  const [clock, store] = [virtualClock(), memoryAuditStore()]
  const audit = createAuditRecorder({ clock, store, sinks: [] })
  return {
    clock,
    async record(times: number, entry: (index: number) => AuditEntry) {
      for (let i = 0; i < times; i++) await audit.record(entry(i))
    },
    async counts() {
      const counts: Record<string, number> = {}
      for (const { type } of await store.list({ limit: 1e6 })) counts[type] = (counts[type] ?? 0) + 1
      return counts
    },
    limited: async () =>
      (await store.list({ type: 'audit.limited', limit: 10 })).map(({ subject, actor, ip }) => [subject, actor, ip]),
  }
}

describe('what one caller fails at', () => {
  it('ER-04 is recorded a hundred times a minute; then one event says that the rest is not', async () => {
    const { record, counts, limited, clock } = trail()
    await record(10_000, () => ({ ...refused, actor: 'eve', ip: '203.0.113.7' }))
    expect(await counts()).toEqual({ 'access.refused': 100, 'audit.limited': 1 })
    expect(await limited()).toEqual([['access.refused', 'eve', '203.0.113.7']])
    await clock.advance(60_000)
    await record(3, () => ({ ...refused, actor: 'eve' }))
    expect(await counts()).toEqual({ 'access.refused': 103, 'audit.limited': 1 })
  })

  it('ER-04 takes nothing from other callers, from other types, or from what succeeds', async () => {
    const { record, counts } = trail()
    await record(200, () => ({ ...refused, actor: 'eve' }))
    await record(1, () => ({ ...refused, actor: 'ada' }))
    await record(1, () => ({ type: 'roles.changed', outcome: 'failure', code: 'insufficient_scope', actor: 'eve' }))
    await record(500, () => ({ type: 'refresh', outcome: 'success', actor: 'eve', subject: 'eve', sessionId: 's' }))
    expect(await counts()).toEqual({ 'access.refused': 101, 'audit.limited': 1, 'roles.changed': 1, refresh: 500 })
  })

  it('ER-04 counts by address where nobody is known: one network of IPv6 is one caller', async () => {
    const { record, counts } = trail()
    await record(150, (i) => ({ ...refused, ip: `2001:db8::${i.toString(16)}` }))
    await record(1, () => ({ ...refused, ip: '2001:db8:0:1::1' }))
    expect(await counts()).toEqual({ 'access.refused': 101, 'audit.limited': 1 })
  })

  it('ER-04 is bounded for strangers from any number of addresses', async () => {
    const { record, counts, limited } = trail()
    await record(20_000, (i) => ({ ...refused, ip: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }))
    expect(await counts()).toEqual({ 'access.refused': 3000, 'audit.limited': 1 })
    expect(await limited()).toEqual([['access.refused', undefined, '10.0.11.184']])
    await record(1, () => ({ ...refused, actor: 'ada' }))
    expect(await counts()).toEqual({ 'access.refused': 3001, 'audit.limited': 1 })
  })

  it('ER-04 is bounded for strangers also by what is said of it, however many of them go on', async () => {
    const { record, counts } = trail()
    await record(50_000, (i) => ({ ...refused, ip: `10.0.${(i >> 8) % 2}.${i & 255}` }))
    const { 'access.refused': recorded = 0, 'audit.limited': limited = 0 } = await counts()
    expect(recorded + limited).toBe(3001)
  })

  it('ER-04 holds for what strangers ask for and get, and not for what the application does', async () => {
    const { record, counts } = trail()
    const asked = { type: 'password.reset_requested', outcome: 'success', subject: 'ada', ip: '203.0.113.7' } as const
    await record(500, () => ({ ...asked, route: 'POST /auth/password/forgot' }))
    expect(await counts()).toEqual({ 'password.reset_requested': 100, 'audit.limited': 1 })
    await record(500, () => ({ type: 'account.enabled', outcome: 'success', subject: 'ada' }))
    expect(await counts()).toMatchObject({ 'account.enabled': 500 })
  })

  it('ER-04 is one event a minute where nothing was tested', async () => {
    const { record, counts } = trail()
    await record(50, () => ({ type: 'login', outcome: 'failure', code: 'too_many_attempts', ip: '203.0.113.7' }))
    await record(1, () => ({ type: 'login', outcome: 'failure', code: 'too_many_attempts', ip: '203.0.113.8' }))
    expect(await counts()).toEqual({ login: 2 })
  })
})
