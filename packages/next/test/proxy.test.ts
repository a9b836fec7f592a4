import { memoryStores } from '@auth/core'
import { nextAuth } from '@auth/next'
import { NextRequest, type NextResponse } from 'next/server.js'
import { describe, expect, it } from 'vitest'
import { brokenStores, cookieOf, testAuth } from './support/test-auth.js'

const page = { accept: 'text/html', 'sec-fetch-dest': 'document' }
const visit = (headers: Readonly<Record<string, string>>, path = '/private', method = 'GET') =>
  new NextRequest(`http://localhost:3000${path}`, { method, headers })
const locationOf = (answer: NextResponse) => answer.headers.get('location')

describe('proxy', () => {
  const proxy = nextAuth(testAuth()).proxy({ signInPage: '/in', publicPaths: ['/', '/docs/*'] })

  it('sends a visitor without a cookie to the page to sign in at, with the place to come back to', async () => {
    const answer = await proxy(visit(page, '/private?a=b&c'))
    expect([answer.status, locationOf(answer)]).toEqual([307, 'https://app.example.com/in?returnTo=%2Fprivate%3Fa%3Db%26c'])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(locationOf(await proxy(visit({ accept: 'text/html' })))).not.toBeNull()
  })

  it('lets pass what is public, is no navigation, or has a credential', async () => {
    for (const path of ['/', '/in', '/docs/a/b', '/auth/me', '/.well-known/jwks.json'])
      expect(locationOf(await proxy(visit(page, path))), path).toBeNull()
    expect(locationOf(await proxy(visit(page, '/docsx')))).not.toBeNull()
    for (const headers of [
      { accept: '*/*' },
      { ...page, 'sec-fetch-dest': 'empty' },
      { ...page, authorization: 'Bearer x' },
      { ...page, 'x-api-key': 'x' },
      { ...page, cookie: '__Host-session=x' },
    ])
      expect(locationOf(await proxy(visit(headers)))).toBeNull()
    expect(locationOf(await proxy(visit(page, '/private', 'POST')))).toBeNull()
    expect(locationOf(await proxy(visit({ ...page, cookie: 'session=x' })))).not.toBeNull()
  })
})

describe('proxy with verify', () => {
  it('states a living cookie anew, with the value and the end that it had', async () => {
    const auth = testAuth()
    const web = nextAuth(auth)
    const cookie = await cookieOf(web)
    const answer = await web.proxy({ signInPage: '/in', verify: true })(visit({ ...page, cookie }))
    expect(locationOf(answer)).toBeNull()
    const [line = ''] = answer.headers.getSetCookie()
    expect(line.startsWith(`${cookie}; Path=/; Expires=`)).toBe(true)
    const days = (Date.parse(/Expires=([^;]+)/.exec(line)?.[1] ?? '') - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(29.9)
    expect(days).toBeLessThan(30.1)
    expect(line).toMatch(/Secure; HttpOnly; SameSite=lax$/)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
  })

  it('takes a dead cookie away, also where it sends to sign in', async () => {
    const proxy = nextAuth(testAuth()).proxy({ signInPage: '/in', publicPaths: ['/'], verify: true })
    for (const path of ['/', '/private']) {
      const answer = await proxy(visit({ ...page, cookie: '__Host-session=dead' }, path))
      expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-session=; Path=\/; Expires=Thu, 01 Jan 1970/)
      expect(locationOf(answer) === null).toBe(path === '/')
    }
  })

  it('lets cookies be where it is no navigation, whose answer might come after a newer cookie', async () => {
    const web = nextAuth(testAuth())
    const proxy = web.proxy({ signInPage: '/in', verify: true })
    for (const cookie of [await cookieOf(web), '__Host-session=dead'])
      for (const headers of [{ accept: '*/*' }, { ...page, 'sec-fetch-dest': 'empty' }])
        expect((await proxy(visit({ ...headers, cookie }))).headers.getSetCookie()).toEqual([])
  })

  it('signs nobody out while a store is down', async () => {
    const cookie = await cookieOf(nextAuth(testAuth()))
    const down = nextAuth(testAuth({ stores: brokenStores(memoryStores()) }))
    const answer = await down.proxy({ signInPage: '/in', verify: true })(visit({ ...page, cookie }))
    expect([locationOf(answer), answer.headers.getSetCookie()]).toEqual([null, []])
  })
})
