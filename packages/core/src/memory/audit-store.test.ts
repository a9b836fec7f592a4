import { describe, expect, it } from 'vitest'
import type { AuditEventType, AuditRecord } from '../audit/index.js'
import { memoryAuditStore } from './audit-store.js'

function event(id: string, second: number, type: AuditEventType = 'login', subject = 'ada'): AuditRecord {
  return { id, type, at: new Date(second * 1000), outcome: 'success', subject }
}

async function filled(...events: AuditRecord[]) {
  const store = memoryAuditStore()
  for (const each of events) await store.insert(each)
  const ids = async (query: Partial<Parameters<typeof store.list>[0]>) =>
    (await store.list({ limit: 10, ...query })).map(({ id }) => id).join('')
  return { store, ids }
}

describe('memoryAuditStore', () => {
  it('lists newest first; of the same instant, the later one first', async () => {
    const { ids } = await filled(event('a', 1), event('c', 3), event('b', 2), event('d', 3))
    expect(await ids({})).toBe('dcba')
  })

  it('lists by type and subject, in pages that miss nothing and repeat nothing', async () => {
    const all = Array.from('abcdefghij', (id, i) => event(id, i >> 1, i % 2 ? 'login' : 'logout', i % 3 ? 'ada' : 'bob'))
    const { store, ids } = await filled(...all)
    expect(await ids({ type: 'login' })).toBe('jhfdb')
    expect(await ids({ subject: 'bob' })).toBe('jgda')
    expect(await ids({ type: 'login', subject: 'ada' })).toBe('hfb')
    let pages = ''
    for (let after: string | undefined; ; ) {
      const page = await store.list({ limit: 3, ...(after === undefined ? {} : { after }) })
      if (page.length === 0) break
      pages += page.map(({ id }) => id).join('')
      after = page.at(-1)?.id
    }
    expect(pages).toBe('jihgfedcba')
    expect(await ids({ after: 'f', type: 'login' })).toBe('db')
    expect(await ids({ after: 'nowhere' })).toBe('')
  })

  it('never replaces an event', async () => {
    const { store } = await filled(event('a', 1))
    expect(await store.insert(event('a', 2))).toBe(false)
    expect(await store.insert(event('b', 2))).toBe(true)
    expect(await store.list({ limit: 10 })).toEqual([event('b', 2), event('a', 1)])
  })

  it('keeps what it was given, whatever becomes of that or of what it gave', async () => {
    const given = event('a', 1)
    const { store } = await filled(given)
    given.at.setTime(0)
    const [listed] = await store.list({ limit: 1 })
    listed?.at.setTime(0)
    expect(await store.list({ limit: 1 })).toEqual([event('a', 1)])
  })

  it('removes the oldest first, no more than the limit and nothing younger', async () => {
    const { store, ids } = await filled(event('c', 3), event('a', 1), event('b', 2), event('d', 4))
    const before = new Date(4000)
    expect(await store.deleteExpired(before, 2)).toBe(2)
    expect(await ids({})).toBe('dc')
    expect(await store.deleteExpired(before, 2)).toBe(1)
    expect(await store.deleteExpired(before, 2)).toBe(0)
    expect(await ids({})).toBe('d')
  })
})
