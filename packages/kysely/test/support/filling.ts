import { sql } from 'kysely'
import type { AnyKysely } from '../../src/database.js'

/** How much there is at full size. */
export const fullSize = { users: 200_000, sessions: 1_000_000, others: 200_000, survivors: 1000 } as const

const { users, sessions, others, survivors } = fullSize
/** Names of rows: the first is the one that the hot statements ask for. */
const named = (number: string): string => `case when ${number} = 1 then 'id-1' else 'id-' || ${number} || '-of-many' end`
const digest = (text: string): string => `encode(sha256(convert_to(${text}, 'UTF8')), 'base64')`

const statements: readonly string[] = [
  `auth_user (id, email, email_key, password_hash, roles, session_epoch, access_version, created_at)
    select ${named('n')}, n || '@example.com', n || '@example.com', repeat('h', 97), '["user"]', 0, 0, at from ${rows(users)}`,
  `auth_session (id, user_id, carrier, epoch, generation, current_digest, sealed_at, created_at, authenticated_at, last_seen_at,
      idle_expires_at, expires_at, ip, user_agent)
    select ${named('n')}, ${named(`(n - 1) / ${sessions / users} + 1`)}, 'refresh', 0, 0, ${digest(`'0:' || n`)}, case when n % 100 = 0 then at end,
      at, at, at, ends, ends, '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
    from (select n, at, at + case when n <= ${survivors} then interval '60 days' else n * interval '1 second' end as ends from ${rows(sessions)}) as dated`,
  `auth_revocation (id, target_kind, target_id, expires_at, xid)
    select n, 'session', n, at + interval '65 minutes', cast(cast(n % 500 as text) as xid8) from ${rows(others)}`,
  `auth_attempt (id, slots, next_expires_at) select n, '[]', at + n * interval '1 second' from ${rows(others)}`,
  `auth_ticket (digest, purpose, binding, user_id, payload, created_at, expires_at, remember_until)
    select ${digest('cast(n as text)')}, 'purpose', n, ${named('n')}, '', at, at, at + n * interval '1 second' from ${rows(others)}`,
  `auth_api_key (id, user_id, prefix, name, digest, scopes, created_at, uses, expires_at)
    select ${named('n')}, ${named('n')}, 'p', n, ${digest('cast(n as text)')}, '[]', at, 0, at + n * interval '1 second' from ${rows(others)}`,
  `auth_audit_event (id, type, at, outcome, subject)
    select n, case when n % 20 = 0 then 'login' else 'refresh' end, at + n * interval '1 second', 'success', ${named('n / 10')} from ${rows(others)}`,
]

function rows(count: number): string {
  return `(select n, timestamptz '2026-11-23 12:00:00.123Z' as at from generate_series(1, ${count}) as n) as filler`
}

/** Fills the tables of a Postgres to their full size, in a few seconds. */
export async function fill(db: AnyKysely): Promise<void> {
  for (const statement of statements) await sql.raw(`insert into ${statement}`).execute(db)
  await sql`vacuum (analyze)`.execute(db)
}
