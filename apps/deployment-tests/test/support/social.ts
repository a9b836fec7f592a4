import { ada, type FakeProvider, fakeProvider } from '@auth/core/testing'
import { expect, onTestFinished } from 'vitest'
import { type Answer, told } from './client.js'
import { crash, stepsBetween, writesOf } from './crashes.js'
import type { Deployment, TestNode } from './deployment.js'
import { expectInvariants } from './invariants.js'
import type { NodeSettings } from './node/settings.js'
import { allOver, allWell, logIn, type Person, signUp, standing, stranger } from './people.js'
import { tally } from './races.js'

const issuer = 'https://app.example.com'

/** A browser on its way back from the provider. */
interface Trip {
  /** The path and query that the provider sends it to. */
  readonly back: string
  /** What keeps the attempt, and whoever is signed in. */
  readonly cookie: string
  readonly ip: string
}

type Stranger = Pick<Person, 'email' | 'ip'>

/** A deployment whose people sign in with a provider on this machine. */
export interface SocialScene {
  readonly deployment: Deployment
  readonly provider: FakeProvider
  readonly settings: Pick<NodeSettings, 'providers'>
}

/** Opens the provider, until the test ends. */
export async function socialScene(deployment: Deployment): Promise<SocialScene> {
  const provider = await fakeProvider()
  onTestFinished(() => provider.close())
  return { deployment, provider, settings: { providers: [provider.oidc(), provider.oauth2()] } }
}

/** Lets somebody say at the provider who they are; it vouches for their address. */
async function approve({ provider }: SocialScene, { email, ip }: Stranger, url: string, cookie: string): Promise<Trip> {
  const id = Number.parseInt(email.slice(0, 12), 16)
  provider.person = { ...ada, id, sub: email, login: email, email, emailVerified: true }
  const response = await fetch(url, { redirect: 'manual' })
  const back = new URL(response.headers.get('location') ?? '')
  expect(back.origin).toBe(issuer)
  return { back: back.pathname + back.search, cookie, ip }
}

/** Somebody on the way to a sign-in with Google. */
async function signingIn(scene: SocialScene, node: TestNode, who: Stranger): Promise<Trip> {
  const { cookie, headers } = await node.call('GET', '/auth/signin/google', { ip: who.ip })
  return approve(scene, who, headers.get('location') ?? '', cookie)
}

/** Somebody who is signed in, on the way to connect GitHub. */
async function linking(scene: SocialScene, node: TestNode, person: Person): Promise<Trip> {
  const { ip, cookie } = person
  const { body, cookie: attempt } = await node.call('POST', '/auth/identities/github', { ip, cookie, body: {} })
  return approve(scene, person, String(body.url), `${cookie}; ${attempt}`)
}

const comeBack = (node: TestNode, { back, ...carried }: Trip): Promise<Answer> => node.call('GET', back, carried)

/** Signs somebody in from the beginning, and answers whose account it is. */
async function signIn(scene: SocialScene, node: TestNode, who: Stranger): Promise<string> {
  const back = await comeBack(node, await signingIn(scene, node, who))
  expect(told(back)).toBe('303')
  const { body } = await node.call('GET', '/guarded', { cookie: back.cookie })
  return String(body.userId)
}

/** What the database has of an address: whose it is, whether they have a password, and what is linked. */
async function rowsOf({ deployment: { opened } }: SocialScene, { email }: Stranger) {
  const user = await opened.stores.users.findByEmailKey(email)
  const identities = user ? await opened.stores.identities.list(user.id) : []
  return { user, linked: identities.map(({ provider }) => provider) }
}

/** What changes an account, its sessions or the attempt; the rest is bookkeeping. */
const isOfTheChange = (call: string): boolean => !/^(audit|attempts)\./.test(call)

/** Kills a process between any two writes of somebody's first return: there is an account with its identity, or neither. */
export async function crashFirstSignIn(deployment: Deployment): Promise<void> {
  const scene = await socialScene(deployment)
  const { settings } = scene
  const survivor = await deployment.start(settings)
  const learnt = await signingIn(scene, survivor, stranger())
  const writes = (await writesOf(survivor, () => comeBack(survivor, learnt))).filter(isOfTheChange)
  expect(writes).toEqual(expect.arrayContaining(['tickets.insert', 'identities.insertUser', 'sessions.insert']))
  for (const step of stepsBetween(writes)) {
    const who = stranger()
    const trip = await signingIn(scene, survivor, who)
    await crash(deployment, step, (node) => comeBack(node, trip), settings)
    const where = `died ${step.point.when} ${step.point.call}`
    const isMade = step.done.includes('identities.insertUser')
    const { user, linked } = await rowsOf(scene, who)
    expect([user !== null, linked], where).toEqual(isMade ? [true, ['google']] : [false, []])
    // An attempt that was used is over, whatever came of it.
    const isUsed = step.done.includes('tickets.insert')
    expect(told(await comeBack(survivor, trip)), where).toBe(isUsed ? '400 signin_state_invalid' : '303')
    const userId = await signIn(scene, survivor, who)
    if (isMade) expect(userId).toBe(user?.id)
    expect((await rowsOf(scene, who)).linked).toEqual(['google'])
  }
  await expectInvariants(deployment)
}

