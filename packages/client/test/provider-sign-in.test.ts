import { beginSignIn, createAuthClient, finishSignIn } from '@auth/client'
import { fakeProvider } from '@auth/core/testing'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startServer, type TestServer } from './support/server.js'

const origin = 'http://localhost:3000'

/** What a page has of its browser, as far as the client touches it: its address, its history and its tab's storage. */
function openPage(href = `${origin}/welcome`) {
  const kept = new Map<string, string>()
  const page = {
    href,
    get origin() {
      return new URL(page.href).origin
    },
    assign(url: string) {
      page.href = url
    },
  }
  vi.stubGlobal('location', page)
  vi.stubGlobal('history', { state: null, replaceState: (_: unknown, __: string, url: URL) => page.assign(String(url)) })
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  return { page, kept }
}

async function startSocialServer(): Promise<TestServer> {
  const provider = await fakeProvider()
  onTestFinished(() => provider.close())
  return startServer({ realTime: true, providers: [provider.oidc()] })
}

/** Goes where the page was sent, through the provider and back; answers where that leads. */
async function travel(start: string): Promise<string> {
  const there = await fetch(start, { redirect: 'manual' })
  const cookie = there.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const approved = await fetch(there.headers.get('location') ?? '', { redirect: 'manual' })
  const back = new URL(approved.headers.get('location') ?? '')
  const server = new URL(start)
  const home = await fetch(new URL(back.pathname + back.search, server), { redirect: 'manual', headers: { cookie } })
  return home.headers.get('location') ?? `${home.status} ${await home.text()}`
}

it('begins a sign-in, takes the ticket that it brings out of the address, and exchanges it once', async () => {
  const server = await startSocialServer()
  const { page, kept } = openPage()
  const client = createAuthClient({ baseUrl: server.url })
  beginSignIn(client, 'google', { returnTo: '/orders?page=2#top', prompt: 'login' })
  expect(new URL(page.href).searchParams.get('prompt')).toBe('login')
  page.href = `${await travel(page.href)}&tab=1`
  expect(page.href).toMatch(/^http:\/\/localhost:3000\/orders\?page=2&begun=[\w-]{36}#ticket=/)

  // As a page does that is rendered twice.
  const [user, again] = await Promise.all([finishSignIn(client), finishSignIn(client)])
  expect(user).toMatchObject({ email: 'ada@example.com' })
  expect(again).toEqual(user)
  expect(page.href).toBe(`${origin}/orders?page=2#tab=1`)
  expect(client.current()?.user).toEqual(user)
  expect((await client.me()).user?.id).toBe(user?.id)
  expect([await finishSignIn(client), kept.size]).toEqual([null, 0])
  expect(server.answers('POST /auth/signin/exchange')).toEqual(['200'])
})

it('takes nothing that another tab has begun, and leaves it in no address', async () => {
  const server = await startSocialServer()
  const attacker = openPage()
  beginSignIn(createAuthClient({ baseUrl: server.url }), 'google')
  const link = await travel(attacker.page.href)
  vi.unstubAllGlobals()

  const { page, kept } = openPage(link)
  const client = createAuthClient({ baseUrl: server.url })
  expect(await finishSignIn(client)).toBeNull()
  expect(page.href).toBe(`${origin}/welcome`)

  // Nor while a sign-in of its own is under way, which it can end all the same.
  beginSignIn(client, 'google')
  const own = page.href
  for (const foreign of [link, link.replace(/\?begun=[^#]*/, ''), link.replace(/begun=[^#]*/, 'begun=')]) {
    page.href = foreign
    expect(await finishSignIn(client)).toBeNull()
  }
  expect([server.answers('POST /auth/signin/exchange'), client.current(), kept.size]).toEqual([[], null, 1])
  page.href = await travel(own)
  expect((await finishSignIn(client))?.email).toBe('ada@example.com')
})

it('tells why a ticket was not good, and comes back to no other origin', async () => {
  const server = await startSocialServer()
  const { page } = openPage()
  const client = createAuthClient({ baseUrl: server.url })
  beginSignIn(client, 'google')
  page.href = (await travel(page.href)).replace(/#.*/, '#ticket=garbage')
  await expect(finishSignIn(client)).rejects.toMatchObject({ code: 'ticket_invalid', status: 400 })
  for (const returnTo of ['https://evil.example/', '//evil.example', 'javascript:alert(1)'])
    expect(() => beginSignIn(client, 'google', { returnTo })).toThrow(TypeError)
})

it('begins with a cookie without a ticket', async () => {
  const server = await startSocialServer()
  const { page, kept } = openPage()
  beginSignIn(createAuthClient({ baseUrl: server.url, transport: 'cookie' }), 'google')
  expect(kept.size).toBe(0)
  expect(await travel(page.href)).toBe(`${origin}/welcome`)
})
