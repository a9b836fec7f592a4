import { expect } from 'vitest'
import { digestOf } from '../../../../packages/core/src/shared/digest.js'
import { at, digestNamed, later, session } from '../../../../packages/kysely/test/support/samples.js'
import { type Answer, told } from './client.js'
import type { Deployment, TestNode } from './deployment.js'
import { expectInvariants, expectOneSuccessor } from './invariants.js'
import { logIn, type Person, password, refresh, signUp, standing, stranger } from './people.js'

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

/** What became of wrong passwords that all nodes were asked to test at once. */
interface Guessed {
  /** Hashes that were compared, on all nodes together. */
  readonly verified: number
  /** Requests that were told that a password is wrong. */
  readonly tested: number
  /** Requests whose store was lost to them. */
  readonly lost: number
}

async function guessOnAll(
  nodes: readonly TestNode[],
  parallel: number,
  guesser: (index: number) => Pick<Person, 'email' | 'ip'>,
): Promise<Guessed> {
  const takeVerified = async (): Promise<number> => {
    const taken = await Promise.all(nodes.map((node) => node.order({ kind: 'verified' })))
    return taken.reduce<number>((sum, count) => sum + Number(count), 0)
  }
  await takeVerified()
  const guess = (node: TestNode, index: number): Promise<Answer> =>
    logIn(node, guesser(index), { password: 'not the right passphrase' })
  const answers = tally((await askAll(nodes, parallel, guess)).map(told))
  const { '401 invalid_credentials': tested = 0, '503 store_unavailable': lost = 0, ...others } = answers
  const { '429 too_many_attempts': _, ...unexpected } = others
  expect(unexpected).toEqual({})
  return { verified: await takeVerified(), tested, lost }
}

/** How many slots of a ledger have failed, and how many are open. */
async function slotsOf({ opened }: Deployment, ...ledger: readonly string[]): Promise<readonly [number, number]> {
  const slots = await opened.stores.attempts.find(await digestOf('attempt-ledger', 'password', ...ledger), new Date())
  const failed = slots.filter((slot) => slot.failed).length
  return [failed, slots.length - failed]
}

/**
 * Wrong passwords from one address on all nodes at once: no more are compared with a hash than the limit says. A slot stays
 * open only where the store took its end from nobody: for each there was a 503.
 */
export async function raceGuesses(deployment: Deployment, nodes: readonly TestNode[], parallel: number): Promise<void> {
  const [first] = nodes as readonly [TestNode]
  const person = await signUp(first)
  const { ip } = stranger()
  const { verified, tested, lost } = await guessOnAll(nodes, parallel, () => ({ email: person.email, ip }))
  expect(verified).toBeLessThanOrEqual(5)
  expect(lost + tested).toBeGreaterThan(0)
  for (const ledger of [
    ['address', ip],
    ['account', person.email],
  ] as const)
    await expectExact(deployment, ledger, { verified, tested, lost })
  expect(told(await logIn(first, person))).toBe('200')
  await expectInvariants(deployment, [person])
}

/**
 * Wrong passwords for one account, each from an address of its own, on all nodes at once: ten are compared with a hash.
 * Afterwards it is locked on every node, for known and unknown passwords alike, and its ledger holds these ten.
 */
export async function raceAccountGuesses(
  deployment: Deployment,
  nodes: readonly TestNode[],
  parallel: number,
): Promise<void> {
  const [first] = nodes as readonly [TestNode]
  const person = await signUp(first)
  const addresses = Array.from({ length: nodes.length * parallel }, () => stranger().ip)
  const guesser = (index: number) => ({ email: person.email, ip: addresses[index] ?? '' })
  const guessed = await guessOnAll(nodes, parallel, guesser)
  expect(guessed.verified).toBeLessThanOrEqual(10)
  await expectExact(deployment, ['account', person.email], guessed)
  const failed = await Promise.all(addresses.map(async (ip) => (await slotsOf(deployment, 'address', ip))[0]))
  expect(failed.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(guessed.verified)
  if (guessed.lost > 0) return
  expect([guessed.verified, guessed.tested]).toEqual([10, 10])
  for (const node of nodes) expect(told(await logIn(node, { ...person, ip: stranger().ip }))).toBe('429 too_many_attempts')
}

/** Each that was tested is a failure on the ledger, and none else; those that were lost may be failures or open. */
async function expectExact(
  deployment: Deployment,
  ledger: readonly string[],
  { verified, tested, lost }: Guessed,
): Promise<void> {
  const [failed, open] = await slotsOf(deployment, ...ledger)
  expect(failed, ledger.join()).toBeGreaterThanOrEqual(tested)
  expect(failed, ledger.join()).toBeLessThanOrEqual(verified)
  expect(open, ledger.join()).toBeLessThanOrEqual(lost)
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
