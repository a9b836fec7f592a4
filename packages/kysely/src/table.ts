import { sql } from 'kysely'
import type { Database, Fragment } from './database.js'
import { readColumn } from './dialect.js'
import { decodeValue, type KindOf, type Kinds, type Row } from './values.js'

/** The kinds of a record's fields. */
export type KindsOf<Shape> = { readonly [Field in keyof Shape]-?: KindOf<NonNullable<Shape[Field]>> }

/** How records of one shape are kept: a column for each field, of the same name in snake_case. */
export interface Table<Shape> {
  /** The table's name as statements write it. */
  readonly name: Fragment
  readonly kinds: KindsOf<Shape>
  /** All columns, for an `insert`. */
  readonly columns: Fragment
  /** Every field's column in a form that `read` understands, for a `select` or a `returning`. */
  readonly selection: Fragment
  /** The same of a table that a query joins under an alias; `readAs` understands it beside other tables' columns. */
  selectionAs(alias: string): Fragment
  /** The fields' values in the order of `columns`. */
  values(names: { readonly [Field in keyof Shape]: Fragment }): Fragment
  /** The record of a row. @throws Error where a column's content makes no sense */
  read(row: Row): Shape
  /** The record in the columns of `selectionAs`; `null` where the join found none. */
  readAs(alias: string, row: Row): Shape | null
  /** The record of the first row, or `null`. */
  first(rows: readonly Row[]): Shape | null
}

/** Describes a table by its records. */
export function defineTable<Shape extends object>(database: Database, table: string, kinds: KindsOf<Shape>): Table<Shape> {
  const fields = Object.entries(kinds as Kinds).map(([field, kind]) => {
    const column = columnOf(field)
    const ref = sql.id(column)
    return { field, kind, column, ref, selected: sql`${readColumn(database.dialect, kind, ref)} as ${ref}` }
  })
  const readFrom = (row: Row, prefix: string): Shape => {
    const values = fields.map(({ field, kind, column }) => [
      field,
      decodeValue(kind, `${table}.${column}`, row[prefix + column]),
    ])
    return Object.fromEntries(values) // A value of the right kind for every field.
  }
  const read = (row: Row): Shape => readFrom(row, '')
  return {
    name: database.table(table),
    kinds,
    columns: sql.join(fields.map(({ ref }) => ref)),
    selection: sql.join(fields.map(({ selected }) => selected)),
    selectionAs: (alias) =>
      sql.join(
        fields.map(
          ({ kind, column }) =>
            sql`${readColumn(database.dialect, kind, sql.id(alias, column))} as ${sql.id(`${alias}_${column}`)}`,
        ),
      ),
    values: (names) => sql.join(fields.map(({ field }) => names[field as keyof Shape])),
    read,
    readAs: (alias, row) => (row[`${alias}_id`] === null ? null : readFrom(row, `${alias}_`)),
    first: (rows) => (rows[0] ? read(rows[0]) : null),
  }
}

/** The column of a field. */
function columnOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/**
 * The condition for up to `limit` rows that meet another one, for clean-up. On Postgres it takes none that another
 * transaction is at, so that nobody waits for it and several nodes share the work.
 * @param condition With an order behind it where that matters.
 */
export function upTo(database: Database, table: Fragment, condition: Fragment, limit: Fragment): Fragment {
  return database.pick({
    postgres: sql`ctid = any(array(select ctid from ${table} where ${condition} limit ${limit} for update skip locked))`,
    sqlite: sql`rowid in (select rowid from ${table} where ${condition} limit ${limit})`,
  })
}
