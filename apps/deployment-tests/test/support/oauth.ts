import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { type Step, stepsBetween } from './crashes.js'
import type { Deployment, TestNode } from './deployment.js'
import { type Person, signUp } from './people.js'
import { tally } from './races.js'

/** Nodes that are an OAuth server. */
export const settings = { oauth: true } as const

const redirectUri = 'https://client.example/cb'
const verifier = 'a-verifier-of-at-least-43-characters-for-the-tests'

/** A client that may act for people without asking them, and what it can do. */
export interface OAuthClient {
  /** A code for somebody. */
  code(node: TestNode, person: Person): Promise<string>
  /** Exchanges one. */
  exchange(node: TestNode, code: string): Promise<Exchanged>
  /** Refreshes. */
  refresh(node: TestNode, refreshToken: string): Promise<Exchanged>
}

/** What the token endpoint answered. */
export interface Exchanged {
  readonly status: number
  /** The error, or `200`. */
  readonly told: string
  readonly accessToken: string
  readonly refreshToken: string
}

/** Registers one. */
export async function registerClient(node: TestNode): Promise<OAuthClient> {
  const grants = ['authorization_code', 'refresh_token']
  const client = { name: 'Racer', grants, scopes: ['read:orders'], redirectUris: [redirectUri], consent: 'implicit' }
  const { body } = await node.call('POST', '/operator/client', { body: ['', client] })
  const { id, secret } = body.done as { id: string; secret: string }

  async function token({ url }: TestNode, form: Readonly<Record<string, string>>): Promise<Exchanged> {
    const headers = { authorization: `Basic ${btoa(`${id}:${secret}`)}` }
    const answer = await fetch(`${url}/auth/oauth/token`, { method: 'POST', headers, body: new URLSearchParams(form) })
    const { error, access_token, refresh_token } = (await answer.json()) as Record<string, string | undefined>
    const told = error ?? String(answer.status)
    return { status: answer.status, told, accessToken: access_token ?? '', refreshToken: refresh_token ?? '' }
  }

  return {
    async code({ url }, { cookie }) {
      const request = new URLSearchParams({
        response_type: 'code',
        client_id: id,
        redirect_uri: redirectUri,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      })
      const answer = await fetch(`${url}/auth/oauth/authorize?${request}`, { headers: { cookie }, redirect: 'manual' })
      expect(answer.status).toBe(303)
      return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''
    },
    exchange: (node, code) =>
      token(node, { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }),
    refresh: (node, refreshToken) => token(node, { grant_type: 'refresh_token', refresh_token: refreshToken }),
  }
}

/** Whether a token passes a guard of a node that has just read what is revoked. */
async function passes(node: TestNode, accessToken: string): Promise<boolean> {
  await node.order({ kind: 'shift', monotonicMs: 6000 })
  return (await node.call('GET', '/guarded', { bearer: accessToken })).status === 200
}

async function liveGrants({ opened }: Deployment, { userId }: Person): Promise<number> {
  const live = await opened.stores.sessions.listLive(userId, new Date())
  return live.filter(({ clientId }) => clientId !== null).length
}

/** One code on all nodes at once: at most one gets tokens, and as it was used twice none of them live. */
export async function raceCodes(deployment: Deployment, nodes: readonly TestNode[], parallel: number): Promise<void> {
  const [first] = nodes as readonly [TestNode]
  const client = await registerClient(first)
  const person = await signUp(first)
  // A node knows a secret that was right: what is limited are guesses.
  await Promise.all(nodes.map((node) => client.refresh(node, 'garbage')))
  const code = await client.code(first, person)
  const racers = Array.from({ length: nodes.length * parallel }, (_, index) => nodes[index % nodes.length] ?? first)
  const answers = await Promise.all(racers.map((node) => client.exchange(node, code)))
  const { 200: won = 0, invalid_grant: lost = 0, ...others } = tally(answers.map(({ told }) => told))
  expect(won).toBeLessThanOrEqual(1)
  // On a busy machine a store may answer some of them too late.
  expect(Object.keys(others).filter((name) => name !== 'temporarily_unavailable')).toEqual([])
  expect(lost).toBeGreaterThan(0)
  expect((await client.exchange(first, code)).told).toBe('invalid_grant')
  for (const { accessToken, refreshToken } of answers.filter(({ status }) => status === 200)) {
    for (const node of [first, nodes.at(-1) ?? first]) expect(await passes(node, accessToken)).toBe(false)
    expect((await client.refresh(first, refreshToken)).told).toBe('invalid_grant')
  }
  expect(await liveGrants(deployment, person)).toBe(0)
}

/**
 * Kills a process before and after each write of a code's exchange: the code is good as before, or is spent and has led to nothing that
 * anybody can use; whoever tries again is told so, and gets tokens by a new one.
 */
export async function crashExchange(deployment: Deployment): Promise<void> {
  const survivor = await deployment.start(settings)
  const client = await registerClient(survivor)
  const learnt = await client.code(survivor, await signUp(survivor))
  await survivor.order({ kind: 'writes' })
  expect((await client.exchange(survivor, learnt)).told).toBe('200')
  const writes = (await survivor.order({ kind: 'writes' })) as readonly string[] // What this order answers.
  const telling = writes.filter((call) => ['tickets.consume', 'sessions.insert'].includes(call))
  expect(telling).toEqual(['tickets.consume', 'sessions.insert'])
  for (const step of stepsBetween(telling)) {
    const person = await signUp(survivor)
    const code = await client.code(survivor, person)
    await crashAt(deployment, step, (node) => client.exchange(node, code))
    const isSpent = step.done.includes('tickets.consume')
    const again = await client.exchange(survivor, code)
    expect(again.told, `died ${step.point.when} ${step.point.call}`).toBe(isSpent ? 'invalid_grant' : '200')
    // What may have been written before the end is over: the retry was a second use.
    if (isSpent) expect(await liveGrants(deployment, person)).toBe(0)
    const fresh = await client.exchange(survivor, await client.code(survivor, person))
    expect(await passes(survivor, fresh.accessToken)).toBe(true)
    expect((await client.refresh(survivor, fresh.refreshToken)).told).toBe('200')
  }
}

/** The same for a replay, which ends the grant: whoever comes after a crash completes it. */
export async function crashReplay(deployment: Deployment): Promise<void> {
  const survivor = await deployment.start(settings)
  const client = await registerClient(survivor)
  for (const step of stepsBetween(['revocations.append', 'sessions.revoke'])) {
    const person = await signUp(survivor)
    const code = await client.code(survivor, person)
    const { accessToken, refreshToken } = await client.exchange(survivor, code)
    await crashAt(deployment, step, (node) => client.exchange(node, code))
    expect(await passes(survivor, accessToken)).toBe(!step.done.includes('revocations.append'))
    expect((await client.exchange(survivor, code)).told).toBe('invalid_grant')
    expect(await passes(survivor, accessToken)).toBe(false)
    expect((await client.refresh(survivor, refreshToken)).told).toBe('invalid_grant')
    expect(await liveGrants(deployment, person)).toBe(0)
  }
}

async function crashAt(deployment: Deployment, { point }: Step, act: (node: TestNode) => Promise<unknown>): Promise<void> {
  const victim = await deployment.start(settings)
  await victim.arm(point)
  const answer = await act(victim).then(
    () => 'answered',
    () => 'no answer',
  )
  expect(answer).toBe('no answer')
  expect(await victim.ended).toBe('SIGKILL')
}
