import { expect } from 'vitest'
import { type Answer, told } from './client.js'
import { type Command, logout, roleChange, userCommands } from './commands.js'
import type { Deployment, TestNode } from './deployment.js'
import { expectInvariants, expectOneSuccessor } from './invariants.js'
import type { FailPoint, NodeSettings } from './node/settings.js'
import {
  allOver,
  allWell,
  claimsOf,
  logIn,
  type Person,
  password,
  refresh,
  type Standing,
  signUp,
  standing,
  stranger,
  tokensOf,
} from './people.js'

type Stranger = ReturnType<typeof stranger>

/** A place at which a process dies, and the writes that it has done by then. */
export interface Step {
  readonly point: FailPoint
  readonly done: readonly string[]
}

/** Lets a node do something, and answers the writes that it made on the way. */
export async function writesOf(node: TestNode, act: () => Promise<Answer>): Promise<readonly string[]> {
  await node.order({ kind: 'writes' })
  expect(told(await act())).toMatch(/^20|^303|refresh_reused/)
  return (await node.order({ kind: 'writes' })) as readonly string[] // What this order answers.
}

/** Every place between two of the writes, before the first and after the last. */
export function stepsBetween(writes: readonly string[]): readonly Step[] {
  const [first = ''] = writes
  const before: Step = { point: { when: 'before', call: first, act: 'die' }, done: [] }
  return [
    before,
    ...writes.map((call, i): Step => {
      const done = writes.slice(0, i + 1)
      const skip = done.filter((earlier) => earlier === call).length - 1
      return { point: { when: 'after', call, skip, act: 'die' }, done }
    }),
  ]
}

/** Kills a new node at a step of what it is told to do. Whoever asked gets no answer. */
export async function crash(
  deployment: Deployment,
  { point }: Step,
  act: (node: TestNode) => Promise<Answer>,
  settings?: Omit<NodeSettings, 'storage'>,
): Promise<void> {
  const victim = await deployment.start(settings)
  await victim.arm(point)
  const answer = await act(victim).then(told, () => 'no answer')
  expect(answer).toBe('no answer')
  expect(await victim.ended).toBe('SIGKILL')
}

/** Whether the feed knows: either a write of its own, or one with the user's in a single transaction. */
function isAnnounced(done: readonly string[], writes: readonly string[]): boolean {
  return writes.includes('revocations.append') ? done.includes('revocations.append') : done.includes('users.revoke')
}

/** Kills a process between every two writes of a command about a user, and sees that nothing half-done stays. */
export async function crashUserCommand(deployment: Deployment, survivor: TestNode, name: string): Promise<void> {
  const command = userCommands[name] as Command // One of those that are listed.
  const writes = await learn(survivor, command)
  expectOrder(writes, ['users.revoke', 'users.delete'], 'revocations.append', 'sessions.revokeAll')
  const people: Person[] = []
  for (const step of stepsBetween(writes)) {
    const person = await signUp(survivor)
    await crash(deployment, step, (node) => command.give(node, person, false))
    const isDone = step.done.some((call) => call === 'users.revoke' || call === 'users.delete')
    const bearer = isAnnounced(step.done, writes) ? allOver.bearer : allWell.bearer
    const isCarriedOver = command.keepsOwn === true && step.done.includes('sessions.swapEpoch')
    const half = isDone ? { ...allOver, bearer, ...(isCarriedOver ? { refresh: allWell.refresh } : {}) } : allWell
    const { seen, now } = await stand(survivor, person)
    expect(seen, `${name} died ${step.point.when} ${step.point.call}`).toEqual(half)
    const again = told(await command.give(survivor, now, isDone))
    expect(['200', '204', ...(isDone ? (command.againTold ?? []) : [])]).toContain(again)
    const after = afterwards(command, again, half)
    expect(await standing(survivor, now)).toEqual(after)
    if (after === allOver) people.push(now)
    else await expectInvariants(deployment, [now])
  }
  await expectForAll(deployment, people, allOver)
}

/** How somebody stands once a command was given again. */
function afterwards(command: Command, again: string, half: Standing): Standing {
  // A session that the first try has ended stays ended.
  const goesOn = command.keepsOwn && again === '204' && half.refresh === allWell.refresh
  if (goesOn) return { ...allOver, refresh: allWell.refresh }
  if (command.leavesNobody && again !== '204' && half.bearer !== allOver.bearer) return half
  return allOver
}

