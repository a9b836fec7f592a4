// Rotations a second, beside the transactions of `pgbench -N` on the same Postgres, and beside whole refreshes.
import { kyselyStores, migrateAuth } from '@auth/kysely'
import { fillSessions } from './filled-postgres.js'
import { createPgbench } from './pgbench.js'
import { compareRates, rateOf } from './rates.js'
import { startRefreshing } from './refreshing.js'
import { report } from './report.js'
import { createDatabase } from './servers.js'

const inFlight = 32
const database = await createDatabase(inFlight)
try {
  const rotor = await fillSessions(database, 'many_', 1_000_000, inFlight)
  const pgbench = await createPgbench(database.url, 10, inFlight)
  await migrateAuth(database.db)
  const refreshing = await startRefreshing(kyselyStores(database.db), inFlight)
  const comparison = await compareRates({
    name: 'postgres-rotation',
    contenders: [
      { name: 'pgbench -N', measure: (seconds) => pgbench.measure(seconds) },
      { name: 'rotate', atLeast: 0.5, measure: (seconds) => rateOf(rotor.rotate, inFlight, seconds) },
      { name: 'whole refresh', measure: (seconds) => rateOf(refreshing.refresh, inFlight, seconds) },
    ],
  })
  report({ ...comparison, notes: { 'share of a refresh that is crypto': await refreshing.cryptoShare() } })
} finally {
  await database.remove()
}
