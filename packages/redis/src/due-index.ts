import type { Keys, RecordKey } from './keys.js'
import { parts } from './keys.js'
import { defineScript, type Script, type Scripts, toList, toText } from './scripts.js'

/** An index of what housekeeping has to do, one for each part of the records, in the slot of that part. */
export interface DueIndex {
  /** The index's key for a part. */
  key(part: string): string
  /**
   * Does what is due before `before` to at most `limit` records; answers to how many.
   * @param settle Does it to those that `keys` names after the index, by `dues` in the same order, and answers to how many.
   */
  settle(
    before: string,
    limit: number,
    settle: (keys: readonly [string, ...string[]], dues: readonly string[], limit: number) => Promise<number>,
  ): Promise<number>
}

/** How many parts are asked at once, and how many records a script deals with. */
const atOnce = 16
const batch = 100

const peek = defineScript(`return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3], 'LIMIT', '0', ARGV[4])`)

/**
 * Opens an index.
 * @param records Names the keys of its records.
 */
export function openDueIndex(scripts: Scripts, keys: Keys, kind: string, records: (name: string) => RecordKey): DueIndex {
  const key = (part: string): string => keys.ofPart(kind, part)

  async function duesOf(part: string, before: string, limit: number): Promise<readonly string[]> {
    const { reply } = await scripts.run(peek, [key(part)], [before, `${Math.min(limit, batch)}`])
    return toList(reply).map(toText)
  }

  return {
    key,
    async settle(before, limit, settle) {
      let done = 0
      for (let first = 0; first < parts.length; first += atOnce) {
        const asked = parts.slice(first, first + atOnce)
        const found = await Promise.all(asked.map((part) => duesOf(part, before, limit - done)))
        for (const [index, part] of asked.entries()) {
          let dues = found[index] ?? []
          while (dues.length > 0 && done < limit) {
            const named = dues.map((due) => records(due.slice(due.indexOf(':') + 1)).key)
            done += await settle([key(part), ...named], dues, limit - done)
            dues = dues.length < batch ? [] : await duesOf(part, before, limit - done)
          }
          if (done >= limit) return done
        }
      }
      return done
    },
  }
}

/** Deletes records whose entry in the index is still the one that was read, and ends before `ARGV[3]`. Then come a limit and the entries. */
export const deleteDue: Script = defineScript(`
  local deleted = 0
  for i = 2, #KEYS do
    local due = ARGV[i + 3]
    local score = redis.call('ZSCORE', KEYS[1], due)
    if score and tonumber(score) < tonumber(ARGV[3]) and deleted < tonumber(ARGV[4]) then
      redis.call('ZREM', KEYS[1], due)
      if redis.call('HGET', KEYS[i], 'due') == due then
        redis.call('DEL', KEYS[i])
        deleted = deleted + 1
      end
    end
  end
  return num(deleted)`)