/** The same where the address has an account that its maker has not proved: it is theirs as before, or the owner's and nothing of theirs. */
export async function crashClaim(deployment: Deployment): Promise<void> {
  const scene = await socialScene(deployment)
  const { settings } = scene
  const survivor = await deployment.start(settings)
  const learnt = await signingIn(scene, survivor, await signUp(survivor))
  const writes = (await writesOf(survivor, () => comeBack(survivor, learnt))).filter(isOfTheChange)
  expect(writes).toEqual(expect.arrayContaining(['tickets.insert', 'identities.claim', 'sessions.insert']))
  // In one system the feed is told in the statement of the claim.
  const telling = writes.includes('revocations.append') ? 'revocations.append' : 'identities.claim'
  for (const step of stepsBetween(writes)) {
    const maker = await signUp(survivor)
    const trip = await signingIn(scene, survivor, maker)
    await crash(deployment, step, (node) => comeBack(node, trip), settings)
    const where = `died ${step.point.when} ${step.point.call}`
    const isClaimed = step.done.includes('identities.claim')
    const { user, linked } = await rowsOf(scene, maker)
    expect([user?.passwordHash === null, user?.emailVerifiedAt !== null, linked], where).toEqual(
      isClaimed ? [true, true, ['google']] : [false, false, []],
    )
    expect(told(await logIn(survivor, maker)), where).toBe(isClaimed ? '401 invalid_credentials' : '200')
    await survivor.order({ kind: 'shift', monotonicMs: 6000 })
    const seen = await survivor.call('GET', '/guarded', { bearer: maker.accessToken })
    expect(told(seen), where).toBe(step.done.includes(telling) ? allOver.bearer : allWell.bearer)
    // Whatever was left undone, the owner completes it by signing in again.
    expect(await signIn(scene, survivor, maker)).toBe(maker.userId)
    expect(await standing(survivor, maker), where).toEqual(allOver)
    expect(told(await logIn(survivor, maker)), where).toBe('401 invalid_credentials')
    expect((await rowsOf(scene, maker)).linked).toEqual(['google'])
  }
  await expectInvariants(deployment)
}

/** The same for connecting a provider to the account of who is signed in. */
export async function crashLinking(deployment: Deployment): Promise<void> {
  const scene = await socialScene(deployment)
  const { settings } = scene
  const survivor = await deployment.start(settings)
  const learnt = await linking(scene, survivor, await signUp(survivor))
  const writes = (await writesOf(survivor, () => comeBack(survivor, learnt))).filter(isOfTheChange)
  expect(writes).toEqual(expect.arrayContaining(['tickets.insert', 'identities.insert']))
  for (const step of stepsBetween(writes)) {
    const person = await signUp(survivor)
    const trip = await linking(scene, survivor, person)
    await crash(deployment, step, (node) => comeBack(node, trip), settings)
    const where = `died ${step.point.when} ${step.point.call}`
    const isLinked = step.done.includes('identities.insert')
    expect((await rowsOf(scene, person)).linked, where).toEqual(isLinked ? ['github'] : [])
    const again = await comeBack(survivor, await linking(scene, survivor, person))
    expect(told(again), where).toBe('303')
    expect((await rowsOf(scene, person)).linked, where).toEqual(['github'])
    expect(await standing(survivor, person)).toEqual(allWell)
  }
  await expectInvariants(deployment)
}

/** A deployment of four processes. */
interface FourNodes extends SocialScene {
  readonly nodes: readonly [TestNode, ...TestNode[]]
}

/** Starts them. */
export async function fourNodes(deployment: Deployment): Promise<FourNodes> {
  const scene = await socialScene(deployment)
  const [first, ...others] = await Promise.all(Array.from({ length: 4 }, () => deployment.start(scene.settings)))
  return { ...scene, nodes: [first as TestNode, ...others] } // There are four.
}

/** Comes back on all processes at once, and sees that there is one account with as many sessions as answers say. */
async function returnAtOnce(scene: FourNodes, who: Stranger, trips: readonly Trip[]): Promise<Record<string, number>> {
  const { nodes, deployment } = scene
  const answers = await Promise.all(trips.map((trip, index) => comeBack(nodes[index % nodes.length] ?? nodes[0], trip)))
  const outcomes = tally(answers.map(told))
  const { user, linked } = await rowsOf(scene, who)
  expect(linked).toEqual(['google'])
  const live = await deployment.opened.stores.sessions.listLive(user?.id ?? '', new Date())
  expect(live).toHaveLength(outcomes['303'] ?? 0)
  return outcomes
}

/** One return, ten times on each process at once: one sign-in, for one code that was exchanged. */
export async function raceReturns(scene: FourNodes): Promise<void> {
  const who = stranger()
  const trip = await signingIn(scene, scene.nodes[0], who)
  const exchanged = scene.provider.calls('/token')
  const trips = Array.from({ length: 40 }, () => trip)
  expect(await returnAtOnce(scene, who, trips)).toEqual({ 303: 1, '400 signin_state_invalid': 39 })
  expect(scene.provider.calls('/token')).toBe(exchanged + 1)
}

/** Eight browsers of one person come back for the first time at once: all are signed in, to one account. */
export async function raceFirstSignIns(scene: FourNodes): Promise<void> {
  const who = stranger()
  const trips: Trip[] = []
  for (let browser = 0; browser < 8; browser++) trips.push(await signingIn(scene, scene.nodes[0], who))
  expect(await returnAtOnce(scene, who, trips)).toEqual({ 303: 8 })
}
