import { type AuthClient, type AuthClientOptions, createAuthClient } from '@auth/client'
import { describe, expect, it, vi } from 'vitest'
import { listen } from '../../core/src/testing/real-port.js'
import { deferred } from './support/deferred.js'
import { ada, bob, startServer, type TestServer } from './support/server.js'

const minutes = 60_000

async function signedIn(server: TestServer, options: Partial<AuthClientOptions> = {}): Promise<AuthClient> {
  const client = createAuthClient({ baseUrl: server.url, ...options })
  await client.login(ada)
  return client
}

/** A stranger's server, and what came to it. */
async function stranger(): Promise<{ url: string; authorizations: (string | undefined)[] }> {
  const authorizations: (string | undefined)[] = []
  const { url } = await listen((req, res) => {
    authorizations.push(req.headers.authorization)
    res.setHeader('access-control-allow-origin', '*').end('ok')
  })
  return { url, authorizations }
}

/** The bodies that came to the guarded route. */
const bodies = (server: TestServer): string[] =>
  server.exchanges.filter(({ request }) => request.endsWith('/api/thing')).map(({ body }) => body)

const stream = (text: string): ReadableStream =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text))
      controller.close()
    },
  })

describe('where the token goes', () => {
  it('is the origin of the page, wherever a <base> that somebody wrote into it leads', async () => {
    const server = await startServer()
    const foreign = await stranger()
    vi.stubGlobal('location', new URL('/page', server.url))
    vi.stubGlobal('document', { baseURI: server.url })
    try {
      const client = await signedIn(server, { baseUrl: '/auth' })
      vi.stubGlobal('document', { baseURI: foreign.url })
      await client.refresh()
      expect((await client.me()).user?.email).toBe(ada.email)
      expect((await client.fetch('/api/thing')).status).toBe(200)
      expect(foreign.authorizations).toEqual([])
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('is the origin of the base URL and those that were named, and no other', async () => {
    const server = await startServer()
    const [foreign, named] = [await stranger(), await stranger()]
    const client = await signedIn(server, { origins: [named.url] })
    const port = new URL(server.url).port
    for (const url of [
      foreign.url,
      new URL('/x', foreign.url),
      new Request(foreign.url),
      foreign.url.replace('127.0.0.1', 'localhost'),
      `//${new URL(foreign.url).host}/`,
      `\\\\${new URL(foreign.url).host}\\`,
      { toString: () => foreign.url } as unknown as URL, // What a caller without types may hand over.
    ])
      expect((await client.fetch(url)).status).toBe(200)
    expect(foreign.authorizations).toEqual(Array(7).fill(undefined))
    await client.fetch(named.url)
    expect(named.authorizations).toEqual([expect.stringMatching(/^Bearer eyJ/)])
    // Another name for the same machine is another origin.
    expect((await client.fetch(`http://localhost:${port}/api/thing`).catch(() => ({ status: 401 }))).status).toBe(401)
    expect((await client.fetch('/api/thing')).status).toBe(200)
    expect((await client.fetch(new Request(`${server.url}/api/thing`))).status).toBe(200)
  })

  it('is not decided by an object that changes its mind', async () => {
    const server = await startServer()
    const foreign = await stranger()
    const client = await signedIn(server)
    let asked = 0
    const input = { toString: () => (asked++ === 0 ? `${server.url}/api/thing` : foreign.url) } as unknown as URL // As above.
    await client.fetch(input)
    expect(foreign.authorizations).toEqual([])
  })

  it('is no place that a redirect leads to', async () => {
    const server = await startServer()
    const foreign = await stranger()
    const client = await signedIn(server)
    server.before = async () => Response.redirect(foreign.url, 307)
    await expect(client.fetch(`${server.url}/api/thing`)).rejects.toThrow(TypeError)
    await expect(client.fetch(new Request(`${server.url}/api/thing`))).rejects.toThrow(TypeError)
    // Neither are passwords and refresh tokens taken there.
    await expect(client.login(bob)).rejects.toMatchObject({ code: 'network' })
    await expect(client.refresh()).rejects.toMatchObject({ code: 'network' })
    expect(foreign.authorizations).toEqual([])
    const answer = await client.fetch(`${server.url}/api/thing`, { redirect: 'follow' })
    expect([answer.status, foreign.authorizations]).toEqual([200, [undefined]])
  })

  it('is nowhere where the caller brings a credential', async () => {
    const server = await startServer()
    const client = await signedIn(server)
    for (const headers of [
      { authorization: 'Bearer mine' },
      new Headers({ 'X-API-Key': 'mine' }),
      [['Authorization', 'Basic x']],
    ]) {
      const answer = await client.fetch(`${server.url}/api/thing`, { headers: headers as HeadersInit })
      expect(answer.status).toBe(401)
    }
    expect(server.exchanges.filter(({ headers }) => headers.get('authorization')?.startsWith('Bearer eyJ'))).toEqual([])
    expect(server.answers('POST /auth/refresh')).toEqual([])
  })
})

describe('a request that is repeated', () => {
  it.each([
    ['text', () => 'x=1', 'x=1'],
    ['a form', () => new URLSearchParams({ x: '1' }), 'x=1'],
    ['bytes', () => new TextEncoder().encode('x=1'), 'x=1'],
    ['a buffer', () => new TextEncoder().encode('x=1').buffer, 'x=1'],
    ['a blob', () => new Blob(['x=1']), 'x=1'],
    [
      'a form with files',
      () => {
        const form = new FormData()
        form.append('file', new Blob(['x=1']), 'a.txt')
        return form
      },
      /filename="a.txt"[\s\S]*x=1/,
    ],
  ])('has the same body: %s', async (_, body, text) => {
    const server = await startServer()
    const client = await signedIn(server)
    await server.clock.advance(16 * minutes)
    const headers = new Map([['x-kept', 'yes']])
    const answer = await client.fetch(`${server.url}/api/thing`, {
      method: 'POST',
      body: body(),
      headers: headers as unknown as HeadersInit,
    })
    expect(answer.status).toBe(200)
    const [first, second] = bodies(server)
    expect(first).toMatch(text)
    expect(second).toMatch(text)
    const last = server.exchanges.at(-1)
    expect(last?.headers.get('x-kept')).toBe('yes')
    const boundary = /boundary=(\S+)/.exec(last?.headers.get('content-type') ?? '')?.[1]
    if (boundary) expect(second).toContain(boundary)
  })

  it('is none with a stream, or a Request that changes something; the next one goes well', async () => {
    const server = await startServer()
    const client = await signedIn(server)
    const url = `${server.url}/api/thing`
    for (const send of [
      () => client.fetch(url, { method: 'POST', body: stream('x=1'), duplex: 'half' } as RequestInit),
      () => client.fetch(new Request(url, { method: 'POST', body: 'x=1' })),
    ]) {
      await server.clock.advance(16 * minutes)
      expect((await send()).status).toBe(401)
      expect((await send()).status).toBe(200)
    }
    expect(bodies(server)).toEqual(Array(4).fill('x=1'))
    await server.clock.advance(16 * minutes)
    expect((await client.fetch(new Request(url))).status).toBe(200)
  })

  it('is one request, however often it is refused', async () => {
    const server = await startServer()
    const client = await signedIn(server)
    server.before = async (request) =>
      request === 'GET /api/thing' ? Response.json({ code: 'token_expired' }, { status: 401 }) : undefined
    expect((await client.fetch(`${server.url}/api/thing`)).status).toBe(401)
    expect(server.answers('GET /api/thing')).toHaveLength(2)
    expect(server.answers('POST /auth/refresh')).toHaveLength(1)
  })

  it('follows what another resource server says of a token by RFC 6750, and no other refusal', async () => {
    const server = await startServer()
    const client = await signedIn(server)
    const refusals = [
      [{ 'www-authenticate': 'Bearer error="invalid_token"' }, 1],
      [{ 'www-authenticate': 'Bearer' }, 1],
      [{}, 1],
    ] as const
    for (const [headers, refreshes] of refusals) {
      server.before = async (request) =>
        request === 'GET /api/thing' ? new Response('no', { status: 401, headers }) : undefined
      const answer = await client.fetch(`${server.url}/api/thing`)
      expect([answer.status, await answer.text()]).toEqual([401, 'no'])
      expect(server.answers('POST /auth/refresh')).toHaveLength(refreshes)
    }
  })
})

describe('an abort', () => {
  it('ends the caller’s waiting with its reason, and nobody else’s', async () => {
    const server = await startServer()
    const client = await signedIn(server)
    await server.clock.advance(16 * minutes)
    const arrived = deferred()
    const gate = deferred()
    server.before = async (request) => {
      if (request !== 'POST /auth/refresh') return
      arrived.resolve()
      await gate.promise
    }
    const reason = new Error('not any more')
    const stop = new AbortController()
    const given = client.fetch(`${server.url}/api/thing`, { signal: stop.signal })
    const kept = client.fetch(`${server.url}/api/thing`)
    const me = client.me({ signal: stop.signal })
    await arrived.promise
    stop.abort(reason)
    await expect(given).rejects.toBe(reason)
    await expect(me).rejects.toBe(reason)
    gate.resolve()
    expect((await kept).status).toBe(200)
    expect(server.answers('POST /auth/refresh')).toEqual(['200'])
    await expect(client.login(ada, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