/** The same for a change of roles, which ends access tokens and leaves sessions alone. */
export async function crashRoleChange(deployment: Deployment, survivor: TestNode): Promise<void> {
  const writes = await learn(survivor, roleChange)
  expectOrder(writes, ['users.revoke'], 'revocations.append')
  for (const step of stepsBetween(writes)) {
    const person = await signUp(survivor)
    await crash(deployment, step, (node) => roleChange.give(node, person, false))
    const isDone = step.done.includes('users.revoke')
    const { seen, now } = await stand(survivor, person)
    expect(seen).toEqual({ ...allWell, bearer: isAnnounced(step.done, writes) ? allOver.bearer : allWell.bearer })
    expect(claimsOf(now.accessToken).roles.includes('admin')).toBe(isDone)
    expect(told(await roleChange.give(survivor, now, isDone))).toBe('200')
    // A token that has the new roles already goes on.
    const issuedBefore = isDone ? { ...now, accessToken: person.accessToken } : now
    expect((await standing(survivor, issuedBefore)).bearer).toBe(allOver.bearer)
    await expectInvariants(deployment, [now])
  }
}

/** The same for one session, of which the feed hears first. */
export async function crashLogout(deployment: Deployment, survivor: TestNode): Promise<void> {
  const writes = await learn(survivor, logout)
  expectOrder(writes, ['revocations.append'], 'sessions.revoke')
  const over = { ...allOver, cookie: '200' }
  const people: Person[] = []
  for (const step of stepsBetween(writes)) {
    const person = await signUp(survivor)
    await crash(deployment, step, (node) => logout.give(node, person, false))
    const { seen, now } = await stand(survivor, person)
    expect(seen).toEqual(step.done.includes('revocations.append') ? over : allWell)
    expect(told(await logout.give(survivor, now, true))).toBe('204')
    expect(await standing(survivor, now)).toEqual(over)
    people.push(now)
  }
  await expectForAll(deployment, people, over)
}

/** The same for whoever finds that a refresh token was used twice. */
export async function crashReuse(deployment: Deployment, survivor: TestNode): Promise<void> {
  const spend = async (): Promise<Person> => {
    const person = await signUp(survivor)
    await refresh(survivor, person.refreshToken)
    return person
  }
  const learnt = await spend()
  const writes = await writesOf(survivor, () => refresh(survivor, learnt.refreshToken))
  expectOrder(writes, ['sessions.rotate'], 'users.revoke', 'sessions.revokeAll')
  const people: Person[] = []
  // The audit trail is written beside the answer, which may be out by then.
  for (const step of stepsBetween(writes.filter((call) => call !== 'audit.insert'))) {
    const person = await spend()
    await crash(deployment, step, (node) => refresh(node, person.refreshToken))
    await survivor.order({ kind: 'shift', wallMs: 6000 }) // Others complete what the finder left, once it had its time.
    const isFound = step.done.includes('sessions.rotate')
    const again = told(await refresh(survivor, person.refreshToken))
    await survivor.order({ kind: 'shift', wallMs: -6000 })
    expect(again).toBe(isFound ? '401 refresh_revoked' : '401 refresh_reused')
    expect(await standing(survivor, person)).toEqual(allOver)
    people.push(person)
  }
  await expectForAll(deployment, people, allOver)
}

/** Kills a process between every two writes of a registration: there is a whole user or none. */
export async function crashRegistration(deployment: Deployment, survivor: TestNode): Promise<void> {
  const register = (node: TestNode, { email, ip }: Stranger): Promise<Answer> =>
    node.call('POST', '/auth/register', { ip, body: { email, password } })
  const writes = await writesOf(survivor, () => register(survivor, stranger()))
  expectOrder(writes, ['users.insert'], 'sessions.insert')
  for (const step of stepsBetween(writes)) {
    const who = stranger()
    await crash(deployment, step, (node) => register(node, who))
    const isDone = step.done.includes('users.insert')
    expect(told(await logIn(survivor, who))).toBe(isDone ? '200' : '401 invalid_credentials')
    expect(told(await register(survivor, who))).toBe(isDone ? '409 email_taken' : '201')
    expect(told(await logIn(survivor, who))).toBe('200')
    await expectInvariants(deployment)
  }
}

