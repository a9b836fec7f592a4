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
  /** The owner's records, newest first. */
  list(owner: string): Promise<readonly OwnedRecord[]>
  /**
   * Strikes out records that are over for good, so that nobody asks them again. Nobody waits for it: what is left because
   * it failed, whoever reads the index next strikes out.
   */
  drop(owner: string, ended: readonly OwnedRecord[]): void
}

/** A record as the index knows it. */
export interface OwnedRecord {
  readonly id: string
  /** In milliseconds since 1970. */
  readonly createdAt: number
}

// Entries are `<created at>:<id>`, scored by when the record goes by itself.
const addEntry = defineScript(`
  local life = tonumber(ARGV[3])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', num(at))
  redis.call('ZADD', KEYS[1], num(at + life), ARGV[4])
  extend(KEYS[1], life)
  return '1'`)

const dropEntries = defineScript(`return num(redis.call('ZREM', KEYS[1], unpack(ARGV, 3)))`)

const listEntries = defineScript(`return redis.call('ZRANGE', KEYS[1], 0, -1)`)

/** As many as a call strikes out at once. */
const droppedAtOnce = 1000

export function openOwnerIndex(scripts: Scripts, keys: Keys, kind: string): OwnerIndex {
  async function dropAll(owner: string, ended: readonly OwnedRecord[]): Promise<void> {
    for (let first = 0; first < ended.length; first += droppedAtOnce) {
      const entries = ended.slice(first, first + droppedAtOnce).map(formatEntry)
      await scripts.run(dropEntries, [keys.record(kind, owner).key], entries)
    }
  }

  return {
    async add(owner, id, createdAt, life, options) {
      const entry = formatEntry({ id, createdAt: createdAt.getTime() })
      await scripts.run(addEntry, [keys.record(kind, owner).key], [life, entry], options)
    },
    async list(owner) {
      const { reply } = await scripts.run(listEntries, [keys.record(kind, owner).key], [])
      const entries = toList(reply).map((entry) => parseEntry(toText(entry)))
      const oldestFirst = entries.sort((a, b) => a.createdAt - b.createdAt)
      return [...new Map(oldestFirst.map((entry) => [entry.id, entry])).values()].sort((a, b) => b.createdAt - a.createdAt)
    },
    drop(owner, ended) {
      dropAll(owner, ended).catch(() => undefined)
    },
  }
}

function formatEntry({ id, createdAt }: OwnedRecord): string {
  return `${encodeInteger(createdAt)}:${encodeText(id)}`
}

function parseEntry(entry: string): OwnedRecord {
  const end = entry.indexOf(':')
  return { createdAt: Number(entry.slice(0, end)), id: decodeText(entry.slice(end + 1)) }
}
