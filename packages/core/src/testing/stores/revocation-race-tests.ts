import type { RevocationEntry, RevocationStore } from '../../tokens/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { entriesWith, revocationEntry } from './revocation-samples.js'
import { present, range } from './samples.js'
import type { StoreSuite } from './store-suite.js'

/** Tests of what readers see while others append. */
export function itLosesNoEntry({ itRaces, store, opened, together, concurrency }: StoreSuite<RevocationStore>): void {
  itRaces('ST-02 read: readers with cursors miss no entry while others append', async () => {
    const entries = range(concurrency).map(() => range(3).map(() => revocationEntry()))
    const readers = await Promise.all(range(opened().length).map(() => startReader(store)))
    const { cursor } = await store.read(null, present)
    let appending = entries.length
    const append = async (own: readonly RevocationEntry[]): Promise<void> => {
      try {
        for (const entry of own) {
          await store.append(entry)
          const page = await store.read(cursor, present)
          expectEqual(
            entriesWith(page.entries, entry)[0],
            entry,
            'once append resolved, every read that starts later sees it',
          )
        }
      } finally {
        appending--
      }
    }
    const follow = async ({ readOn }: Reader): Promise<void> => {
      for (let reads = 1; appending > 0; reads++) {
        await readOn()
        // Stores in this process answer without leaving it; whoever else has something to do comes in between.
        if (reads % 50 === 0) await new Promise((resolve) => setTimeout(resolve))
      }
    }
    await together<unknown[]>(...entries.map((own) => () => append(own)), ...readers.map((reader) => () => follow(reader)))
    for (const { readOn, seen } of readers) {
      await readOn()
      const missed = entries.flat().filter(({ id }) => !seen.has(id))
      expectEqual(missed, [], 'a reader that goes from cursor to cursor sees every entry')
    }
  })

  itRaces('read: an entry that commits late is not passed by', async () => {
    const reader = await startReader(store)
    const late = revocationEntry()
    const holdAppend = opened().find((connection) => connection.holdAppend)?.holdAppend
    const commit = await holdAppend?.(late)
    const appending = commit ? Promise.resolve() : store.append(late)
    const others = range(3).map(() => revocationEntry())
    for (const entry of others) {
      await store.append(entry)
      await reader.readOn()
      expectThat(reader.seen.has(entry.id), 'entries that commit are seen while another is on its way')
    }
    await appending
    await commit?.()
    await reader.readOn()
    expectThat(reader.seen.has(late.id), 'an entry that commits after later ones is seen as soon as it has')
  })
}

interface Reader {
  readonly seen: ReadonlySet<string>
  /** Reads from the last cursor on. */
  readOn(): Promise<void>
}

async function startReader(store: RevocationStore): Promise<Reader> {
  let { cursor } = await store.read(null, present)
  const seen = new Set<string>()
  return {
    seen,
    async readOn() {
      const page = await store.read(cursor, present)
      for (const { id } of page.entries) seen.add(id)
      cursor = page.cursor
    },
  }
}