/** The same for a login: whoever got no answer signs in again, and what nobody holds harms nobody. */
export async function crashLogin(deployment: Deployment, survivor: TestNode): Promise<void> {
  const learnt = await signUp(survivor)
  const writes = await writesOf(survivor, () => logIn(survivor, learnt))
  expectOrder(writes, ['sessions.insert'])
  for (const step of stepsBetween(writes)) {
    const person = await signUp(survivor)
    await crash(deployment, step, (node) => logIn(node, person))
    expect(told(await logIn(survivor, person))).toBe('200')
    expect(await standing(survivor, person)).toEqual(allWell)
    await expectInvariants(deployment, [person])
  }
}

/** Kills a process before and after the store has rotated; without a retry window, the second is a reuse. */
export async function crashRotation(deployment: Deployment, survivor: TestNode): Promise<void> {
  const learnt = await signUp(survivor)
  const writes = await writesOf(survivor, () => refresh(survivor, learnt.refreshToken))
  expectOrder(writes, ['sessions.rotate'])
  for (const step of stepsBetween(writes.slice(0, 1))) {
    const person = await signUp(survivor)
    await crash(deployment, step, (node) => refresh(node, person.refreshToken))
    const isSpent = step.done.includes('sessions.rotate')
    const retried = await refresh(survivor, person.refreshToken)
    expect(told(retried)).toBe(isSpent ? '401 refresh_reused' : '200')
    await expectOneSuccessor(survivor, [...(isSpent ? [] : [tokensOf(retried).refreshToken]), person.refreshToken])
    await expectInvariants(deployment, [person])
  }
}

/** The same with a retry window, in which every repetition gets the one successor. */
export async function crashRotationWithRetries(deployment: Deployment): Promise<void> {
  const settings = { retryWindow: '60s' } as const
  const survivor = await deployment.start(settings)
  for (const when of ['before', 'after'] as const) {
    const person = await signUp(survivor)
    const step: Step = { point: { when, call: 'sessions.rotate', act: 'die' }, done: [] }
    await crash(deployment, step, (node) => refresh(node, person.refreshToken), settings)
    const retries = [await refresh(survivor, person.refreshToken), await refresh(survivor, person.refreshToken)]
    const successors = new Set(retries.map((answer) => tokensOf(answer).refreshToken))
    expect(successors.size).toBe(1)
    await expectOneSuccessor(survivor, [...successors, person.refreshToken])
    await expectInvariants(deployment, [person])
  }
}

/** What holds on a node that was not there when it happened. */
async function expectForAll(deployment: Deployment, people: readonly Person[], wanted: Standing): Promise<void> {
  const late = await deployment.start()
  for (const person of people) expect(await standing(late, person)).toEqual(wanted)
  await expectInvariants(deployment, people)
}

async function learn(survivor: TestNode, command: Command): Promise<readonly string[]> {
  const person = await signUp(survivor)
  return writesOf(survivor, () => command.give(survivor, person, false))
}

/** What somebody's credentials are worth, and what they are after the refresh that it took to find out. */
async function stand(node: TestNode, person: Person): Promise<{ readonly seen: Standing; readonly now: Person }> {
  await node.order({ kind: 'shift', monotonicMs: 6000 })
  const bearer = told(await node.call('GET', '/guarded', { bearer: person.accessToken }))
  const cookie = told(await node.call('GET', '/guarded', { cookie: person.cookie }))
  const refreshed = await refresh(node, person.refreshToken)
  const seen = { bearer, cookie, refresh: told(refreshed) }
  return { seen, now: refreshed.status === 200 ? { ...person, ...tokensOf(refreshed) } : person }
}

/** The writes come in this order, as far as they come at all; the first is there. */
function expectOrder(writes: readonly string[], first: readonly string[], ...then: readonly string[]): void {
  const order = [...first, ...then]
  const places = writes.map((call) => order.indexOf(call)).filter((place) => place >= 0)
  expect(
    writes.some((call) => first.includes(call)),
    writes.join(', '),
  ).toBe(true)
  expect(places, writes.join(', ')).toEqual([...places].sort((a, b) => a - b))
}
