import { decideRotation, type Rotation, type SessionRecord } from '@auth/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { databases, type TestDatabase } from './support/databases.js'
import { at, digestNamed, later, session } from './support/samples.js'

const digest = fc.constantFrom('a', 'b', 'c').map(digestNamed)
const instant = fc.integer({ min: -3, max: 3 }).map((ms) => new Date(at.getTime() + ms))
const end = fc.oneof(fc.constant(later(3600)), instant)
const generation = fc.constantFrom(0, 1, 2, 3, Number.MAX_SAFE_INTEGER - 10)

const record: fc.Arbitrary<Omit<SessionRecord, 'id'>> = fc.record({
  userId: fc.constant('user-1'),
  clientId: fc.constantFrom(null, null, null, 'client', ''),
  scope: fc.constantFrom(null, '', 'read:orders'),
  resource: fc.constantFrom(null, 'https://api.example.com'),
  carrier: fc.constantFrom('refresh', 'refresh', 'refresh', 'cookie'),
  epoch: fc.constantFrom(0, 0, 0, 1),
  generation,
  currentDigest: digest,
  previousDigest: fc.option(digest),
  sealedSuccessor: fc.option(fc.constant('sealed')),
  rotatedAt: fc.option(instant),
  createdAt: instant,
  authenticatedAt: instant,
  lastSeenAt: instant,
  idleExpiresAt: end,
  expiresAt: end,
  revokedAt: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, instant),
  revokedReason: fc.constantFrom(null, 'logout'),
  ip: fc.constant(null),
  userAgent: fc.constant(null),
})

/** A presented secret: the row's current or previous one, or any. */
interface Presented extends Omit<Rotation, 'id'> {
  readonly secret: 'current' | 'previous' | 'any'
}

const presented: fc.Arbitrary<Presented> = fc.record({
  secret: fc.constantFrom('current', 'previous', 'any'),
  carrier: fc.constantFrom('refresh', 'refresh', 'refresh', 'cookie'),
  clientId: fc.constantFrom(null, null, null, 'client', ''),
  generation,
  digest,
  successor: fc.record({ digest, sealed: fc.option(fc.constant('sealed anew')) }),
  userEpoch: fc.constantFrom(0, 0, 0, 1),
  now: instant,
  retryWindowMs: fc.constantFrom(0, 1, 3, 10_000),
  idleExpiresAt: end,
})

describe.each(databases)('rotate on %s', (_, create) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await create()
    await migrateAuth(database.connect())
  })
  afterAll(() => database.remove())

  it('decides as decideRotation does, whatever the row and the presented secret, and writes what it says', async () => {
    const { sessions } = kyselyStores(database.connect())
    const outcomes = new Set<string>()
    let serial = 0
    const property = fc.asyncProperty(
      record,
      fc.array(presented, { minLength: 1, maxLength: 3 }),
      async (fields, rotations) => {
        const id = `session-${serial++}`
        let row: SessionRecord = { ...fields, id }
        await sessions.insert(row)
        for (const { secret, ...any } of rotations) {
          const current = { generation: row.generation, digest: row.currentDigest }
          const previous = { generation: row.generation - 1, digest: row.previousDigest ?? any.digest }
          const rotation = { ...any, id, ...{ current, previous, any: {} }[secret] }
          const decision = decideRotation(row, rotation)
          expect(await sessions.rotate(rotation)).toEqual(decision.outcome)
          row = decision.write ?? row
          expect(await sessions.find(id)).toEqual(row)
          outcomes.add(decision.outcome.outcome)
        }
      },
    )
    await fc.assert(property, { numRuns: 400 })
    expect([...outcomes].sort()).toEqual(['expired', 'invalid', 'retried', 'reused', 'revoked', 'rolled_back', 'rotated'])
  })

  it('is one round trip', async () => {
    const { sessions } = kyselyStores(database.connect())
    await sessions.insert(session({ id: 'counted' }))
    const statements: string[] = []
    const counting = kyselyStores(database.connect({ log: ({ query }) => void statements.push(query.sql) }))
    const rotation = { carrier: 'refresh', clientId: null, generation: 0, userEpoch: 0, now: at, retryWindowMs: 0 } as const
    const successor = { digest: digestNamed('second'), sealed: null }
    const given = { ...rotation, id: 'counted', digest: digestNamed('first'), successor, idleExpiresAt: later(60) }
    expect((await counting.sessions.rotate(given)).outcome).toBe('rotated')
    // SQLite is in the process: its transaction around a write travels nowhere.
    expect(statements.filter((text) => database.dialect === 'postgres' || !/^(begin|commit)/.test(text))).toHaveLength(1)
  })
})
