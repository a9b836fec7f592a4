import { AuthClientError, createAuthClient } from '@auth/client'
import { describe, expect, it } from 'vitest'
import { eventually } from './support/eventually.js'
import { ada, barrier, bob, startServer, type TestServer } from './support/server.js'

const minutes = 60_000

interface Seen {
  readonly reasons: string[]
  readonly changes: (string | null)[]
}

/** A client of a tab of its own, and what it tells. */
function open(server: TestServer, options: Partial<Parameters<typeof createAuthClient>[0]> = {}) {
  const seen: Seen = { reasons: [], changes: [] }
  const client = createAuthClient({ baseUrl: server.url, ...options })
  client.onSignedOut((reason) => seen.reasons.push(reason))
  client.onChange((state) => seen.changes.push(state?.user.email ?? null))
  return { client, ...seen }
}

async function failure(promise: Promise<unknown>): Promise<AuthClientError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof AuthClientError)) throw new Error(`expected a refusal, got ${String(error)}`)
  return error
}

const subjectOf = async (answer: Response): Promise<unknown> => ((await answer.json()) as { subject: unknown }).subject

describe('signing in and out', () => {
  it('signs in, says who it is, lists and ends sessions, and signs out', async () => {
    const server = await startServer()
    const { client, reasons, changes } = open(server)
    expect(client.current()).toBeNull()
    const user = await client.login(ada)
    expect(user).toMatchObject({ email: ada.email, roles: [] })
    expect(client.current()).toMatchObject({ user, accessTokenExpiresAt: expect.any(Date) })
    expect(client.current()).toBe(client.current())
    expect(await client.restore()).toEqual(user)
    expect(await client.me()).toMatchObject({ principal: { kind: 'user', subject: user.id, via: 'bearer' }, user })

    const elsewhere = open(server)
    await elsewhere.client.login(ada)
    const others = (await client.sessions()).filter(({ current }) => !current)
    expect(others).toHaveLength(1)
    await client.endSession(others[0]?.id ?? '')
    expect(await failure(elsewhere.client.me())).toMatchObject({ code: 'token_revoked', status: 401 })
    expect(elsewhere.reasons).toEqual(['refresh_revoked'])

    await client.logout()
    expect(client.current()).toBeNull()
    expect(reasons).toEqual(['logout'])
    expect(changes).toEqual([ada.email, null])
    expect(server.answers('POST /auth/logout')).toEqual(['204'])
    expect(await failure(client.me())).toMatchObject({ code: 'credentials_missing' })
    expect(await client.accessToken()).toBeNull()
    await client.logout()
    expect(server.answers('POST /auth/logout')).toHaveLength(1)
  })

  it('signs up, changes the password and goes on, and deletes the account', async () => {
    const server = await startServer()
    const { client, reasons } = open(server)
    const eve = { email: 'eve@example.com', password: 'yet another passphrase' }
    const registered = await client.register({ ...eve, name: 'Eve' })
    expect(registered).toMatchObject({ status: 'signed_in', user: { email: eve.email, name: 'Eve' } })
    const newPassword = 'something else entirely'
    await client.changePassword({ currentPassword: eve.password, newPassword })
    expect((await client.me()).user?.email).toBe(eve.email)
    await client.deleteAccount({ password: newPassword })
    expect(reasons).toEqual(['account_deleted'])
    expect(await failure(client.login({ ...eve, password: newPassword }))).toMatchObject({ code: 'invalid_credentials' })
  })

  it('ends all sessions of the user with logoutAll', async () => {
    const server = await startServer()
    const [here, there] = [open(server), open(server)]
    await here.client.login(ada)
    await there.client.login(ada)
    await here.client.logoutAll()
    expect(here.reasons).toEqual(['logout_all'])
    expect((await there.client.fetch(`${server.url}/api/thing`)).status).toBe(401)
    expect(there.reasons).toEqual(['refresh_revoked'])
  })

  it('ends the session that a new sign-in takes the place of', async () => {
    const server = await startServer()
    const { client, reasons, changes } = open(server)
    await client.login(ada)
    await client.login(bob)
    await eventually(() => server.answers('POST /auth/logout')).toEqual(['204'])
    const { userId } = (await client.me()).principal
    expect(await server.auth.sessions.list(userId ?? '')).toHaveLength(1)
    expect(changes).toEqual([ada.email, bob.email])
    expect(reasons).toEqual([])
  })

  it('sends the device’s mark with the next sign-in', async () => {
    const server = await startServer()
    const { client } = open(server)
    await client.login(ada)
    await client.logout()
    await client.login(ada)
    const [first, second] = server.exchanges
      .filter(({ request }) => request === 'POST /auth/login')
      .map(({ body }) => JSON.parse(body))
    expect(first).toEqual({ ...ada, transport: 'bearer' })
    expect(second).toEqual({ ...ada, transport: 'bearer', deviceToken: expect.stringMatching(/^\S{20,}$/) })
  })

  it('says what is wrong', async () => {
    const server = await startServer()
    const { client } = open(server)
    expect(await failure(client.register({ email: 'nobody', password: 'short' }))).toMatchObject({
      code: 'validation_failed',
      status: 422,
      issues: [expect.objectContaining({ path: 'email', code: 'invalid_email' })],
      problem: { title: expect.any(String) },
    })
    for (let i = 0; i < 5; i++) expect(await failure(client.login({ ...ada, password: 'x' }))).toMatchObject({ status: 401 })
    const limited = await failure(client.login({ ...ada, password: 'x' }))
    expect(limited).toMatchObject({ code: 'too_many_attempts', status: 429, retryAfter: expect.any(Number) })
    expect(limited.retryAfter).toBeGreaterThan(0)
    server.before = async () => new Response('<html>a proxy’s</html>', { status: 502 })
    expect(await failure(client.login(ada))).toMatchObject({ code: 'unexpected_answer', status: 502 })
    server.before = async () => new Response('<html>a captive portal’s</html>')
    expect(await failure(client.login(ada))).toMatchObject({ code: 'unexpected_answer', status: 200 })
    expect(client.current()).toBeNull()
    server.before = async () => server.drop()
    expect(await failure(client.login(ada))).toMatchObject({ code: 'network', status: 0 })
  })

  it('reports a registration that needs a mail first', async () => {
    const server = await startServer()
    server.before = async () => Response.json({ status: 'verification_sent' }, { status: 202 })
    const { client } = open(server)
    expect(await client.register(ada)).toEqual({ status: 'verification_sent' })
    expect(client.current()).toBeNull()
  })

  it('is signed out here also where the server could not be told', async () => {
    const server = await startServer()
    const { client, reasons } = open(server)
    await client.login(ada)
    server.before = async () => new Response(null, { status: 503 })
    expect(await failure(client.logout())).toMatchObject({ status: 503 })
    expect(reasons).toEqual(['logout'])
    expect(client.current()).toBeNull()
  })

  it('stays signed in where ending everything failed', async () => {
    const server = await startServer()
    const { client, reasons } = open(server)
    await client.login(ada)
    server.before = async () => new Response(null, { status: 503 })
    expect(await failure(client.logoutAll())).toMatchObject({ status: 503 })
    expect(client.current()).not.toBeNull()
    expect(reasons).toEqual([])
  })
})

