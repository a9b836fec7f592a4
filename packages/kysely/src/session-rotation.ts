import type { RotationOutcome, SessionRecord, SessionStore } from '@auth/core'
import { sql } from 'kysely'
import type { Changes } from './changes.js'
import type { Database, Fragment } from './database.js'
import type { Table } from './table.js'
import { textOf } from './values.js'

const rotationKinds = {
  id: 'text',
  carrier: 'text',
  clientId: 'text',
  generation: 'integer',
  digest: 'text',
  successorDigest: 'text',
  successorSealed: 'text',
  userEpoch: 'integer',
  now: 'time',
  retryableSince: 'time',
  idleExpiresAt: 'time',
} as const

type RotationNames = { readonly [Name in keyof typeof rotationKinds]: Fragment }

/**
 * The `rotate` of a database's sessions: one statement, one round trip. An `update` waits for whoever is at the row and
 * then judges the row as it is by then, so that racers see one another's work. What it came to is written on the row,
 * because neither database tells an `update`'s caller what the row was before. The `limit` keeps Postgres from copying the
 * decision into each of the columns that depend on it.
 */
export function createRotate(database: Database, changes: Changes, sessions: Table<SessionRecord>): SessionStore['rotate'] {
  const rotate = changes.statement(rotationKinds, (names) => ({
    madeIn: 'rotated',
    statement: sql`
      update ${sessions.name} as session set (
        outcome, generation, current_digest, previous_digest, sealed_successor, sealed_at, rotated_at, last_seen_at,
        idle_expires_at, revoked_at, revoked_reason
      ) = (
        select decided.outcome, ${written(database, names)}
        from (select ${outcome(names)} as outcome limit 1) as decided
      )
      where id = ${names.id} and carrier <> 'none'
      returning outcome, case outcome when 'rotated' then 1 else 0 end as rotated, ${sessions.selection}`,
  }))
  return async ({ successor, now, retryWindowMs, event, ...rotation }) => {
    const retryableSince = new Date(now.getTime() - retryWindowMs)
    const secret = { successorDigest: successor.digest, successorSealed: successor.sealed }
    const [row] = await rotate({ ...rotation, ...secret, now, retryableSince }, event)
    return row ? toOutcome(textOf('auth_session.outcome', row.outcome), sessions.read(row)) : { outcome: 'absent' }
  }
}

/** `decideRotation` in SQL, in its order. */
function outcome(names: RotationNames): Fragment {
  return sql`case
    when session.carrier <> ${names.carrier} or session.client_id is distinct from ${names.clientId} then 'invalid'
    when session.revoked_at is not null or session.epoch <> ${names.userEpoch} then 'revoked'
    when ${names.now} >= session.idle_expires_at or ${names.now} >= session.expires_at then 'expired'
    when ${names.generation} = session.generation and ${names.digest} = session.current_digest then 'rotated'
    when ${names.generation} = session.generation - 1 and ${names.digest} = session.previous_digest
      and session.sealed_successor is not null and session.rotated_at > ${names.retryableSince} then 'retried'
    when ${names.generation} < session.generation then 'reused'
    else 'rolled_back'
  end`
}

/** What the row is afterwards, in the order of the columns above. */
function written(database: Database, names: RotationNames): Fragment {
  const least = database.pick({ postgres: sql`least`, sqlite: sql`min` })
  const sealed = names.successorSealed
  const ends = sql`decided.outcome in ('reused', 'rolled_back')`
  const ifRotated = (value: Fragment, otherwise: Fragment): Fragment =>
    sql`case decided.outcome when 'rotated' then ${value} else ${otherwise} end`
  return sql.join([
    ifRotated(sql`session.generation + 1`, sql`session.generation`),
    ifRotated(names.successorDigest, sql`session.current_digest`),
    ifRotated(sql`session.current_digest`, sql`session.previous_digest`),
    sql`case when decided.outcome = 'rotated' then ${sealed} when ${ends} then null else session.sealed_successor end`,
    sql`case when decided.outcome = 'rotated' then case when ${sealed} is not null then ${names.now} end
      when ${ends} then null else session.sealed_at end`,
    ifRotated(names.now, sql`session.rotated_at`),
    ifRotated(names.now, sql`session.last_seen_at`),
    ifRotated(sql`${least}(${names.idleExpiresAt}, session.expires_at)`, sql`session.idle_expires_at`),
    sql`case when ${ends} then ${names.now} else session.revoked_at end`,
    sql`case decided.outcome when 'reused' then 'reuse' when 'rolled_back' then 'rollback' else session.revoked_reason end`,
  ])
}

function toOutcome(outcome: string, session: SessionRecord): RotationOutcome {
  switch (outcome) {
    case 'invalid':
    case 'expired':
      return { outcome }
    case 'revoked':
    case 'rotated':
    case 'reused':
    case 'rolled_back':
      return { outcome, session }
    case 'retried':
      return { outcome, session, sealedSuccessor: session.sealedSuccessor ?? '' }
    default:
      throw new Error('The column auth_session.outcome holds no outcome')
  }
}
