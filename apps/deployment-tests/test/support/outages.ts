import { expect } from 'vitest'
import { until } from '../../../../packages/redis/test/support/own-redis.js'
import { type Answer, told } from './client.js'
import type { Deployment, TestNode } from './deployment.js'
import { expectInvariants } from './invariants.js'
import { allWell, logIn, newPassword, type Person, password, refresh, signUp, standing, stranger } from './people.js'

/** What needs a store: by name, what it is asked by and whose it is. */
const asks = {
  register: (node, _, { email, ip }) => node.call('POST', '/auth/register', { ip, body: { email, password } }),
  login: (node, person) => logIn(node, person),
  refresh: (node, { refreshToken }) => refresh(node, refreshToken),
  bearer: (node, { accessToken }) => node.call('GET', '/guarded', { bearer: accessToken }),
  cookie: (node, { cookie }) => node.call('GET', '/guarded', { cookie }),
  'logout-all': (node, { accessToken, ip }) => node.call('POST', '/auth/logout-all', { bearer: accessToken, ip }),
  'password change': (node, { accessToken, ip }) =>
    node.call('POST', '/auth/password/change', {
      bearer: accessToken,
      ip,
      body: { currentPassword: password, newPassword },
    }),
} satisfies Record<string, (node: TestNode, person: Person, other: ReturnType<typeof stranger>) => Promise<Answer>>

/** Something that needs a store. */
export type Ask = keyof typeof asks

/** Twice the deadline of a store, and much more for a machine that has other things to do. What hangs takes longer. */
const answersWithinMs = 30_000

/** What goes wrong with a store. Answers how it is put right again. */
export type Begin = () => Promise<() => Promise<void> | void>

/**
 * Lets a store fail under a node and puts it right again. While it fails everything that needs it is answered 503 in time,
 * and never 200 or 401; afterwards the same process answers again, and whatever was good before still is.
 * @param unaffected What does not need the store that fails, or not what fails of it.
 */
export async function expectOutage(
  deployment: Deployment,
  node: TestNode,
  begin: Begin,
  unaffected: readonly Ask[] = [],
): Promise<void> {
  const person = await signUp(node)
  const other = stranger()
  const end = await begin()
  try {
    // What is known of revocations has become too old to go by.
    await node.order({ kind: 'shift', monotonicMs: 6000 })
    const names = Object.keys(asks) as Ask[] // Its own names.
    const answers = await Promise.all(names.map((name) => asks[name](node, person, other)))
    for (const [i, name] of names.entries()) {
      if (!unaffected.includes(name)) expectUnavailable(name, answers[i])
    }
  } finally {
    await end()
  }
  await until(async () => (await logIn(node, person)).status === 200)
  expect(await standing(node, person)).toEqual(allWell)
  expect(told(await asks.register(node, person, other))).toBe('201')
  const known = await deployment.opened.stores.users.findByEmailKey(other.email)
  expect(known?.email, 'an account that was acknowledged').toBe(other.email)
  await expectInvariants(deployment, [person])
}

/** An answer says, in time, that storage is away and when to ask again. */
export function expectUnavailable(name: string, answer: Answer | undefined): void {
  expect(answer && `${name}: ${told(answer)}`).toBe(`${name}: 503 store_unavailable`)
  expect(answer?.headers.get('retry-after'), name).toMatch(/^[1-9]\d*$/)
  expect(answer?.ms, name).toBeLessThan(answersWithinMs)
  expect(JSON.stringify(answer?.body), name).not.toMatch(/select|insert|update|SQLSTATE|ECONN|127\.0\.0\.1/i)
}
