import type { Reply } from './scripts.js'
import { toList, toText } from './scripts.js'

/** What a field holds in JavaScript. */
interface ValueByKind {
  readonly text: string
  readonly time: Date
  readonly integer: number
}

/** The kind of a field. */
export type FieldKind = keyof ValueByKind

type KindOf<Value> = [Value] extends [Date] ? 'time' : [Value] extends [number] ? 'integer' : 'text'

/** The kind of each field of a record. */
export type FieldKinds<Stored> = { readonly [Name in keyof Stored]-?: KindOf<NonNullable<Stored[Name]>> }

/** A record's form in Redis: a hash, without the fields that are `null`. */
export interface Fields<Stored> {
  /** The fields with their values, one after the other. */
  write(record: Stored): readonly string[]
  /** The record in a hash as `HGETALL` gives it; `null` for an empty one. */
  read(flat: Reply | undefined): Stored | null
}

/** Describes records. */
export function defineFields<Stored>(kinds: FieldKinds<Stored>): Fields<Stored> {
  const named = Object.entries(kinds) as readonly [string, FieldKind][] // An object's own entries, as they were written.
  return {
    write: (record) =>
      named.flatMap(([name, kind]) => {
        const value = Reflect.get(record as object, name) as ValueByKind[FieldKind] | null // Of the kind that is declared.
        return value === null ? [] : [name, encode(kind, value)]
      }),
    read(flat) {
      const values = toMap(flat)
      if (values.size === 0) return null
      const fields = named.map(([name, kind]) => [name, decode(kind, name, values.get(name))])
      return Object.fromEntries(fields) as Stored // Made of exactly the fields that are declared.
    },
  }
}

/** A hash as `HGETALL` gives it, by field. */
export function toMap(flat: Reply | undefined): ReadonlyMap<string, string> {
  const list = toList(flat)
  const map = new Map<string, string>()
  for (let i = 0; i < list.length; i += 2) map.set(toText(list[i]), toText(list[i + 1]))
  return map
}

function encode(kind: FieldKind, value: ValueByKind[FieldKind]): string {
  if (value instanceof Date) return encodeTime(value)
  return kind === 'text' ? encodeText(String(value)) : encodeInteger(Number(value))
}

function decode(kind: FieldKind, name: string, stored: string | undefined): ValueByKind[FieldKind] | null {
  if (stored === undefined) return null
  if (kind === 'text') return decodeText(stored)
  const value = /^-?\d{1,16}$/.test(stored) ? Number(stored) : Number.NaN
  if (!Number.isSafeInteger(value)) throw new Error(`The field ${name} of a Redis record holds no ${kind}`)
  return kind === 'time' ? new Date(value) : value
}

/** A text's form in Redis: its own, but for what UTF-8 does not keep apart. */
export function encodeText(text: string): string {
  return text.isWellFormed() && !text.startsWith('\0') ? text : `\0${JSON.stringify(text)}`
}

/** The text that was stored. */
export function decodeText(stored: string): string {
  return stored.startsWith('\0') ? String(JSON.parse(stored.slice(1))) : stored
}

/** @throws RangeError for what a Lua number does not hold exactly. */
export function encodeInteger(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError('Not an integer that can be stored')
  return `${value === 0 ? 0 : value}`
}

/** @throws RangeError for an invalid date. */
export function encodeTime(time: Date): string {
  return encodeInteger(time.getTime())
}

/** An argument that may be absent, for scripts that compare it with a field. */
export function encodeMaybe(text: string | null): string {
  return text === null ? '-' : `+${encodeText(text)}`
}
