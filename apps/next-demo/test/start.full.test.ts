import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildNextDemo } from '../../../scripts/lib/next-demo.mjs'
import { createClient, outcome, tokensOf } from '../../demo/test/client.js'
import { runDemo, startDemo } from '../../demo/test/demo-process.js'
import { newDataDir } from '../../demo/test/deployments.js'

const onNext = ['--adapter', 'next']
const person = { email: 'ada@example.com', password: 'a long enough passphrase' }

beforeAll(buildNextDemo)

describe('npm start -- --adapter next', () => {
  it.each([
    [{ ACCESS_TTL: 'soon' }, /^ACCESS_TTL must be a duration .*\n$/],
    [{ DATABASE_URL: 'postgres://app:hunter2@127.0.0.1:1/x' }, /^cannot use the database at 127\.0\.0\.1:1\/x .*\n$/],
    [{ DATA_DIR: '/dev/null/x' }, /^cannot keep anything in DATA_DIR .*\n$/],
  ])('ends with one line on what is wrong with %o', async (env, said) => {
    const run = runDemo({ PORT: '0', DATA_DIR: await newDataDir(), ...env }, onNext)
    expect([await run.exit, run.output().stderr]).toEqual([1, expect.stringMatching(said)])
  })

  it('is one deployment with a process on another framework', async () => {
    const DATA_DIR = await newDataDir()
    const [other, next] = await Promise.all([startDemo({ DATA_DIR }), startDemo({ DATA_DIR }, onNext)])
    onTestFinished(async () => void (await Promise.all([other.stop(), next.stop()])))
    const [there, here] = [createClient(other.url), createClient(next.url)]
    const { accessToken: token } = await tokensOf(there('POST', '/auth/register', { body: person }))
    expect(await outcome(here('POST', '/api/orders', { token, body: { item: 'tea' } }))).toBe('201')
    expect((await there('GET', '/api/orders', { token })).body.orders).toMatchObject([{ item: 'tea' }])
    expect(await outcome(here('POST', '/auth/logout', { token }))).toBe('204')
    expect(await outcome(here('GET', '/auth/me', { token }))).toBe('401 token_revoked')
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s, before its first request and after', async (signal) => {
    for (const requests of [0, 1]) {
      const demo = await startDemo({}, onNext)
      for (let i = 0; i < requests; i++) expect((await createClient(demo.url)('GET', '/health')).status).toBe(200)
      demo.child.kill(signal)
      expect([await demo.exit, demo.output().stderr]).toEqual([0, ''])
      await demo.stop()
    }
  })
})
