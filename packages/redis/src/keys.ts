import { createHash } from 'node:crypto'
import { ConfigError } from '@auth/core'

/** Where something is kept. */
export interface RecordKey {
  /** The record's key. */
  readonly key: string
  /** Which part of all records it belongs to. What belongs to one part lies in one hash slot. */
  readonly part: string
}

/** Names keys. No key holds what a caller chose: a digest stands for it. */
export interface Keys {
  /** The key of a record of a kind. */
  record(kind: string, id: string): RecordKey
  /** The key of a record by the digest in it, as an index knows it. */
  named(kind: string, name: string): RecordKey
  /** The key of what there is once for each part. */
  ofPart(kind: string, part: string): string
  /** The key of what there is once, in one hash slot with all that have the same `tag`. */
  single(tag: string, kind: string): string
}

/** All parts: one for each character that a digest may begin with. */
export const parts: readonly string[] = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']

// A brace alone would make up hash tags of parts of keys; a whole tag puts everything into one slot, as it is meant to.
const prefixPattern = /^[^{}]*(\{[^{}]+\}[^{}]*)?$/

/** @throws ConfigError for a prefix that would undo the hash tags. */
export function createKeys(prefix: string): Keys {
  if (!prefixPattern.test(prefix) || !prefix.isWellFormed())
    throw new ConfigError([{ path: 'redis.prefix', message: 'must hold no braces, or one {hash tag}' }])
  // Characters twice, because that spreads the parts evenly over the slots.
  const ofPart = (kind: string, part: string): string => `${prefix}${kind}:{${part}${part}}`
  const named = (kind: string, name: string): RecordKey => {
    const part = name.charAt(0)
    return { key: `${ofPart(kind, part)}:${name}`, part }
  }
  return {
    ofPart,
    named,
    record: (kind, id) => named(kind, digestOf(id)),
    single: (tag, kind) => `${prefix}${kind}:{${tag}}`,
  }
}

/** As JSON, which alone tells apart what UTF-8 does not. */
function digestOf(text: string): string {
  return createHash('sha256').update(JSON.stringify(text)).digest('base64url')
}
