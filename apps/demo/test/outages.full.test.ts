import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startOwnRedis, until } from '../../../packages/redis/test/support/own-redis.js'
import { type OwnPostgres, startOwnPostgres } from '../../deployment-tests/test/support/own-postgres.js'
import { type Answer, type Call, createClient, outcome, tokensOf } from './client.js'
import { type RunningDemo, startDemo } from './demo-process.js'
import { newDataDir } from './deployments.js'

const person = { email: 'ada@example.com', password: 'a long enough passphrase' }
/** A store has 2 seconds; the rest is for a busy machine. What hangs takes longer. */
const patienceMs = 30_000

let postgres: OwnPostgres
beforeAll(async () => {
  postgres = await startOwnPostgres()
})
afterAll(() => postgres.remove())

interface Outage {
  /** Answers how to end it. */
  begin(): Promise<() => Promise<void> | void>
  /** Whether what guards tokens is away too. */
  readonly reachesTokens: boolean
}

/** Before, during and after an outage. */
async function survives(call: Call, { begin, reachesTokens }: Outage): Promise<void> {
  const before = await tokensOf(call('POST', '/auth/login', { body: person }))
  const end = await begin()
  const refresh = () => call('POST', '/auth/refresh', { body: { refreshToken: before.refreshToken } })
  const orders = (method = 'GET') =>
    call(method, '/api/orders', { token: before.accessToken, ...(method === 'POST' ? { body: { item: 'tea' } } : {}) })
  // What was read last counts for `MAX_STALENESS`.
  if (reachesTokens) await until(async () => (await orders()).status !== 200)
  const asked = performance.now()
  const answers = await Promise.all([
    refresh(),
    call('POST', '/auth/login', { body: person }),
    ...(reachesTokens ? [orders(), orders('POST')] : []),
  ])
  expect(performance.now() - asked).toBeLessThan(patienceMs)
  for (const answer of answers) expectUnavailable(answer)
  expect(await outcome(call('GET', '/health'))).toBe('200')
  if (!reachesTokens) expect(await outcome(orders('POST'))).toBe('201')
  await end()
  await until(async () => (await orders()).status === 200)
  await until(async () => (await call('POST', '/auth/login', { body: person })).status === 200)
  // Nothing that was answered 503 has happened: the token is as good as it was.
  expect(await outcome(refresh())).toBe('200')
}

function expectUnavailable({ status, code, headers }: Answer): void {
  expect([status, code]).toEqual([503, 'store_unavailable'])
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
}

async function startOn(environment: Record<string, string>): Promise<{ demo: RunningDemo; call: Call }> {
  const demo = await startDemo({ MAX_STALENESS: '1s', DATABASE_URL: postgres.url(), ...environment })
  onTestFinished(() => void demo.child.kill('SIGKILL'))
  return { demo, call: createClient(demo.url) }
}

describe('a demo', { timeout: 300_000 }, () => {
  it('F-01 F-05 answers 503 while Postgres is stopped or stands still, and goes on by itself', async () => {
    const { demo, call } = await startOn({ DATA_DIR: await newDataDir() })
    await tokensOf(call('POST', '/auth/register', { body: person }))
    await survives(call, {
      reachesTokens: true,
      async begin() {
        await postgres.kill()
        return () => postgres.start()
      },
    })
    await survives(call, { reachesTokens: true, begin: async () => postgres.pause() })
    onTestFinished(postgres.pause())
    expect(await demo.stop()).toBe(0)
  })

  it('F-23 answers 503 while Redis is stopped or stands still, but lets tokens pass, and goes on by itself', async () => {
    const redis = await startOwnRedis({ appendonly: 'yes', appendfsync: 'always' })
    const { demo, call } = await startOn({ DATABASE_URL: '', DATA_DIR: await newDataDir(), REDIS_URL: redis.url })
    await tokensOf(call('POST', '/auth/register', { body: person }))
    await survives(call, {
      reachesTokens: false,
      async begin() {
        await redis.kill()
        return () => redis.restart()
      },
    })
    await survives(call, { reachesTokens: false, begin: async () => redis.pause() })
    redis.pause()
    expect(await demo.stop()).toBe(0)
  })
})