describe('a token that has run out', () => {
  it('is renewed once for all callers, whose requests are repeated', async () => {
    const server = await startServer()
    const { client, changes } = open(server)
    const { id } = await client.login(ada)
    await server.clock.advance(16 * minutes)
    const all = barrier(20)
    server.before = async (request) =>
      request === 'GET /api/thing' && server.answers(request).length === 0 ? all() : undefined
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.fetch(`${server.url}/api/thing`)))
    expect(await Promise.all(answers.map(subjectOf))).toEqual(Array.from({ length: 20 }, () => id))
    expect(server.answers('POST /auth/refresh')).toEqual(['200'])
    expect(changes).toEqual([ada.email, ada.email])
  })

  it('is renewed before it is sent where its life is known to be over', async () => {
    const server = await startServer({ realTime: true, tokens: { accessTtl: 1 } })
    const { client } = open(server, { refreshAhead: 0 })
    await client.login(ada)
    await eventually(() => Date.now() > (client.current()?.accessTokenExpiresAt?.getTime() ?? Infinity)).toBe(true)
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('once'))
        controller.close()
      },
    })
    await client.fetch(`${server.url}/api/thing`, { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(server.exchanges.slice(1).map(({ request }) => request)).toEqual(['POST /auth/refresh', 'POST /api/thing'])
  })

  it('is renewed where it was revoked, but its session goes on', async () => {
    const server = await startServer()
    const { client, reasons } = open(server)
    const { id } = await client.login(ada)
    await client.changePassword({ currentPassword: ada.password, newPassword: 'something else entirely' })
    expect(await subjectOf(await client.fetch(`${server.url}/api/thing`))).toBe(id)
    expect(server.answers('GET /api/thing')).toEqual(['401 token_revoked', '200'])
    expect(reasons).toEqual([])
  })

  it('leaves nobody signed out where the refresh fails for a reason of the server’s, and works again later', async () => {
    const server = await startServer()
    const { client, reasons } = open(server)
    const { id } = await client.login(ada)
    await server.clock.advance(16 * minutes)
    const dropped = (): Response => {
      server.drop()
      return new Response()
    }
    const failures: [() => Response | undefined, object][] = [
      [
        () => Response.json({ code: 'store_unavailable' }, { status: 503, headers: { 'retry-after': '7' } }),
        { code: 'store_unavailable', retryAfter: 7 },
      ],
      [() => Response.json({ code: 'too_many_attempts' }, { status: 429 }), { code: 'too_many_attempts', retryAfter: null }],
      [() => new Response('<html>', { status: 401 }), { code: 'unexpected_answer', status: 401 }],
      [() => new Response('<html>'), { code: 'unexpected_answer' }],
      [() => Response.json({ accessToken: 'x' }), { code: 'unexpected_answer' }],
      [dropped, { code: 'network' }],
    ]
    for (const [answer, error] of failures) {
      server.before = async (request) => (request === 'POST /auth/refresh' ? answer() : undefined)
      expect(await failure(client.fetch(`${server.url}/api/thing`))).toMatchObject(error)
      expect(client.current()?.user.id).toBe(id)
    }
    server.before = async () => undefined
    expect(await subjectOf(await client.fetch(`${server.url}/api/thing`))).toBe(id)
    expect(reasons).toEqual([])
  })

  it('shares a failure too: callers that wait together ask once', async () => {
    const server = await startServer()
    const { client } = open(server)
    await client.login(ada)
    const all = barrier(6)
    server.before = async (request) => {
      if (request === 'POST /auth/refresh') return Response.json({ code: 'overloaded' }, { status: 503 })
      await all()
      return undefined
    }
    await server.clock.advance(16 * minutes)
    const calls = Array.from({ length: 6 }, () => failure(client.fetch(`${server.url}/api/thing`)))
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(Array(6).fill('overloaded'))
    expect(server.answers('POST /auth/refresh')).toEqual(['503 overloaded'])
  })

  it('signs out, once, where the server refuses the refresh token', async () => {
    const server = await startServer()
    const { client, reasons } = open(server)
    const { id } = await client.login(ada)
    await server.clock.advance(16 * minutes)
    await server.auth.sessions.endAll(id)
    const answers = await Promise.all([1, 2, 3].map(() => client.fetch(`${server.url}/api/thing`)))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(reasons).toEqual(['refresh_revoked'])
    expect(server.answers('POST /auth/refresh')).toEqual(['401 refresh_revoked'])
    expect(await failure(client.refresh())).toMatchObject({ code: 'refresh_revoked', status: 401 })
  })

  it('is not repeated as somebody else', async () => {
    const server = await startServer()
    const { client } = open(server)
    await client.login(ada)
    await server.clock.advance(16 * minutes)
    let switching: Promise<unknown> | undefined
    server.after = async (request) => {
      if (request !== 'POST /api/thing') return
      switching ??= client.login(bob)
      await switching
    }
    const answer = await client.fetch(`${server.url}/api/thing`, { method: 'POST', body: 'buy' })
    expect(answer.status).toBe(401)
    expect(server.answers('POST /api/thing')).toEqual(['401 token_expired'])
    expect(client.current()?.user.email).toBe(bob.email)
  })

  it('does not come back after a sign-out that a refresh was under way in', async () => {
    const server = await startServer()
    const { client, reasons } = open(server)
    await client.login(ada)
    let leaving: Promise<void> | undefined
    server.after = async (request) => {
      if (request === 'POST /auth/refresh') leaving = client.logout()
    }
    expect(await failure(client.refresh())).toMatchObject({ code: 'signed_out', status: 0 })
    await leaving
    expect(client.current()).toBeNull()
    expect(reasons).toEqual(['logout'])
    expect(server.answers('POST /auth/logout')).toEqual(['204'])
  })
})
