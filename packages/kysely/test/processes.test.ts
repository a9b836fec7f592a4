import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authMigrations, kyselyStores, migrateAuth } from '../src/index.js'
import { databases, type TestDatabase } from './support/databases.js'
import { buildProgram, type TestProcess, type TestProgram } from './support/processes.js'
import { at, digestNamed, later, session, user } from './support/samples.js'

const processes = 4
const parallel = 10
const racers = processes * parallel
const rounds = 5

let program: TestProgram
beforeAll(() => {
  program = buildProgram('racer')
})
afterAll(() => program.remove())

function tally(answers: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[String(answer)] = (counts[String(answer)] ?? 0) + 1
  return counts
}

describe.each(databases)('several processes on %s', (_, create) => {
  let database: TestDatabase
  let started: readonly TestProcess[] = []
  beforeAll(async () => {
    database = await create()
    started = await Promise.all(Array.from({ length: processes }, () => program.start(database.url)))
  })
  afterAll(async () => {
    await Promise.all(started.map((process) => process.end()))
    await database.remove()
  })

  /** Lets all of them do a task at the same time; answers what all their calls came to. */
  async function race(name: string, id = ''): Promise<readonly unknown[]> {
    const answers = await Promise.all(started.map((process) => process.ask({ name, id, parallel })))
    return (answers as readonly unknown[][]).flat()
  }

  it('migrateAuth: make the tables together, once', async () => {
    expect(await race('migrate')).toEqual(Array.from({ length: processes }, () => 'migrated'))
    const { rows } = await sql`select name from auth_migration`.execute(database.connect())
    expect(rows).toEqual(Object.keys(authMigrations()).map((name) => ({ name })))
  })

  it('F-10 register one address: one user', async () => {
    await migrateAuth(database.connect())
    for (let round = 0; round < rounds; round++) {
      expect(tally(await race('register', `register-${round}`))).toEqual({ true: 1, false: racers - 1 })
    }
  })

  it('F-15 rotate one session: one rotated, one reused, the rest revoked, and no live session left', async () => {
    const { sessions } = kyselyStores(database.connect())
    for (let round = 0; round < rounds; round++) {
      const id = `rotate-${round}`
      await sessions.insert(session({ id }))
      expect(tally(await race('rotate', id))).toEqual({ rotated: 1, reused: 1, revoked: racers - 2 })
      expect(await sessions.find(id)).toMatchObject({ generation: 1, revokedReason: 'reuse' })
    }
  })

  it('F-16 F-17 consume one ticket: one consumed, the rest replayed', async () => {
    const { tickets } = kyselyStores(database.connect())
    for (let round = 0; round < rounds; round++) {
      const id = `ticket-${round}`
      const times = { createdAt: at, expiresAt: later(600), rememberUntil: later(1200) }
      const owner = { userId: null, grantId: null, payload: '{}' }
      await tickets.insert({ digest: digestNamed(id), purpose: 'test', binding: digestNamed('binding'), ...owner, ...times })
      expect(tally(await race('consume', id))).toEqual({ consumed: 1, replayed: racers - 1 })
    }
  })

  it('F-18 take slots of one ledger: every answer is one more than another, in one order', async () => {
    const { attempts } = kyselyStores(database.connect())
    const answers = (await race('attempt', 'ledger')) as readonly string[][]
    const order = (await attempts.find('ledger', at)).map(({ id }) => id)
    expect(order).toHaveLength(racers)
    const byLength = [...answers].sort((a, b) => a.length - b.length)
    expect(byLength).toEqual(order.map((_, index) => order.slice(0, index + 1)))
  })

  it('RB-06 take the role of two administrators away: one of them remains', async () => {
    await migrateAuth(database.connect())
    const { users } = kyselyStores(database.connect())
    for (let round = 0; round < rounds; round++) {
      const ids = [0, 1].map((index) => `demote-${round}-${index}`)
      for (const id of ids) await users.insert(user({ id, emailKey: id, roles: ['admin'] }))
      await race('demote', `demote-${round}`)
      const left = await Promise.all(ids.map((id) => users.find(id)))
      expect(left.filter((found) => found?.roles.includes('admin'))).toHaveLength(1)
      for (const id of ids) await users.delete(id)
    }
  })

  it('insert a session while its id is revoked: it never lives on', async () => {
    const { sessions } = kyselyStores(database.connect())
    for (let round = 0; round < rounds; round++) {
      const id = `grant-${round}`
      await race('grant', id)
      expect((await sessions.find(id))?.revokedReason ?? 'never inserted').toMatch(/^(logout|never inserted)$/)
      expect(await sessions.insert(session({ id }))).toBe(false)
    }
  })
})
