import { sql } from 'kysely'
import { expect } from 'vitest'
import { told } from './client.js'
import type { Deployment, TestNode } from './deployment.js'
import { claimsOf, type Person, refresh } from './people.js'

/** Of an account, which is the most that any ledger allows in a row. */
const limit = 10

/**
 * What holds whatever happened: one user for each address, no attempts over the limit, no session alive whose user has
 * gone or has left its epoch behind.
 */
export async function expectInvariants(
  { opened: { db, stores } }: Deployment,
  people: readonly Person[] = [],
): Promise<void> {
  const doubles = sql`select email_key from auth_user where email_key is not null group by email_key having count(*) > 1`
  expect((await doubles.execute(db)).rows, 'one user for each address').toEqual([])
  const halves = sql`select id from auth_user where email_key is not null and (email = '' or password_hash is null)`
  expect((await halves.execute(db)).rows, 'no half of a user').toEqual([])
  for (const ledger of await ledgersOf(db)) {
    expect(ledger.filter(hasFailed).length, 'failures on one ledger').toBeLessThanOrEqual(limit)
  }
  for (const { userId, accessToken } of people) {
    const [user, session] = [await stores.users.find(userId), await stores.sessions.find(claimsOf(accessToken).sid)]
    const live = await stores.sessions.listLive(userId, new Date())
    const isAlive = session?.revokedAt === null && user?.sessionEpoch === session.epoch && user.disabledAt === null
    expect(live.filter(({ id }) => id === session?.id).length, 'one row for each session').toBeLessThanOrEqual(1)
    expect(isAlive && !live.some(({ id }) => id === session.id), 'a live session that is not listed').toBe(false)
  }
}

/** A slot as it is stored: id, times, 1 once it failed. */
type StoredSlot = readonly [string, number, number, 0 | 1]

const hasFailed = ([, , , failed]: StoredSlot): boolean => failed === 1

async function ledgersOf(db: Deployment['opened']['db']): Promise<readonly (readonly StoredSlot[])[]> {
  const { rows } = await sql<{ slots: unknown }>`select slots from auth_attempt`.execute(db)
  return rows.map(({ slots }) => (typeof slots === 'string' ? JSON.parse(slots) : slots) as readonly StoredSlot[]) // As written.
}

/** Of all tokens that one session ever had, at most one can still be exchanged. */
export async function expectOneSuccessor(node: TestNode, tokens: readonly string[]): Promise<void> {
  const answers: string[] = []
  for (const token of tokens) answers.push(told(await refresh(node, token)))
  expect(answers.filter((answer) => answer === '200').length, answers.join(', ')).toBeLessThanOrEqual(1)
}
