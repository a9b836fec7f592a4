import type { DeploymentMark, RevocationEntry, RevocationPage, RevocationStore, RevocationTarget } from '@auth/core'
import { sql } from 'kysely'
import type { Database, Fragment } from './database.js'
import { createListener, type Listen } from './listen.js'
import { defineTable, upTo } from './table.js'
import { integerOf, textOf } from './values.js'

interface StoredEntry {
  readonly id: string
  readonly targetKind: string
  readonly targetId: string
  readonly minVersion: number | null
  readonly expiresAt: Date
}

/** Where a read ended: the feed's epoch, and the place in it. */
interface Position {
  readonly epoch: string
  readonly place: bigint
}

interface FeedRead {
  /** Where the next read goes on. */
  readonly next: Position
  readonly storeTime: Date
  readonly entries: readonly RevocationEntry[]
}

/** What a change of the feed calls, so that listeners read it: a piece of a `select` or a `returning`. */
export function wakeListeners(database: Database, listens: boolean): Fragment {
  return listens ? sql`pg_notify(${sql.lit(database.nameOf('auth_revocation'))}, '')` : sql`null`
}

/** Keeps the revocation feed in a database. */
export function createRevocationStore(
  database: Database,
  deployment: DeploymentMark,
  listen: Listen | undefined,
): RevocationStore {
  const entries = defineTable<StoredEntry>(database, 'auth_revocation', {
    id: 'text',
    targetKind: 'text',
    targetId: 'text',
    minVersion: 'integer',
    expiresAt: 'time',
  })
  const { name } = entries

  const append = database.statement(
    entries.kinds,
    (entry) => sql`
      insert into ${name} (${entries.columns}) values (${entries.values(entry)})
      on conflict do nothing returning ${wakeListeners(database, listen !== undefined)} as woken`,
  )
  const readSince = database.statement({ place: 'text', now: 'time' }, ({ place, now }) => {
    // The feed's place and its entries are one snapshot; the place comes also where there is no entry.
    const entry = sql`entry.expires_at > ${now}`
    return database.pick({
      postgres: sql`
        select ${postgresFeed}, ${entries.selection}
        from (select 1) as feed left join ${name} as entry on entry.xid >= cast(${place} as xid8) and ${entry}`,
      sqlite: sql`
        select ${sqliteFeed(database)}, ${entries.selection}
        from ${database.table('auth_meta')} as meta
          left join ${name} as entry on entry.place > cast(${place} as integer) and ${entry}
        where meta.name = 'feed_epoch'`,
    })
  })
  const deleteExpired = database.statement(
    { before: 'time', limit: 'integer' },
    ({ before, limit }) =>
      sql`delete from ${name} where ${upTo(database, name, sql`expires_at < ${before}`, limit)} returning id`,
  )

  async function read(place: bigint, now: Date): Promise<FeedRead> {
    const rows = await readSince({ place: String(place), now })
    const [feed] = rows
    if (!feed) throw new Error('The revocation feed has no epoch')
    if (integerOf('is_standby', feed.is_standby) === 1)
      throw new Error('The revocation feed was read from a standby, which may lag')
    return {
      next: { epoch: textOf('epoch', feed.epoch), place: BigInt(textOf('next_place', feed.next_place)) },
      storeTime: new Date(integerOf('store_time', feed.store_time)),
      entries: rows.filter((row) => row.id !== null).map((row) => toEntry(entries.read(row))),
    }
  }

  return {
    deployment,
    subscribe: listen ? createListener(database.nameOf('auth_revocation'), listen) : () => () => {},
    async append({ id, target, expiresAt }) {
      await append({ id, ...toColumns(target), expiresAt })
    },
    async read(cursor, now) {
      const from = parseCursor(cursor)
      if (from) {
        const since = await read(from.place, now)
        // A feed of another epoch, or one that is behind the cursor, is not the one that the cursor is of.
        if (since.next.epoch === from.epoch && since.next.place >= from.place) return toPage(since, false)
      }
      return toPage(await read(0n, now), true)
    },
    async deleteExpired(before, limit) {
      return (await deleteExpired({ before, limit })).length
    },
  }
}

/**
 * Entries carry the transaction that wrote them, and the next read goes on at the oldest one that was still under way:
 * whatever commits later is at or after it. A server that was restored, replaced or failed over has been started at
 * another time, which makes it another epoch.
 */
const postgresFeed: Fragment = sql`
  cast(cast(extract(epoch from pg_postmaster_start_time()) * 1000000 as int8) as text) as epoch,
  cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as next_place,
  case when pg_is_in_recovery() then 1 else 0 end as is_standby,
  cast(extract(epoch from clock_timestamp()) * 1000 as int8) as store_time`

/** SQLite has one writer at a time: the order of places is the order of commits. A place is never given twice. */
function sqliteFeed(database: Database): Fragment {
  const table = sql.lit(database.nameOf('auth_revocation'))
  return sql`
    meta.content as epoch,
    cast(coalesce((select seq from sqlite_sequence where name = ${table}), 0) as text) as next_place,
    0 as is_standby,
    cast(round((julianday('now') - 2440587.5) * 86400000) as integer) as store_time`
}

function toPage({ entries, next, storeTime }: FeedRead, whole: boolean): RevocationPage {
  return { entries, cursor: `${next.epoch}:${next.place}`, whole, storeTime }
}

function parseCursor(cursor: string | null): Position | null {
  const [, epoch, place] = /^(\w{1,64}):(\d{1,19})$/.exec(cursor ?? '') ?? []
  return epoch === undefined || place === undefined ? null : { epoch, place: BigInt(place) }
}

function toColumns(target: RevocationTarget): Pick<StoredEntry, 'targetKind' | 'targetId' | 'minVersion'> {
  if ('user' in target) return { targetKind: 'user', targetId: target.user, minVersion: target.minVersion }
  const [[targetKind, targetId] = ['', '']] = Object.entries(target)
  return { targetKind, targetId, minVersion: null }
}

function toEntry({ id, targetKind, targetId, minVersion, expiresAt }: StoredEntry): RevocationEntry {
  return { id, target: toTarget(targetKind, targetId, minVersion), expiresAt }
}

function toTarget(kind: string, id: string, minVersion: number | null): RevocationTarget {
  switch (kind) {
    case 'session':
      return { session: id }
    case 'jti':
      return { jti: id }
    case 'user':
      if (minVersion === null) break
      return { user: id, minVersion }
    case 'apiKey':
      return { apiKey: id }
    case 'client':
      return { client: id }
    case 'kid':
      return { kid: id }
  }
  throw new Error('The table auth_revocation holds an entry of a kind that is not known here')
}
