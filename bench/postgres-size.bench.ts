// What a rotation costs among 1,000,000 sessions, beside one among 10,000.
import { compare } from './compare.js'
import { fillSessions } from './filled-postgres.js'
import { report } from './report.js'
import { createDatabase } from './servers.js'

const database = await createDatabase(1)
try {
  const few = await fillSessions(database, 'few_', 10_000, 1)
  const many = await fillSessions(database, 'many_', 1_000_000, 1)
  report(
    await compare({
      name: 'postgres-size',
      turnMs: 100,
      contenders: [
        { name: 'rotate, 10,000 sessions', run: () => few.rotate(0) },
        { name: 'rotate, 1,000,000 sessions', atMost: 1.3, run: () => many.rotate(0) },
      ],
    }),
  )
} finally {
  await database.remove()
}
