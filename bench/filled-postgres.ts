import { kyselyStores, migrateAuth } from '@auth/kysely'
import { sql } from 'kysely'
import { createRotor, digestOf, idOf, type Rotor, sessionOf } from './rotating.js'
import type { BenchDatabase } from './servers.js'

/** Makes tables under a prefix, with so many sessions in them, and a rotor of those. */
export async function fillSessions(
  { db }: BenchDatabase,
  tablePrefix: string,
  sessions: number,
  workers: number,
): Promise<Rotor> {
  await migrateAuth(db, { tablePrefix })
  const stores = kyselyStores(db, { tablePrefix })
  await stores.sessions.insert(sessionOf(0))
  const table = sql.id(`${tablePrefix}auth_session`)
  // As the first one, with the numbers in its names counted up.
  const [idHead, digestTail] = [idOf(0).slice(0, -12), digestOf(0, 0).slice(3)]
  await sql`
    insert into ${table} (id, user_id, carrier, epoch, generation, current_digest, created_at, authenticated_at, last_seen_at,
      idle_expires_at, expires_at, ip, user_agent)
    select ${idHead} || lpad(cast(n as text), 12, '0'), ${idHead} || lpad(cast(n / 5 as text), 12, '0'), carrier, epoch, generation,
      rpad(n || ':0', ${digestTail.length + 3}, '='), created_at, authenticated_at, last_seen_at, idle_expires_at, expires_at, ip, user_agent
    from ${table}, generate_series(1, ${sql.lit(sessions - 1)}) as n`.execute(db)
  await sql`vacuum (analyze) ${table}`.execute(db)
  return createRotor(stores.sessions, sessions, workers)
}
