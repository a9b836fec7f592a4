import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deferred } from './support/deferred.js'
import { eventually } from './support/eventually.js'
import { ada, barrier, bob, type Files, startServer, type TestServer } from './support/server.js'
import { openProfile, openTab, pageFiles, startBrowser, type Tab } from './support/tabs.js'

const minutes = 60_000
/** As many as show a race that is seldom. */
const rounds = 50
const shared = { storage: 'localStorage' } as const

let browser: Browser
let files: Files
beforeAll(async () => {
  ;[browser, files] = await Promise.all([startBrowser(), pageFiles()])
})
afterAll(() => browser.close())

const signIn = (tab: Tab, who: typeof ada): Promise<string> =>
  tab.run(async (client, given) => (await client.login(given)).id, who)
const who = (tab: Tab): Promise<string | null> => tab.run((client) => client.current()?.user.email ?? null)
/** Calls the guarded route; gives the caller's id, or the status of a refusal. */
const callThing = (tab: Tab): Promise<unknown> =>
  tab.run(async (client) => {
    // Chromium's cache lets one of several equal requests through at a time.
    const answer = await client.fetch('/api/thing', { cache: 'no-store' })
    return answer.ok ? ((await answer.json()) as { subject: string }).subject : answer.status
  })

/** Three tabs of one profile; in the first of them Ada signs in. */
async function threeTabs(server: TestServer): Promise<{ tabs: Tab[]; first: Tab; second: Tab; third: Tab; id: string }> {
  const context = await openProfile(browser)
  const first = await openTab(context, server.url, shared)
  const id = await signIn(first, ada)
  const second = await openTab(context, server.url, shared)
  const third = await openTab(context, server.url, shared)
  return { tabs: [first, second, third], first, second, third, id }
}

/** Answers the guarded route's first `count` calls of a round at the same moment. */
function together(server: TestServer, request: string, count: number): void {
  const all = barrier(count)
  const seen = server.answers(request).length
  server.after = async (name) =>
    name === request && server.answers(request).length < seen + count ? void (await all()) : undefined
}

