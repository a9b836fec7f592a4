import { sql } from 'kysely'
import { expect } from 'vitest'
import { told } from './client.js'
import type { Deployment, TestNode } from './deployment.js'
import { claimsOf, type Person, refresh } from './people.js'

/** Of an account, which is the most that any ledger allows in a row. */
const limit = 10

/**
 * What holds whatever happened: one user for each address, no attempts over the limit, no session alive whose user has
 * gone or has left its epoch behind, and a trail that tells of what was done and of nothing else.
 */
export async function expectInvariants(
  { opened: { db, stores } }: Deployment,
  people: readonly Person[] = [],
): Promise<void> {
  const doubles = sql`select email_key from auth_user where email_key is not null group by email_key having count(*) > 1`
  expect((await doubles.execute(db)).rows, 'one user for each address').toEqual([])
  const halves = sql`select id from auth_user where email_key is not null and (email = '' or password_hash is null
    and not exists (select 1 from auth_identity where user_id = auth_user.id))`
  expect((await halves.execute(db)).rows, 'no half of a user').toEqual([])
  expect(await untold(db), 'users of whom the trail tells something else').toEqual([])
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

/**
 * Users whose events are not those of what was done to them: they are written in one transaction. Each of the changes
 * below raises a version, which begins with 1; a reuse that was found late has an event, too.
 */
async function untold(db: Deployment['opened']['db']): Promise<readonly unknown[]> {
  const count = (condition: string) => sql`count(case when outcome = 'success' and ${sql.raw(condition)} then 1 end)`
  const raising = `type in ('password.changed', 'password.reset', 'logout_all', 'roles.changed', 'account.disabled', 'account.enabled', 'account.claimed')`
  const reuses = sql`count(case when type = 'refresh.reused' then 1 end)`
  const wrong = sql`
    select auth_user.id, access_version, told.* from auth_user left join (
      select subject, ${count(`type = 'registration'`)} as made, ${count(`type = 'account.deleted'`)} as deleted,
        ${count(raising)} as raised, ${reuses} as reused
      from auth_audit_event group by subject
    ) as told on told.subject = auth_user.id
    where made is distinct from 1 or deleted <> case when email_key is null then 1 else 0 end
      or access_version - 1 < raised or access_version - 1 > raised + reused`
  return (await wrong.execute(db)).rows
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
