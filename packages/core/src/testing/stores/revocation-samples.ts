import { later } from '../../shared/duration.js'
import type { RevocationEntry } from '../../tokens/index.js'
import { present, uniqueText } from './samples.js'

/** An entry no other test knows. */
export function revocationEntry(fields: Partial<RevocationEntry> = {}): RevocationEntry {
  return { id: uniqueText('entry'), target: { session: uniqueText('session') }, expiresAt: later(present, 3900), ...fields }
}

/** What a page holds under the entry's id. Pages may repeat entries. */
export function entriesWith(entries: readonly RevocationEntry[], { id }: RevocationEntry): readonly RevocationEntry[] {
  return entries.filter((entry) => entry.id === id)
}