describe('three tabs', () => {
  it(`refresh at the same moment, ${rounds} times, under strict reuse detection: one rotation a round, nobody is signed out`, async () => {
    const alerts: unknown[] = []
    const server = await startServer({ onSecurityAlert: (alert) => void alerts.push(alert) }, files)
    const { tabs, id } = await threeTabs(server)
    for (let round = 1; round <= rounds; round++) {
      await server.clock.advance(16 * minutes)
      // All three learn in the same instant that their token has run out.
      together(server, 'GET /api/thing', 3)
      expect(await Promise.all(tabs.map(callThing))).toEqual([id, id, id])
      expect(server.answers('POST /auth/refresh')).toEqual(Array(round).fill('200'))
    }
    expect(server.answers('GET /api/thing').filter((answer) => answer === '401 token_expired')).toHaveLength(3 * rounds)
    expect(alerts).toEqual([])
    for (const tab of tabs) expect((await tab.seen()).reasons).toEqual([])
    expect(await server.auth.sessions.list(id)).toHaveLength(1)
  }, 300_000)

  it('RT-03 are signed out by the first such refresh where nothing makes them take turns', async () => {
    const server = await startServer({}, files)
    const context = await openProfile(browser)
    await context.addInitScript(() => {
      Object.defineProperty(navigator, 'locks', {
        value: { request: (_name: string, _options: object, run: () => unknown) => run() },
      })
    })
    const tabs = [await openTab(context, server.url, shared)]
    await signIn(tabs[0] as Tab, ada)
    for (let i = 0; i < 2; i++) tabs.push(await openTab(context, server.url, shared))
    await server.clock.advance(16 * minutes)
    const all = barrier(3)
    server.before = async (request) => (request === 'POST /auth/refresh' ? void (await all()) : undefined)
    await Promise.all(tabs.map(callThing))
    expect(server.answers('POST /auth/refresh').sort()).toEqual(['200', '401 refresh_reused', '401 refresh_revoked'])
    server.before = async () => undefined
    for (const tab of tabs) expect(await callThing(tab)).toBe(401)
  })

  it('stay signed in while tokens that live for two seconds run out in all of them', async () => {
    const server = await startServer({ realTime: true, tokens: { accessTtl: 2 } }, files)
    const { tabs } = await threeTabs(server)
    const running = tabs.map((tab) =>
      tab.run(async (client) => {
        while (!document.body.hasAttribute('data-done')) await client.fetch('/api/thing', { cache: 'no-store' })
      }),
    )
    await eventually(() => server.answers('POST /auth/refresh').length).toBeGreaterThanOrEqual(6)
    for (const { page } of tabs) await page.evaluate(() => document.body.setAttribute('data-done', ''))
    await Promise.all(running)
    expect(new Set(server.answers('POST /auth/refresh'))).toEqual(new Set(['200']))
    for (const tab of tabs) expect((await tab.seen()).reasons).toEqual([])
  }, 300_000)

  it('are signed out together by one of them, at one request', async () => {
    const server = await startServer({}, files)
    const { tabs, second } = await threeTabs(server)
    await second.run((client) => client.logout())
    for (const tab of tabs) {
      await eventually(async () => (await tab.seen()).reasons).toEqual(['logout'])
      expect(await who(tab)).toBeNull()
    }
    expect(server.answers('POST /auth/logout')).toEqual(['204'])
  })

  it('are signed out together, once, where the refresh token is refused', async () => {
    const server = await startServer({}, files)
    const { tabs, id } = await threeTabs(server)
    await server.clock.advance(16 * minutes)
    await server.auth.sessions.endAll(id)
    together(server, 'GET /api/thing', 3)
    expect(await Promise.all(tabs.map(callThing))).toEqual([401, 401, 401])
    expect(server.answers('POST /auth/refresh')).toEqual(['401 refresh_revoked'])
    for (const tab of tabs) await eventually(async () => (await tab.seen()).reasons).toEqual(['refresh_revoked'])
  })

  it('all stay signed in where the refresh fails for a reason of the server’s', async () => {
    const server = await startServer({}, files)
    const { tabs, id } = await threeTabs(server)
    await server.clock.advance(16 * minutes)
    server.before = async (request) =>
      request === 'POST /auth/refresh' ? Response.json({ code: 'overloaded' }, { status: 503 }) : undefined
    for (const tab of tabs) expect(await callThing(tab).catch((error: Error) => error.message)).toContain('overloaded')
    server.before = async () => undefined
    expect(await Promise.all(tabs.map(callThing))).toEqual([id, id, id])
  })

  it('have whoever signed in last', async () => {
    const server = await startServer({}, files)
    const { tabs, second, id } = await threeTabs(server)
    await signIn(second, bob)
    for (const tab of tabs) await eventually(() => who(tab)).toBe(bob.email)
    for (const tab of tabs) expect((await tab.seen()).reasons).toEqual([])
    await eventually(() => server.answers('POST /auth/logout')).toEqual(['204'])
    expect(await server.auth.sessions.list(id)).toEqual([])
  })

  it('have one of two who sign in at the same moment, and the other’s session is ended', async () => {
    const server = await startServer({}, files)
    const { tabs, first, second, id } = await threeTabs(server)
    together(server, 'POST /auth/login', 2)
    const [, bobsId] = await Promise.all([signIn(first, ada), signIn(second, bob)])
    await eventually(async () => new Set(await Promise.all(tabs.map(who))).size).toBe(1)
    const left = async (): Promise<number> =>
      (await server.auth.sessions.list(id)).length + (await server.auth.sessions.list(bobsId ?? '')).length
    await eventually(left).toBe(1)
    expect([id, bobsId]).toContain(await callThing(first))
  })

  it('notice that the storage was cleared', async () => {
    const server = await startServer({}, files)
    const { tabs, third } = await threeTabs(server)
    await third.page.evaluate(() => localStorage.clear())
    for (const tab of tabs.slice(0, 2)) await eventually(async () => (await tab.seen()).reasons).toEqual(['storage_cleared'])
    expect(await who(third)).toBeNull()
  })

  it('do not present a token that one of them has spent and could not store the successor of', async () => {
    const server = await startServer({}, files)
    const { first, second, id } = await threeTabs(server)
    await first.page.evaluate(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError')
      }
    })
    await server.clock.advance(16 * minutes)
    expect(await callThing(first)).toBe(id)
    await eventually(async () => (await second.seen()).reasons).toEqual(['storage_cleared'])
    await server.clock.advance(16 * minutes)
    expect(await callThing(first)).toBe(id)
    expect(server.answers('POST /auth/refresh')).toEqual(['200', '200'])
  })
})

