import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { serverUrl } from '../../../packages/redis/test/support/clients.js'
import { type Answer, createClient, outcome, tokensOf } from './client.js'
import { runDemo, startDemo } from './demo-process.js'
import { type Deployment, newDataDir, onPostgres, onSqlite } from './deployments.js'

const person = { email: 'ada@example.com', password: 'a long enough passphrase' }
const admin = { DEMO_ADMIN_EMAIL: 'root@example.com', DEMO_ADMIN_PASSWORD: 'another long passphrase' }

const running: { stop(): Promise<number | null> }[] = []
afterEach(async () => void (await Promise.all(running.splice(0).map((demo) => demo.stop()))))

async function start(env: Record<string, string>): ReturnType<typeof startDemo> {
  const demo = await startDemo(env)
  running.push(demo)
  return demo
}

async function refused(env: Record<string, string>): Promise<string> {
  const run = runDemo({ PORT: '0', ...env })
  expect(await run.exit).toBe(1)
  return run.output().stderr
}

async function newDeployment(create: () => Promise<Deployment>): Promise<Deployment> {
  const deployment = await create()
  onTestFinished(() => deployment.remove())
  return deployment
}

const kidsOf = ({ body }: Answer): unknown => (body.keys as { kid: string }[]).map(({ kid }) => kid)

/** Several programs start in each: a bound for when nothing happens at all. */
const timeout = 300_000

describe('demos that join a deployment', { timeout }, () => {
  it.each([
    ['SQLite', onSqlite],
    ['Postgres', () => onPostgres()],
  ] as const)('F-44 start four at once on an empty %s: one set of tables, one administrator, one key', async (_, create) => {
    const deployment = await newDeployment(create)
    const demos = await Promise.all([1, 2, 3, 4].map(async () => start({ ...admin, ...(await deployment.environment()) })))
    expect(demos.map((demo) => demo.output().stderr)).toEqual(['', '', '', ''])
    const calls = demos.map(({ url }) => createClient(url))
    const body = { email: admin.DEMO_ADMIN_EMAIL, password: admin.DEMO_ADMIN_PASSWORD }
    const answers = await Promise.all(calls.map((call) => call('POST', '/auth/login', { body })))
    const users = answers.map((answer) => (answer.body.user as { id: string }).id)
    expect([users.length, new Set(users).size]).toEqual([4, 1])
    const kids = await Promise.all(calls.map(async (call) => kidsOf(await call('GET', '/auth/jwks.json'))))
    expect(kids).toEqual([kids[0], kids[0], kids[0], kids[0]])
  })

  it('are refused where each has made a secret of its own, and told what to do', async () => {
    const deployment = await newDeployment(() => onPostgres())
    const { DATABASE_URL = '' } = await deployment.environment()
    const dataDir = await newDataDir()
    await start({ DATABASE_URL, DATA_DIR: dataDir })
    await start({ DATABASE_URL, DATA_DIR: dataDir })
    const message = await refused({ DATABASE_URL, DATA_DIR: await newDataDir() })
    expect(message).toMatch(
      /have another secret than .*DATA_DIR: give all of them the same\nAUTH_SECRET, or the same DATA_DIR/,
    )
    const own = await start({ DATABASE_URL, DATA_DIR: dataDir, AUTH_SECRET: crypto.randomUUID() })
    await expect.poll(() => own.output().stderr).toMatch(/^the secret of this deployment is another one now: .*\n/)
  })

  it('begin anew under a new secret where the old one is gone from the folder', async () => {
    const dataDir = await newDataDir()
    const before = await start({ DATA_DIR: dataDir })
    const { refreshToken } = await tokensOf(createClient(before.url)('POST', '/auth/register', { body: person }))
    await before.stop()
    await rm(join(dataDir, 'auth-secret'))
    const after = await start({ DATA_DIR: dataDir })
    await expect.poll(() => after.output().stderr).toMatch(/^the secret of this deployment is another one now: .*\n/)
    const call = createClient(after.url)
    expect(await outcome(call('POST', '/auth/refresh', { body: { refreshToken } }))).toBe('401 refresh_invalid')
    expect(await outcome(call('POST', '/auth/login', { body: person }))).toBe('200')
  })

  it('are refused without the Redis of the others, and named the variable', async () => {
    const redis = await serverUrl('redis')
    const deployment = await newDeployment(() => onPostgres(redis))
    const { REDIS_URL = '', ...others } = await deployment.environment()
    await start({ ...others, REDIS_URL })
    const message = await refused(others)
    expect(message).toMatch(/stores\.sessions: is in another database/)
    expect(message).toMatch(/Give every process of a deployment the same DATABASE_URL .* and REDIS_URL/)
    expect(message).not.toContain(others.AUTH_SECRET)
  })

  it('share a Redis with another deployment, and nothing in it', async () => {
    const redis = await serverUrl('redis')
    const [first, second] = await Promise.all([1, 2].map(() => newDeployment(() => onPostgres(redis))))
    const one = createClient((await start((await first?.environment()) ?? {})).url)
    const two = createClient((await start((await second?.environment()) ?? {})).url)
    const { accessToken, refreshToken } = await tokensOf(one('POST', '/auth/register', { body: person }))
    expect(await outcome(two('POST', '/auth/refresh', { body: { refreshToken } }))).toBe('401 refresh_invalid')
    expect(await outcome(two('GET', '/api/orders', { token: accessToken }))).toMatch(/^401 token_/)
  })

  it('take the issuer that they are given, and allow their own pages beside its', async () => {
    const dataDir = await newDataDir()
    const issuer = 'http://localhost:65000'
    const demos = [await start({ DATA_DIR: dataDir, ISSUER: issuer }), await start({ DATA_DIR: dataDir, ISSUER: issuer })]
    const [a, b] = demos.map(({ url }) => createClient(url))
    const answer = await a?.('POST', '/auth/register', { body: { ...person, transport: 'cookie' } })
    const cookie =
      answer?.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ') ?? ''
    const order = (origin: string | undefined) =>
      b?.('POST', '/api/orders', { body: { item: 'tea' }, headers: { cookie, origin: origin ?? '' } }).then(outcome)
    expect(await order(issuer)).toBe('201')
    expect(await order(demos[1]?.url)).toBe('201')
    expect(await order(demos[0]?.url)).toBe('403 csrf_rejected')
    const moved = await start({ DATA_DIR: dataDir, ISSUER: 'https://app.example.com' })
    await expect
      .poll(() => moved.output().stderr)
      .toMatch(/^the issuer of this deployment is https:\/\/app\.example\.com now: .*\n$/)
    const foreign = { ...person, transport: 'cookie' }
    const signIn = createClient(moved.url)('POST', '/auth/login', { body: foreign, headers: { origin: moved.url } })
    expect(await outcome(signIn)).toBe('403 csrf_rejected')
  })
})
