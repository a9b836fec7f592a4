import { expect } from 'vitest'
import { at, digestNamed, later, session } from '../../../../packages/kysely/test/support/samples.js'
import { type Answer, told } from './client.js'
import type { Deployment, TestNode } from './deployment.js'
import { expectInvariants, expectOneSuccessor, openSlots } from './invariants.js'
import { logIn, password, refresh, signUp, standing, stranger } from './people.js'

/** How many times each outcome came. */
export function tally(outcomes: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) counts[String(outcome)] = (counts[String(outcome)] ?? 0) + 1
  return counts
}

/** Lets all nodes race on their bare stores, and sees that each guarantee holds across processes. */
export function storeRaces({ opened }: Deployment, nodes: readonly TestNode[], parallel: number) {
  const { sessions, tickets, attempts } = opened.stores
  const racers = nodes.length * parallel

  async function race(name: string, id: string): Promise<readonly unknown[]> {
    const answers = nodes.map((node) => node.order({ kind: 'task', name, id, parallel }))
    return ((await Promise.all(answers)) as unknown[][]).flat() // A list from each.
  }

  return {
    async rotations(id: string): Promise<void> {
      await sessions.insert(session({ id }))
      expect(tally(await race('rotate', id))).toEqual({ rotated: 1, reused: 1, revoked: racers - 2 })
      expect(await sessions.find(id)).toMatchObject({ generation: 1, revokedReason: 'reuse' })
    },
    async consumptions(id: string): Promise<void> {
      const times = { createdAt: at, expiresAt: later(600), rememberUntil: later(1200) }
      const owner = { userId: null, grantId: null, payload: '{}' }
      await tickets.insert({ digest: digestNamed(id), purpose: 'test', binding: digestNamed('binding'), ...owner, ...times })
      expect(tally(await race('consume', id))).toEqual({ consumed: 1, replayed: racers - 1 })
    },
    async attempts(id: string): Promise<void> {
      const ledgers = (await race('attempt', id)) as string[][]
      const order = (await attempts.find(id, at)).map((slot) => slot.id)
      expect(order).toHaveLength(racers)
      const byLength = [...ledgers].sort((a, b) => a.length - b.length)
      expect(byLength).toEqual(order.map((_, index) => order.slice(0, index + 1)))
    },
    async grants(id: string): Promise<void> {
      await race('grant', id)
      expect((await sessions.find(id))?.revokedReason ?? 'never inserted').toMatch(/^(logout|never inserted)$/)
      expect(await sessions.insert(session({ id }))).toBe(false)
    },
  }
}

/** Asks all nodes at once, each so many times. What is too much for them may be 503. */
async function askAll(
  nodes: readonly TestNode[],
  parallel: number,
  ask: (node: TestNode, index: number) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const racers = Array.from({ length: nodes.length * parallel }, (_, index) => index)
  return Promise.all(racers.map((index) => ask(nodes[index % nodes.length] as TestNode, index))) // There is one for each index.
}

/** One refresh token on all nodes at once: at most one successor, and the session is over. */
export async function raceRefreshes(deployment: Deployment, nodes: readonly TestNode[], parallel: number): Promise<void> {
  const [first] = nodes as readonly [TestNode]
  const person = await signUp(first)
  const answers = await askAll(nodes, parallel, (node) => refresh(node, person.refreshToken))
  const { 200: won = 0, '401 refresh_reused': found = 0, ...others } = tally(answers.map(told))
  expect([won <= 1, found <= 1], JSON.stringify(tally(answers.map(told)))).toEqual([true, true])
  const harmless = ['401 refresh_revoked', '503 store_unavailable']
  expect(Object.keys(others).filter((name) => !harmless.includes(name))).toEqual([])
  const successors = answers.flatMap(({ body }) => (typeof body.refreshToken === 'string' ? [body.refreshToken] : []))
  await expectOneSuccessor(first, [...successors, person.refreshToken])
  await expectInvariants(deployment, [person])
}

/** One address in all its spellings, registered on all nodes at once: one user. */
export async function raceRegistrations(
  deployment: Deployment,
  nodes: readonly TestNode[],
  parallel: number,
): Promise<void> {
  const [first] = nodes as readonly [TestNode]
  const email = `löwe.${stranger().email}`
  const spellings = [email, email.toUpperCase(), email.normalize('NFD'), `${email[0]?.toUpperCase()}${email.slice(1)}`]
  const register = (node: TestNode, index: number): Promise<Answer> =>
    node.call('POST', '/auth/register', {
      ip: stranger().ip,
      body: { email: spellings[index % spellings.length], password },
    })
  const answers = await askAll(nodes, parallel, register)
  const { 201: made = 0, ...others } = tally(answers.map(told))
  expect(made).toBeLessThanOrEqual(1)
  expect(Object.keys(others).filter((name) => !['409 email_taken', '503 store_unavailable'].includes(name))).toEqual([])
  expect(told(await register(first, 0))).toBe(
    made === 0 ? expect.stringMatching(/^(201|409 email_taken)$/) : '409 email_taken',
  )
  for (const spelling of spellings) expect(told(await logIn(first, { ...stranger(), email: spelling }))).toBe('200')
  await expectInvariants(deployment)
}

/**
 * Wrong passwords from one address on all nodes at once: no more are tested than the limit says. A slot stays open only
 * where the store took its end from nobody: for each there was a 503.
 */
export async function raceGuesses(deployment: Deployment, nodes: readonly TestNode[], parallel: number): Promise<void> {
  const [first] = nodes as readonly [TestNode]
  const person = await signUp(first)
  const { ip } = stranger()
  const openBefore = await openSlots(deployment)
  const guess = (node: TestNode) => logIn(node, { email: person.email, ip }, { password: 'not the right passphrase' })
  const { '401 invalid_credentials': tested = 0, ...others } = tally((await askAll(nodes, parallel, guess)).map(told))
  expect(tested).toBeLessThanOrEqual(5)
  const { '429 too_many_attempts': _, '503 store_unavailable': lost = 0, ...unexpected } = others
  expect(unexpected).toEqual({})
  expect((await openSlots(deployment)) - openBefore).toBeLessThanOrEqual(lost)
  expect(told(await logIn(first, person))).toBe('200')
  await expectInvariants(deployment, [person])
}

/** A request that is under way, and about to note that it used the session, while the session is ended elsewhere. */
export async function raceTouchAndLogout(nodes: readonly TestNode[]): Promise<void> {
  const [slow, other] = nodes as readonly [TestNode, TestNode]
  const person = await signUp(other)
  await slow.order({ kind: 'shift', wallMs: 20_000 })
  await other.order({ kind: 'shift', wallMs: -45_000 })
  for (const when of ['before', 'after'] as const) {
    const { cookie } = await logIn(other, person, { transport: 'cookie' })
    const reached = slow.reached()
    await slow.arm({ when, call: 'sessions.touch', act: 'hang' })
    const underWay = slow.call('GET', '/guarded', { cookie })
    await reached
    expect(told(await other.call('POST', '/auth/logout', { cookie }))).toBe('204')
    await slow.order({ kind: 'release' })
    expect(told(await underWay)).toMatch(/^(200|401 session_invalid|503 store_unavailable)$/)
    for (const node of [slow, other])
      expect((await standing(node, { ...person, cookie })).cookie).toBe('401 session_invalid')
  }
  await slow.order({ kind: 'shift', wallMs: -20_000 })
  await other.order({ kind: 'shift', wallMs: 45_000 })
}