describe('a tab', () => {
  it.each(['its copy is renewed', 'that one is closed'])(
    'that sees late what another has stored waits until %s instead of presenting a spent token',
    async (until) => {
      const server = await startServer({}, files)
      const { first, second, id } = await threeTabs(server)
      // Local storage is copied from process to process; this copy stands still for a while.
      await second.page.evaluate(() => {
        const { getItem } = Storage.prototype
        const old = { ...localStorage } as Record<string, string>
        Storage.prototype.getItem = (key) => old[key] ?? null
        Object.assign(globalThis, {
          thaw: () => {
            Storage.prototype.getItem = getItem
          },
        })
      })
      await server.clock.advance(16 * minutes)
      expect(await callThing(first)).toBe(id)
      const late = callThing(second)
      await eventually(() => server.answers('GET /api/thing')).toEqual(['401 token_expired', '200', '401 token_expired'])
      const pending = () => second.page.evaluate(async () => (await navigator.locks.query()).pending?.length)
      await eventually(pending).toBe(1)
      await second.page.evaluate(() => (globalThis as unknown as { thaw(): void }).thaw())
      if (until === 'that one is closed') await first.page.close()
      else await second.page.evaluate(() => dispatchEvent(new StorageEvent('storage', { key: null })))
      expect(await late).toBe(id)
      expect(server.answers('POST /auth/refresh')).toEqual(['200'])
    },
  )

  it('that dies before its refresh reached the server leaves it to the next one', async () => {
    const server = await startServer({}, files)
    const { first, second, id } = await threeTabs(server)
    await server.clock.advance(16 * minutes)
    const arrived = deferred()
    const gate = deferred<Response>()
    server.before = async (request) => {
      if (request !== 'POST /auth/refresh') return undefined
      server.before = async () => undefined
      arrived.resolve()
      return gate.promise
    }
    callThing(first).catch(() => undefined)
    await arrived.promise
    const next = callThing(second)
    await first.page.close()
    expect(await next).toBe(id)
    gate.resolve(new Response(null, { status: 503 }))
    expect((await second.seen()).reasons).toEqual([])
  })

  it.each([
    ['signs everybody out without a retry window', '0s', 401, ['refresh_reused']],
    ['is made up for within a retry window', '10s', 200, []],
  ] as const)(
    'RT-04 that dies after the server rotated its token, before it was stored, %s',
    async (_, retryWindow, status, reasons) => {
      const server = await startServer({ tokens: { retryWindow } }, files)
      const { first, second, id } = await threeTabs(server)
      await server.clock.advance(16 * minutes)
      const rotated = deferred()
      const gate = deferred()
      server.after = async (request) => {
        if (request !== 'POST /auth/refresh') return
        server.after = async () => undefined
        rotated.resolve()
        await gate.promise
      }
      callThing(first).catch(() => undefined)
      await rotated.promise
      const next = callThing(second)
      await first.page.close()
      expect(await next).toBe(status === 200 ? id : status)
      gate.resolve()
      await eventually(async () => (await second.seen()).reasons).toEqual(reasons)
    },
  )

  it('that is reloaded keeps what is in localStorage, and forgets what was in memory', async () => {
    const server = await startServer({}, files)
    const context = await openProfile(browser)
    const memory = await openTab(context, server.url)
    expect(await memory.run((client) => client.storage)).toBe('memory')
    await signIn(memory, ada)
    const kept = await memory.page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    )
    expect(kept).not.toMatch(/eyJ|refreshToken|ada@/)
    expect(await who(await openTab(context, server.url))).toBeNull()
    const stored = await openTab(context, server.url, shared)
    await signIn(stored, bob)
    expect(await who(memory)).toBe(ada.email)
    await stored.page.close()
    expect(await who(await openTab(context, server.url, shared))).toBe(bob.email)
  })

  it.each([
    ['has no Web Locks', () => Object.defineProperty(navigator, 'locks', { value: undefined })],
    [
      'forbids storage',
      () =>
        Object.defineProperty(globalThis, 'localStorage', {
          get: () => {
            throw new DOMException('denied', 'SecurityError')
          },
        }),
    ],
  ])('keeps its session to itself where the browser %s', async (_, breakIt) => {
    const server = await startServer({}, files)
    const context = await openProfile(browser)
    await context.addInitScript(breakIt)
    const [first, second] = [await openTab(context, server.url, shared), await openTab(context, server.url, shared)]
    expect(await first.run((client) => client.storage)).toBe('memory')
    await signIn(first, ada)
    await signIn(second, ada)
    await server.clock.advance(16 * minutes)
    expect(await callThing(first)).toBe(await callThing(second))
    expect(server.answers('POST /auth/refresh')).toEqual(['200', '200'])
  })
})

describe('a session in a cookie', () => {
  it('RT-12 is known in all tabs, survives a reload, is within no script’s reach, and ends in all tabs', async () => {
    const server = await startServer({}, files)
    const context = await openProfile(browser)
    const [first, second] = [
      await openTab(context, server.url, { transport: 'cookie' }),
      await openTab(context, server.url, { transport: 'cookie' }),
    ]
    expect(await first.run((client) => client.restore())).toBeNull()
    const id = await signIn(first, ada)
    await eventually(() => who(second)).toBe(ada.email)
    expect(
      await second.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])),
    ).toBe('[{},{},""]')
    expect(await callThing(second)).toBe(id)
    expect(await second.run((client) => client.accessToken())).toBeNull()
    const third = await openTab(context, server.url, { transport: 'cookie' })
    expect(await who(third)).toBeNull()
    expect(await third.run(async (client) => (await client.restore())?.email)).toBe(ada.email)

    await second.run((client) =>
      client.changePassword({ currentPassword: 'a long enough passphrase', newPassword: 'something else' }),
    )
    expect(await callThing(first)).toBe(id)
    await third.run((client) => client.logout())
    for (const tab of [first, second, third]) await eventually(async () => (await tab.seen()).reasons).toEqual(['logout'])
    expect(await callThing(first)).toBe(401)
  })

  it('ends once in all tabs where the server ended it', async () => {
    const server = await startServer({}, files)
    const context = await openProfile(browser)
    const [first, second] = [
      await openTab(context, server.url, { transport: 'cookie' }),
      await openTab(context, server.url, { transport: 'cookie' }),
    ]
    const id = await signIn(first, ada)
    await eventually(() => who(second)).toBe(ada.email)
    await server.auth.sessions.endAll(id)
    expect(await callThing(second)).toBe(401)
    for (const tab of [first, second]) await eventually(async () => (await tab.seen()).reasons).toEqual(['session_invalid'])
  })
})
