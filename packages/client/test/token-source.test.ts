import { inspect } from 'node:util'
import { AuthClientError, createTokenSource, type TokenSourceOptions } from '@auth/client'
import { describe, expect, it } from 'vitest'
import { listen } from '../../core/src/testing/real-port.js'
import { virtualClock } from '../../core/src/testing/virtual-clock.js'
import { clientId, clientSecret, codeOf, startTokenServer, type TokenServer } from './support/token-server.js'

/** Waits for what goes on behind the callers. */
async function requestsReach(server: TokenServer, count: number): Promise<void> {
  const reached = (): boolean => server.requests.length >= count
  await expect.poll(reached, { timeout: 60_000 }).toBe(true)
  await expect.poll(() => server.source.token(), { timeout: 60_000 }).toBe(`token-${count}`)
}

const json = { 'content-type': 'application/json' }

describe('token', () => {
  it('makes one request a lifetime under 1,000 concurrent callers, and nobody ever holds an expired token', async () => {
    const clock = virtualClock()
    const ends = new Map<string, number>()
    const asked: number[] = []
    const fetch = async (): Promise<Response> => {
      asked.push(clock.monotonicMs())
      const token = `token-${asked.length}`
      ends.set(token, clock.monotonicMs() + 300_000)
      return Response.json({ access_token: token, token_type: 'Bearer', expires_in: 300 })
    }
    const source = createTokenSource({
      tokenUrl: 'https://app.example.com/oauth/token',
      clientId,
      clientSecret,
      fetch,
      clock,
    })
    const lifetimes = 6
    for (let ms = 0; ms < lifetimes * 300_000; ms += 5000) {
      const tokens = await Promise.all(Array.from({ length: 1000 }, () => source.token()))
      for (const token of new Set(tokens)) expect(ends.get(token)).toBeGreaterThan(clock.monotonicMs() + 5000)
      // What goes on behind the callers takes no time of this clock.
      for (let i = 0; i < 5; i++) await new Promise(setImmediate)
      await clock.advance(5000)
    }
    const lives = asked.slice(1).map((at, i) => at - (asked[i] ?? 0))
    // Each served between three quarters of its life and all but the last tenth of it.
    expect(Math.min(...lives)).toBeGreaterThanOrEqual(225_000)
    expect(Math.max(...lives)).toBeLessThanOrEqual(260_000)
    expect(lives.length).toBeGreaterThanOrEqual(lifetimes)
  })

  it('is asked for once by all who come first, and again by all who come when it is over', async () => {
    const { source, clock, requests } = await startTokenServer()
    for (let lifetime = 1; lifetime <= 4; lifetime++) {
      const tokens = await Promise.all(Array.from({ length: 1000 }, () => source.token()))
      expect([new Set(tokens).size, requests.length]).toEqual([1, lifetime])
      await clock.advance(296_000)
    }
  })

  it('proves who asks by RFC 6749, in a header or in the body, and says what it asks for', async () => {
    const { source, make, requests } = await startTokenServer()
    await source.token()
    const expected = 'svc%3A+orders+%26+more:s3cr%2Bt%2F%C3%BC%3D%25%3Acanary'
    expect(requests[0]).toEqual({
      authorization: `Basic ${Buffer.from(expected).toString('base64')}`,
      form: { grant_type: 'client_credentials', scope: 'read:orders' },
    })
    await make({ authentication: 'client_secret_post', scopes: [], resource: 'https://a.example', audience: 'b' }).token()
    expect(requests[1]).toEqual({
      authorization: undefined,
      form: {
        grant_type: 'client_credentials',
        resource: 'https://a.example',
        audience: 'b',
        client_id: clientId,
        client_secret: clientSecret,
      },
    })
  })

  it('keeps tokens by all that they are for', async () => {
    const { source, requests } = await startTokenServer()
    const wishes = [
      {},
      { scopes: ['read:orders', 'read:orders'] },
      { scopes: ['b', 'a'] },
      { scopes: ['a', 'b'] },
      { scopes: ['a'] },
      { resource: 'https://a.example' },
      { resource: ['https://a.example', 'https://b.example'] },
      { resource: ['https://b.example', 'https://a.example'] },
      { audience: 'https://a.example' },
    ]
    const tokens = await Promise.all(wishes.map((wish) => source.token(wish)))
    expect(tokens[0]).toBe(tokens[1])
    expect(tokens[2]).toBe(tokens[3])
    expect(tokens[6]).toBe(tokens[7])
    expect([new Set(tokens).size, requests.length]).toEqual([6, 6])
    expect(await codeOf(source.token({ scopes: ['a b'] }))).toBe('TypeError')
  })

  it('remembers a bounded number of kinds, and its own for good', async () => {
    const { source, requests } = await startTokenServer()
    await source.token()
    for (let i = 0; i < 150; i++) await source.token({ scopes: [`scope-${i}`] })
    await Promise.all([source.token(), source.token({ scopes: ['scope-149'] })])
    expect(requests.length).toBe(151)
    await source.token({ scopes: ['scope-0'] })
    expect(requests.length).toBe(152)
  })

  it('goes on with the old token to its end while the server gives none, asking ever more rarely, and then fails', async () => {
    const server = await startTokenServer()
    const { source, clock, requests } = server
    const first = await source.token()
    server.behave((_, res) => res.writeHead(503).end())
    for (let second = 0; second < 295; second++) {
      expect(await source.token()).toBe(first)
      await clock.advance(1000)
      await new Promise(setImmediate)
    }
    expect(await codeOf(source.token())).toBe('unexpected_answer')
    expect(requests.length).toBeLessThan(12)
    for (let second = 0; second < 600; second++) {
      expect(await codeOf(source.token())).toBe('unexpected_answer')
      await clock.advance(1000)
    }
    expect(requests.length).toBeLessThan(32)
    server.behave(null)
    await clock.advance(60_000)
    expect(await source.token()).toMatch(/^token-/)
    const count = requests.length
    await Promise.all(Array.from({ length: 100 }, () => source.token()))
    expect(requests.length).toBe(count)
  })

  it('waits as long as the server says before it asks again', async () => {
    const server = await startTokenServer()
    server.behave((_, res) => res.writeHead(429, { ...json, 'retry-after': '30' }).end('{"error":"slow_down"}'))
    expect(await codeOf(server.source.token())).toBe('slow_down')
    await server.clock.advance(29_999)
    expect(await codeOf(server.source.token())).toBe('slow_down')
    expect(server.requests.length).toBe(1)
    server.behave(null)
    await server.clock.advance(1)
    expect(await server.source.token()).toBe('token-2')
  })

  it.each([
    [undefined, 300],
    [null, 300],
    [60, 60],
    ['60', 60],
    [1, 1],
    [1e12, 86_400],
  ])('takes expires_in %j for %d seconds, of which the last tenth, or five seconds, are nobody’s', async (life, seconds) => {
    const server = await startTokenServer()
    server.life = life
    await server.source.token()
    const spare = Math.min(5, seconds / 10)
    await server.clock.advance((seconds - spare) * 1000 - 1)
    expect(await server.source.token()).toBe('token-1')
    await requestsReach(server, 2)
    await server.clock.advance((seconds - spare) * 1000)
    expect(await server.source.token()).toBe('token-3')
  })

  it('takes nothing that it could not use, and tells nobody what it was', async () => {
    const server = await startTokenServer()
    const good = { access_token: 'canary', token_type: 'Bearer', expires_in: 60 }
    const bodies = [
      ...[0, -1, -0.5, 'never', true, {}, Number.NaN].map((life) => ({
        ...good,
        expires_in: Number.isNaN(life) ? 'NaN' : life,
      })),
      { ...good, access_token: undefined },
      { ...good, access_token: '' },
      { ...good, access_token: 1 },
      { ...good, access_token: 'canary\r\nx-admin: 1' },
      { ...good, access_token: 'canary ü' },
      { ...good, access_token: 'x'.repeat(50_000) },
      { ...good, token_type: 'DPoP' },
      { ...good, token_type: undefined },
      [],
      null,
      'canary',
    ]
    const answers = [...bodies.map((body) => JSON.stringify(body)), '{', '', '<html>canary', 'x'.repeat(200_000)]
    for (const answer of answers) {
      server.behave((_, res) => res.writeHead(200, json).end(answer))
      const error = await server
        .make()
        .token()
        .catch((thrown: unknown) => thrown)
      expect([answer.slice(0, 80), error]).toEqual([answer.slice(0, 80), expect.any(AuthClientError)])
      expect(inspect(error, { depth: 9 })).not.toContain('canary')
    }
    expect(server.requests.length).toBe(answers.length)
  })

  it('lets no secret into an error, whatever the server or the network does', async () => {
    const server = await startTokenServer()
    const behaviours: Parameters<TokenServer['behave']>[0][] = [
      (_, res) => res.writeHead(401, json).end(JSON.stringify({ error: 'invalid_client', error_description: clientSecret })),
      (_, res) => res.writeHead(400, json).end(JSON.stringify({ error: clientSecret })),
      (req, res) => res.writeHead(500).end(`${req.headers.authorization} ${clientSecret}`),
      (_, res) => res.writeHead(307, { location: `${server.serviceUrl}/${encodeURIComponent(clientSecret)}` }).end(),
      (req) => req.socket.destroy(),
      (_, res) => res.writeHead(200, { ...json, 'content-length': '99' }).write('{', () => res.destroy()),
    ]
    const codes: unknown[] = []
    for (const behaviour of behaviours) {
      server.behave(behaviour)
      for (const authentication of ['client_secret_basic', 'client_secret_post'] as const) {
        const error = await server
          .make({ authentication })
          .token()
          .catch((thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(AuthClientError)
        expect(inspect(error, { depth: 9 })).not.toMatch(/canary|c3ZjJTNB/)
        codes.push((error as AuthClientError).code)
      }
    }
    const expected = ['invalid_client', 'unexpected_answer', 'unexpected_answer', 'unexpected_answer', 'network', 'network']
    expect(codes).toEqual(expected.flatMap((code) => [code, code]))
    // Nothing followed the redirect, with or without the secret.
    expect(server.calls).toEqual([])
  })

  it('waits ten seconds for an answer, and hands out none that came when its token had run out', async () => {
    const server = await startTokenServer()
    const { clock, make, requests } = server
    server.behave(() => undefined)
    const waiting = codeOf(make().token())
    await expect.poll(() => requests.length).toBe(1)
    await clock.advance(10_000)
    expect(await waiting).toBe('network')
    let answer: (() => void) | undefined
    server.behave((_, res) => {
      answer = () => res.writeHead(200, json).end('{"access_token":"late","token_type":"bearer","expires_in":9}')
    })
    const late = codeOf(make().token())
    await expect.poll(() => answer).toBeTypeOf('function')
    await clock.advance(8500)
    answer?.()
    expect(await late).toBe('unexpected_answer')
  })

  it('goes by whichever clock went further: a machine that slept, or was set back', async () => {
    const server = await startTokenServer()
    const { clock, source } = server
    await source.token()
    clock.setWallClock(new Date(clock.now().getTime() - 3_600_000))
    await clock.advance(296_000)
    expect(await source.token()).toBe('token-2')
    clock.setWallClock(new Date(clock.now().getTime() + 296_000))
    expect(await source.token()).toBe('token-3')
  })

  it('ends the waiting of who gave up, and of nobody else', async () => {
    const server = await startTokenServer()
    let answer: (() => void) | undefined
    server.behave((_, res) => {
      answer = () => res.writeHead(200, json).end('{"access_token":"a","token_type":"bearer"}')
    })
    const giveUp = new AbortController()
    const [gone, stays] = [codeOf(server.source.token({ signal: giveUp.signal })), server.source.token()]
    await expect.poll(() => answer).toBeTypeOf('function')
    giveUp.abort()
    expect(await gone).toBe(20) // A DOMException's code.
    answer?.()
    expect(await stays).toBe('a')
    expect(server.requests.length).toBe(1)
    expect(await codeOf(server.source.token({ signal: AbortSignal.abort(new Error('before')) }))).toBe('Error')
  })
})

describe('fetch', () => {
  it('carries the token, and answers a 401 with another one, once, asked for by one for all', async () => {
    const server = await startTokenServer()
    const { source, serviceUrl, refused, calls, requests } = server
    expect(await (await source.fetch(serviceUrl)).text()).toBe('token-1')
    refused.add('token-1')
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => source.fetch(serviceUrl, { method: 'POST', body: 'x' })),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(requests.length).toBe(2)
    expect(calls.slice(1).every(({ body }) => body === 'x')).toBe(true)
  })

  it('makes no storm of requests where a service refuses every token', async () => {
    const server = await startTokenServer()
    const { source, serviceUrl, refused, calls, requests, clock } = server
    for (let i = 1; i < 100; i++) refused.add(`token-${i}`)
    for (let i = 0; i < 20; i++) expect((await source.fetch(serviceUrl)).status).toBe(401)
    expect([requests.length, calls.length]).toEqual([2, 21])
    await clock.advance(30_000)
    expect((await source.fetch(serviceUrl)).status).toBe(401)
    expect(requests.length).toBe(3)
  })

  it('lets the refusal stand where there is no other token, and sends no stream twice', async () => {
    const server = await startTokenServer()
    const { source, serviceUrl, refused, calls } = server
    await source.token()
    refused.add('token-1')
    server.behave((_, res) => res.writeHead(500).end())
    expect((await source.fetch(serviceUrl)).status).toBe(401)
    server.behave(null)
    await server.clock.advance(60_000)
    const body = new Blob(['streamed']).stream()
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    expect((await source.fetch(serviceUrl, init)).status).toBe(401)
    expect(calls.map((call) => call.body)).toEqual(['', 'streamed'])
    expect((await source.fetch(serviceUrl)).status).toBe(200)
  })

  it('never takes the token anywhere else: not by a redirect, not in plain HTTP, not where it was not allowed', async () => {
    const server = await startTokenServer()
    const { make, source, serviceUrl, calls } = server
    const { url } = await listen((_, res) => res.writeHead(307, { location: serviceUrl }).end())
    for (const redirect of ['follow', 'error', undefined] as const)
      expect(await codeOf(source.fetch(url, redirect && { redirect }))).toBe('TypeError')
    expect((await source.fetch(new Request(url), { redirect: 'manual' })).status).toBe(307)
    expect(calls).toEqual([])
    await make({ origins: [url] }).fetch(serviceUrl)
    await make({ origins: [serviceUrl] }).fetch(serviceUrl)
    expect(calls.map(({ token }) => token)).toEqual(['', expect.stringMatching(/^token-/)])
    const seen: (string | null)[] = []
    const fetch = async (input: unknown): Promise<Response> => {
      seen.push((input as Request).headers.get('authorization'))
      return new Response()
    }
    const plain = { fetch: fetch as typeof globalThis.fetch }
    for (const to of ['http://orders.internal/', 'blob:https://orders.example/1']) await make(plain).fetch(to)
    expect(seen).toEqual([null, null])
  })

  it('leaves alone a caller’s own authorization, and heeds their signal', async () => {
    const { source, serviceUrl, calls, requests } = await startTokenServer()
    await source.fetch(serviceUrl, { headers: { authorization: 'Bearer own' } })
    expect([calls[0]?.token, requests.length]).toEqual(['own', 0])
    expect(await codeOf(source.fetch(serviceUrl, { signal: AbortSignal.abort() }))).toBe(20)
    expect(calls.length).toBe(1)
  })
})

describe('createTokenSource', () => {
  const good = { tokenUrl: 'https://app.example.com/oauth/token', clientId, clientSecret }
  it.each([
    [{ tokenUrl: 'http://app.example.com/oauth/token' }, /tokenUrl/],
    [{ tokenUrl: '/oauth/token' }, /tokenUrl/],
    [{ tokenUrl: 'https://user:pass@app.example.com/token' }, /tokenUrl/],
    [{ clientId: '' }, /clientId/],
    [{ clientSecret: undefined }, /clientSecret/],
    [{ authentication: 'none' }, /authentication/],
    [{ origins: ['https://orders.example.com/'] }, /origins/],
    [{ scopes: ['a b'] }, /scopes/],
    [{ scopes: ['a"b'] }, /scopes/],
  ])('refuses %j when it is made', (change, message) => {
    expect(() => createTokenSource({ ...good, ...change } as TokenSourceOptions)).toThrow(message)
  })

  it('asks for nothing until it is asked, and keeps no process alive', () => {
    expect(Object.keys(createTokenSource(good)).sort()).toEqual(['fetch', 'token'])
  })
})
