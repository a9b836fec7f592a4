import { decodeText, encodeInteger, encodeText } from './fields.js'
import type { Keys } from './keys.js'
import { defineScript, type RunOptions, type Scripts, toList, toText } from './scripts.js'

/**
 * Which records somebody has. Advises: it lies in another slot than they do, so that it is written before them and what
 * it names may be gone, or may never have come to be. Whoever reads it asks the records.
 */
export interface OwnerIndex {
  /** Notes a record that is about to be made, for as long as it lives. */
  add(owner: string, id: string, createdAt: Date, life: string, options: RunOptions): Promise<void>
  /** The ids of the owner's records, newest first. */
  list(owner: string): Promise<readonly string[]>
}

// Entries are `<created at>:<id>`, scored by when the record goes by itself.
const addEntry = defineScript(`
  local life = tonumber(ARGV[3])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', num(at))
  redis.call('ZADD', KEYS[1], num(at + life), ARGV[4])
  extend(KEYS[1], life)
  return '1'`)

const listEntries = defineScript(`return redis.call('ZRANGE', KEYS[1], 0, -1)`)

export function openOwnerIndex(scripts: Scripts, keys: Keys, kind: string): OwnerIndex {
  return {
    async add(owner, id, createdAt, life, options) {
      const entry = `${encodeInteger(createdAt.getTime())}:${encodeText(id)}`
      await scripts.run(addEntry, [keys.record(kind, owner).key], [life, entry], options)
    },
    async list(owner) {
      const { reply } = await scripts.run(listEntries, [keys.record(kind, owner).key], [])
      const entries = toList(reply).map((entry) => parseEntry(toText(entry)))
      return [...new Set(entries.sort((a, b) => b.createdAt - a.createdAt).map(({ id }) => id))]
    },
  }
}

function parseEntry(entry: string): { readonly createdAt: number; readonly id: string } {
  const end = entry.indexOf(':')
  return { createdAt: Number(entry.slice(0, end)), id: decodeText(entry.slice(end + 1)) }
}
