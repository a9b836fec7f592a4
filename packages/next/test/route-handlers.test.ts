import { AuthError, memoryStores, StoreError } from '@auth/core'
import { getAuth, nextAuth, peekAuth } from '@auth/next'
import { NextRequest } from 'next/server.js'
import { describe, expect, it } from 'vitest'
import { brokenStores, cookieOf, signUp, testAuth } from './support/test-auth.js'

const url = 'http://localhost:3000/orders'
const context = { params: Promise.resolve({}) }
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('handlers', () => {
  it('serve the routes on the issuer’s origin, whatever Next takes for the URL', async () => {
    const web = nextAuth(testAuth())
    const { accessToken } = await signUp(web)
    const answer = await web.handlers.GET(new NextRequest('http://evil.example/auth/me', bearer(accessToken)))
    expect(answer.status).toBe(200)
    expect((await web.handlers.GET(new NextRequest('http://localhost/elsewhere'))).status).toBe(404)
  })

  it('take a body that is a stream of nothing for none', async () => {
    const web = nextAuth(testAuth())
    const nothing = new ReadableStream({ start: (controller) => controller.close() })
    const init = { method: 'POST', body: nothing, duplex: 'half' } as const
    expect((await web.handlers.POST(new NextRequest('http://localhost/auth/logout', init))).status).toBe(204)
  })

  it('answer 500 as a problem where the routes themselves fail', async () => {
    const auth = testAuth()
    const failing = { ...auth, handler: () => Promise.reject(new Error('secret detail')) }
    const answer = await nextAuth(failing).handlers.GET(new NextRequest('http://localhost/auth/me'))
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret detail')
  })
})

describe('guard', () => {
  it('lets through who may, with what Next gives, and refuses everybody else before the handler', async () => {
    const web = nextAuth(testAuth())
    const { accessToken, user } = await signUp(web)
    let calls = 0
    const seen: unknown[] = []
    const GET = web.guard({ scopes: ['read:orders'] }, (request, given) => {
      calls++
      seen.push(given)
      return Response.json(getAuth(request).subject)
    })
    const answer = await GET(new NextRequest(url, bearer(accessToken)), context)
    expect([answer.status, await answer.json()]).toEqual([200, user.id])
    expect(seen).toEqual([context])
    const refused = await GET(new NextRequest(url), context)
    expect([refused.status, refused.headers.get('content-type')]).toEqual([401, 'application/problem+json'])
    expect(refused.headers.get('www-authenticate')).toBe('Bearer')
    const lacking = await web.guard({ roles: ['admin'] }, () => new Response('no'))(
      new NextRequest(url, bearer(accessToken)),
      context,
    )
    expect([lacking.status, (await lacking.json()).code]).toEqual([403, 'insufficient_role'])
    expect(calls).toBe(1)
  })

  it('refuses a requirement that names what is not declared, at once', () => {
    const web = nextAuth(testAuth())
    // @ts-expect-error no such scope
    expect(() => web.guard({ scopes: ['read:nothing'] }, () => new Response())).toThrow('scopes.0')
    // @ts-expect-error no such role
    expect(() => web.guard({ roles: ['nobody'] }, () => new Response())).toThrow('roles.0')
  })

  it('tells a check of the request', async () => {
    const web = nextAuth(testAuth())
    const { accessToken } = await signUp(web)
    const seen: unknown[] = []
    const GET = web.guard({ check: (_, request) => seen.push(request.nextUrl.pathname) > 0 }, () => new Response())
    expect((await GET(new NextRequest(url, bearer(accessToken)), context)).status).toBe(200)
    expect(seen).toEqual(['/orders'])
  })

  it('WB-01 refuses a change by a cookie from a foreign page', async () => {
    const web = nextAuth(testAuth())
    const cookie = await cookieOf(web)
    const POST = web.guard({}, () => new Response('done'))
    const post = async (site: string): Promise<number> => {
      const headers = { cookie, 'sec-fetch-site': site }
      return (await POST(new NextRequest(url, { method: 'POST', headers }), context)).status
    }
    expect([await post('same-origin'), await post('same-site'), await post('cross-site')]).toEqual([200, 403, 403])
  })

  it('answers refusals that a handler throws, and nothing else of it', async () => {
    const web = nextAuth(testAuth())
    const { accessToken } = await signUp(web)
    const thrown = async (error: unknown) =>
      web.guard({}, () => Promise.reject(error))(new NextRequest(url, bearer(accessToken)), context)
    expect((await thrown(new AuthError('email_taken'))).status).toBe(409)
    expect((await thrown(new StoreError('down'))).status).toBe(503)
    const control = Object.assign(new Error('NEXT_REDIRECT'), { digest: 'NEXT_REDIRECT;replace;/x;307;' })
    await expect(thrown(control)).rejects.toBe(control)
  })

  it('getAuth throws where no guard let the request through', async () => {
    const request = new NextRequest(url)
    expect(() => getAuth(request)).toThrow('guard()')
    expect(peekAuth(request)).toBeNull()
    const web = nextAuth(testAuth())
    await web.guard({}, () => new Response())(request, context)
    expect(() => getAuth(request)).toThrow('guard()')
  })
})

describe('optional', () => {
  it('takes a bad credential for none, and answers 503 where it cannot be found out', async () => {
    const seen = async (web: ReturnType<typeof nextAuth>, headers: Record<string, string>): Promise<unknown> => {
      const GET = web.optional((request) => Response.json(peekAuth(request)?.subject ?? null))
      const answer = await GET(new NextRequest(url, { headers }), context)
      return answer.ok ? answer.json() : answer.status
    }
    const web = nextAuth(testAuth())
    const { accessToken, user } = await signUp(web)
    expect(await seen(web, { authorization: `Bearer ${accessToken}` })).toBe(user.id)
    expect(await seen(web, { authorization: 'Bearer x.y.z' })).toBeNull()
    expect(await seen(web, {})).toBeNull()
    const cookie = await cookieOf(web)
    expect(await seen(nextAuth(testAuth({ stores: brokenStores(memoryStores()) })), { cookie })).toBe(503)
  })
})
