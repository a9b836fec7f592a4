import { memorySessionStore } from '../../src/memory/session-store.js'
import { decideRotation, type SessionRecord, type SessionStore } from '../../src/sessions/index.js'
import { type BrokenStore, gap } from './broken-store.js'

type Flawed = (store: SessionStore, rows: Map<string, SessionRecord>) => Partial<SessionStore>

/** A memory store with some methods replaced by flawed ones, which get at its rows. */
export function broken(flaw: string, breaks: string, flawed: Flawed): BrokenStore<SessionStore> {
  const make = (): SessionStore => {
    const rows = new Map<string, SessionRecord>()
    const store = memorySessionStore(null, rows)
    return { ...store, ...flawed(store, rows) }
  }
  return { flaw, breaks, make }
}

/** Reads, lets others in between, and writes the row. */
export function slowRotate(store: SessionStore, rows: Map<string, SessionRecord>): SessionStore['rotate'] {
  return async (rotation) => {
    const { outcome, write } = decideRotation(await store.find(rotation.id), rotation)
    await gap()
    if (write) rows.set(write.id, write)
    return outcome
  }
}
