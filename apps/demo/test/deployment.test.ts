import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDemoAuth } from '../src/auth.js'
import { joinDeployment } from '../src/deployment.js'
import { keptSecret } from '../src/secret.js'
import { readSettings } from '../src/settings.js'
import { openStorage } from '../src/storage/index.js'
import { type Call, createClient, outcome, tokensOf } from './client.js'
import { type RunningDemo, startDemo } from './demo-process.js'
import { type Deployment, deployments } from './deployments.js'

const password = 'a long enough passphrase'
const maxStalenessMs = 1000
const settings = { MAX_STALENESS: '1s' }

let people = 0
const newcomer = (): { email: string; password: string } => ({ email: `person${++people}@example.com`, password })

/** Calls until it is refused. Whatever passed must have been asked for while it still might. */
async function refusedInTime(call: Call, token: unknown): Promise<string> {
  const since = performance.now()
  for (;;) {
    const begun = performance.now() - since
    const seen = await outcome(call('GET', '/api/orders', { token }))
    if (seen !== '200') return seen
    expect(begun).toBeLessThan(maxStalenessMs)
  }
}

describe.each(deployments)('two demos on %s', { timeout: 300_000 }, (_, create) => {
  let deployment: Deployment
  let demos: readonly RunningDemo[] = []
  let a: Call
  let b: Call

  async function startBoth(): Promise<void> {
    const start = async (): Promise<RunningDemo> => startDemo({ ...settings, ...(await deployment.environment()) })
    demos = await Promise.all([start(), start()])
    ;[a, b] = demos.map(({ url }) => createClient(url)) as [Call, Call] // Two of them.
  }

  beforeAll(async () => {
    deployment = await create()
    await startBoth()
  })
  afterAll(async () => {
    expect(await Promise.all(demos.map((demo) => demo.stop()))).toEqual([0, 0])
    expect(demos.map((demo) => demo.output().stderr)).toEqual(['', ''])
    await deployment.remove()
  })

  it('say which stores they use, and are one issuer', async () => {
    const [first, second] = demos.map((demo) => demo.output().stdout.split('\n'))
    expect(first?.[0]).toMatch(/^stores: (?:SQLite in \/\S+demo\.db|Postgres at 127\.0\.0\.1:\d+\/auth_test_\w+(?:; .*)?)$/)
    expect(second?.slice(0, 2)).toEqual(first?.slice(0, 2))
    expect(demos.map(({ url }) => `issuer: ${url}`)).toContain(first?.[1])
  })

  it('know the same people, tokens, sessions and orders', async () => {
    const person = newcomer()
    await tokensOf(a('POST', '/auth/register', { body: person }))
    expect(await outcome(b('POST', '/auth/register', { body: person }))).toBe('409 email_taken')
    const { accessToken, refreshToken } = await tokensOf(a('POST', '/auth/login', { body: person }))
    expect(await outcome(a('POST', '/api/orders', { token: accessToken, body: { item: 'tea' } }))).toBe('201')
    expect((await b('GET', '/api/orders', { token: accessToken })).body.orders).toMatchObject([{ item: 'tea' }])
    expect((await b('GET', '/auth/sessions', { token: accessToken })).body.sessions).toHaveLength(2)
    const renewed = await tokensOf(b('POST', '/auth/refresh', { body: { refreshToken } }))
    expect(await outcome(a('GET', '/auth/me', { token: renewed.accessToken }))).toBe('200')
  })

  it('take the cookie of one another, and commands from their own pages alone', async () => {
    const person = newcomer()
    const registered = await a('POST', '/auth/register', { body: { ...person, transport: 'cookie' } })
    const cookie = registered.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
    expect(await outcome(b('GET', '/auth/me', { headers: { cookie } }))).toBe('200')
    const order = (origin: string) => b('POST', '/api/orders', { body: { item: 'tea' }, headers: { cookie, origin } })
    expect(await outcome(order(demos[1]?.url ?? ''))).toBe('201')
    expect(await outcome(order('http://localhost:1'))).toBe('403 csrf_rejected')
  })

  it('F-49 refuse what the other has ended, within the bound', async () => {
    const { accessToken, refreshToken } = await tokensOf(a('POST', '/auth/register', { body: newcomer() }))
    expect(await outcome(b('GET', '/api/orders', { token: accessToken }))).toBe('200')
    expect(await outcome(a('POST', '/auth/logout', { token: accessToken }))).toBe('204')
    expect(await refusedInTime(b, accessToken)).toBe('401 token_revoked')
    expect(await outcome(b('POST', '/auth/refresh', { body: { refreshToken } }))).toBe('401 refresh_revoked')
  })

  it('RT-02 let a stolen token be used once between them, and end every session for it', async () => {
    const person = newcomer()
    const { refreshToken } = await tokensOf(a('POST', '/auth/register', { body: person }))
    const elsewhere = await tokensOf(b('POST', '/auth/login', { body: person }))
    const uses = Array.from({ length: 10 }, (_, index) =>
      outcome((index % 2 ? a : b)('POST', '/auth/refresh', { body: { refreshToken } })),
    )
    const seen = (await Promise.all(uses)).sort()
    expect(seen).toEqual(['200', '401 refresh_reused', ...Array(8).fill('401 refresh_revoked')])
    expect(await refusedInTime(a, elsewhere.accessToken)).toBe('401 token_revoked')
    expect(await refusedInTime(b, elsewhere.accessToken)).toBe('401 token_revoked')
  })

  it('F-49 know of a change of roles, whoever made it, within the bound', async () => {
    const { accessToken, refreshToken } = await tokensOf(a('POST', '/auth/register', { body: newcomer() }))
    const { body } = await b('GET', '/auth/me', { token: accessToken })
    await asOperator(await deployment.environment(), (auth) =>
      auth.accounts.setRoles((body.user as { id: string }).id, ['admin']),
    )
    expect(await refusedInTime(a, accessToken)).toBe('401 token_revoked')
    expect(await refusedInTime(b, accessToken)).toBe('401 token_revoked')
    const renewed = await tokensOf(b('POST', '/auth/refresh', { body: { refreshToken } }))
    expect(await outcome(a('GET', '/api/admin', { token: renewed.accessToken }))).toBe('200')
  })

  it('RT-06 F-34 keep everything when all are killed and started again, on other ports', async () => {
    const person = newcomer()
    const robbed = await tokensOf(a('POST', '/auth/register', { body: person }))
    await a('POST', '/api/orders', { token: robbed.accessToken, body: { item: 'tea' } })
    const current = await tokensOf(a('POST', '/auth/refresh', { body: { refreshToken: robbed.refreshToken } }))
    const ended = await tokensOf(b('POST', '/auth/login', { body: person }))
    await b('POST', '/auth/logout', { token: ended.accessToken })

    for (const { child } of demos) child.kill('SIGKILL')
    await Promise.all(demos.map(({ exit }) => exit))
    await startBoth()

    const refresh = (call: Call, { refreshToken }: { refreshToken: string }) =>
      call('POST', '/auth/refresh', { body: { refreshToken } })
    expect((await a('GET', '/api/orders', { token: current.accessToken })).body.orders).toMatchObject([{ item: 'tea' }])
    expect(await outcome(a('GET', '/api/orders', { token: ended.accessToken }))).toBe('401 token_revoked')
    expect(await outcome(refresh(b, ended))).toBe('401 refresh_revoked')
    const renewed = await tokensOf(refresh(b, current))
    expect(await outcome(a('POST', '/auth/login', { body: person }))).toBe('200')
    expect(await outcome(refresh(a, robbed))).toBe('401 refresh_reused')
    expect(await outcome(refresh(b, renewed))).toBe('401 refresh_revoked')
  })
})

/** Does something as a third process of the deployment: what an operator's script would be. */
async function asOperator(
  environment: Record<string, string>,
  work: (auth: ReturnType<typeof createDemoAuth>) => Promise<void>,
): Promise<void> {
  const given = readSettings(environment, [])
  const secret = given.AUTH_SECRET ?? (await keptSecret(given.DATA_DIR))
  const storage = await openStorage(given)
  try {
    const membership = await joinDeployment(storage, given, { secret, port: 0 })
    await work(
      createDemoAuth(given, {
        ...membership,
        secret,
        stores: storage.stores,
        providers: [],
        mailer: { send: () => undefined },
      }),
    )
  } finally {
    await storage.close()
  }
}
