import { decodeText, encodeText } from './text.js'

/** What each kind of column or parameter holds in JavaScript. */
export interface ValueByKind {
  readonly text: string
  readonly time: Date
  readonly integer: number
  /** A list of strings, kept as JSON. */
  readonly list: readonly string[]
  /** Any other JSON. Its strings are stored as they are: see `encodeText`. */
  readonly json: unknown
}

/** The kind of a column or a parameter. */
export type Kind = keyof ValueByKind

/** The kind that fits a type. */
export type KindOf<Value> = Value extends Date
  ? 'time'
  : Value extends string
    ? 'text'
    : Value extends number
      ? 'integer'
      : Value extends readonly string[]
        ? 'list'
        : 'json'

/** Names with their kinds. */
export type Kinds = Readonly<Record<string, Kind>>

/** A value for each name. */
export type Given<Named extends Kinds> = { readonly [Name in keyof Named]: ValueByKind[Named[Name]] | null }

/** A row as the driver gives it. */
export type Row = Readonly<Record<string, unknown>>

/** The databases that the stores are written for. */
export type Dialect = 'postgres' | 'sqlite'

const encoders: { readonly [K in Kind]: (value: ValueByKind[K], dialect: Dialect) => unknown } = {
  text: encodeText,
  // Postgres reads years beyond 9999 without the plus sign that ECMAScript writes before them.
  time: (value, dialect) => (dialect === 'postgres' ? value.toISOString().replace(/^\+0?/, '') : value.getTime()),
  integer: (value) => value,
  list: (value) => JSON.stringify(value.map(encodeText)),
  json: (value) => JSON.stringify(value),
}

/** What is bound for a value. A kind and its value come from one declaration, whose types agree. */
export function encodeValue(kind: Kind, value: unknown, dialect: Dialect): unknown {
  return value === null ? null : (encoders[kind] as (value: unknown, dialect: Dialect) => unknown)(value, dialect)
}

/**
 * What a column's value means; `null` stays.
 * @throws Error where it means nothing of that kind. Names the column, never its content.
 */
export function decodeValue<K extends Kind>(kind: K, column: string, stored: unknown): ValueByKind[K] | null {
  if (stored === null) return null
  const value = decode(kind, stored)
  if (value === undefined) throw new Error(`The column ${column} holds no ${kind}`)
  return value as ValueByKind[K] // `decode` goes by the kind.
}

/** The integer of a column that is always there. @throws Error where it is none */
export function integerOf(column: string, stored: unknown): number {
  const value = decodeValue('integer', column, stored)
  if (value === null) throw new Error(`The column ${column} is empty`)
  return value
}

/** The text of a column that is always there. @throws Error where it is none */
export function textOf(column: string, stored: unknown): string {
  const value = decodeValue('text', column, stored)
  if (value === null) throw new Error(`The column ${column} is empty`)
  return value
}

function decode(kind: Kind, stored: unknown): unknown {
  switch (kind) {
    case 'text':
      return typeof stored === 'string' ? decodeText(stored) : undefined
    case 'integer':
      return decodeInteger(stored)
    case 'time': {
      const time = decodeInteger(stored)
      return time === undefined ? undefined : new Date(time)
    }
    case 'list': {
      const list = decodeJson(stored)
      return isStringList(list) ? list.map(decodeText) : undefined
    }
    case 'json':
      return decodeJson(stored)
  }
}

/** Drivers give 64-bit integers as numbers, as strings or as bigints. */
function decodeInteger(stored: unknown): number | undefined {
  const value = typeof stored === 'number' || typeof stored === 'bigint' ? Number(stored) : parseInteger(stored)
  return Number.isSafeInteger(value) ? value : undefined
}

function parseInteger(stored: unknown): number {
  return typeof stored === 'string' && /^-?\d{1,16}$/.test(stored) ? Number(stored) : Number.NaN
}

function decodeJson(stored: unknown): unknown {
  if (typeof stored !== 'string') return undefined
  try {
    return JSON.parse(stored)
  } catch {
    return undefined
  }
}

function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
