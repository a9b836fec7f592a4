import type { AuditStore, ChangeEvent } from '@auth/core'
import { sql } from 'kysely'
import { defineAuditTable, type StoredEvent, toStored } from './audit-table.js'
import type { Database, Fragment, Statement, Step } from './database.js'
import { type Given, integerOf, type Kinds, type Row } from './values.js'

/** What a change consists of. */
export interface ChangeParts {
  /** Common table expressions that come before: Postgres alone. */
  readonly before?: Fragment
  /** The statement, which answers a row for what it has changed. */
  readonly statement: Fragment
  /** The column that is 1 in the rows that tell of a change. Default: every row does. */
  readonly madeIn?: string
}

/**
 * Runs a change with a value for each of its names. An event that it is given goes to the trail with it, if it is made and
 * the trail is the one of this database.
 */
export interface ChangeStatement<Named extends Kinds> {
  (given: Given<Named>, event: ChangeEvent | undefined, lock?: string): Promise<readonly Row[]>
  /** The change without an event as one step of several: see `Database.asOne`. */
  readonly step: Statement<Named>['step']
}

/** Changes that leave events in the trail of the same database. */
export interface Changes {
  /** Prepares a change, with an event and without. Both are one round trip on Postgres. */
  statement<const Named extends Kinds>(
    kinds: Named,
    build: (names: { readonly [Name in keyof Named]: Fragment }) => ChangeParts,
  ): ChangeStatement<Named>
  /** The same for a change of several steps: `work` adds the event by `tell` as one of them, once the change is made. */
  asOne<Result>(
    lock: string,
    event: ChangeEvent | undefined,
    work: (run: (step: Step) => Promise<readonly Row[]>, tell: () => Promise<void>) => Promise<Result>,
  ): Promise<Result>
}

/** Opens the trail of a database for the changes of other stores. */
export function createChanges(database: Database, trail: AuditStore): Changes {
  const events = defineAuditTable(database)
  const insert = database.statement(
    events.kinds,
    (event) => sql`insert into ${events.name} (${events.columns}) values (${events.values(event)}) on conflict do nothing`,
  )

  const asOne: Changes['asOne'] = async (lock, event, work) => {
    let isTold = false
    const result = await database.asOne(lock, (run) => {
      isTold = false // Tried again, it starts anew.
      return work(run, async () => {
        if (event?.trail !== trail) return
        await run(insert.step(toStored(event.record)))
        isTold = true
      })
    })
    if (isTold) event?.kept()
    return result
  }

  /** One statement for both. What a change answers is read from it alone, so that the trail adds nothing to that. */
  function withEvent(parts: ChangeParts, event: { readonly [Field in keyof StoredEvent]: Fragment }): Fragment {
    const { before, statement, madeIn } = parts
    const isMade = madeIn === undefined ? sql`` : sql`where ${sql.ref(madeIn)} = 1`
    return sql`
      with ${before ? sql`${before},` : sql``}
      changed as (${statement}),
      told as (
        insert into ${events.name} (${events.columns})
        select ${events.values(event)} from (select 1 from changed ${isMade} limit 1) as made
        on conflict do nothing
      )
      select * from changed`
  }

  function statement<const Named extends Kinds>(
    kinds: Named,
    build: (names: { readonly [Name in keyof Named]: Fragment }) => ChangeParts,
  ): ChangeStatement<Named> {
    let madeIn: string | undefined
    const plain = database.statement(kinds, (names) => {
      const parts = build(names)
      madeIn = parts.madeIn
      return parts.before ? sql`with ${parts.before} ${parts.statement}` : parts.statement
    })
    const isMade = (row: Row): boolean => madeIn === undefined || integerOf(madeIn, row[madeIn]) === 1

    const inSteps = (given: Given<Named>, event: ChangeEvent, lock = ''): Promise<readonly Row[]> =>
      asOne(lock, event, async (run, tell) => {
        const rows = await run(plain.step(given))
        if (rows.some(isMade)) await tell()
        return rows
      })
    const both = database.dialect === 'sqlite' ? inSteps : inOneStatement(kinds, build, isMade)
    const run = (given: Given<Named>, event: ChangeEvent | undefined, lock?: string): Promise<readonly Row[]> =>
      event?.trail === trail ? both(given, event, lock) : plain(given, lock)
    return Object.assign(run, { step: plain.step })
  }

  function inOneStatement<const Named extends Kinds>(
    kinds: Named,
    build: (names: { readonly [Name in keyof Named]: Fragment }) => ChangeParts,
    isMade: (row: Row) => boolean,
  ): (given: Given<Named>, event: ChangeEvent, lock?: string) => Promise<readonly Row[]> {
    const both = database.statement({ ...kinds, ...prefixed(events.kinds) }, (names) => {
      const ofEvent = Object.keys(events.kinds).map((field) => [field, Reflect.get(names, eventName(field))])
      return withEvent(build(names), Object.fromEntries(ofEvent)) // The names of `prefixed`.
    })
    return async (given, event, lock) => {
      const values = { ...given, ...prefixed(toStored(event.record)) }
      const rows = await both(values as Parameters<typeof both>[0], lock) // A value for each of both kinds of names.
      if (rows.some(isMade)) event.kept()
      return rows
    }
  }

  return { statement, asOne }
}

/** The same under names that no change has. */
function prefixed<Fields extends object>(fields: Fields): Prefixed<Fields> {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [eventName(field), value])) as Prefixed<Fields> // One for each.
}

type Prefixed<Fields> = { readonly [Field in keyof Fields as `event ${Field & string}`]: Fields[Field] }

function eventName(field: string): string {
  return `event ${field}`
}
