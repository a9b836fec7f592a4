import { once } from 'node:events'
import { createServer, type IncomingMessage, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Auth } from '@auth/core'
import { getAuth, type NextAuthOptions, nextAuth } from '@auth/next'
import { register } from '@auth/next/instrumentation'
import { NextRequest } from 'next/server.js'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type roles, signUp, testAuth } from './support/test-auth.js'

/** What Next makes of a request: the first line of several, and an address of its own. */
function asNextDoes(req: IncomingMessage): NextRequest {
  const headers = new Headers({ 'x-forwarded-for': req.socket.remoteAddress ?? '' })
  for (const [name, value] of Object.entries(req.headers)) headers.set(name, String(value))
  return new NextRequest(new URL(req.url ?? '/', 'http://localhost'), { method: req.method ?? 'GET', headers })
}

/** Serves the routes as Next would, and answers what a request gets. */
async function serve(auth: Auth<typeof roles>, options: NextAuthOptions = {}) {
  const web = nextAuth(auth, options)
  const guarded = web.guard({}, (request) => Response.json(getAuth(request).subject))
  const server = createServer((req, res) => {
    const request = asNextDoes(req)
    const answer = req.url === '/guarded' ? guarded(request, { params: Promise.resolve({}) }) : web.handlers.GET(request)
    void Promise.resolve(answer).then(async (response) => res.writeHead(response.status).end(await response.text()))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // Of a server that listens on a port.
  const { accessToken } = await signUp(web)
  return {
    accessToken,
    get: (path: string, lines: Readonly<Record<string, string | string[]>>) =>
      new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
        const exchange = send({ port, path, headers: { authorization: `Bearer ${accessToken}`, ...lines } }, (response) => {
          let text = ''
          response.on('data', (part: Buffer) => (text += part.toString()))
          response.on('end', () => resolve({ status: response.statusCode, text }))
        })
        exchange.on('error', reject).end()
      }),
  }
}

/** An `Auth` whose routes tell the address that they were given. */
function echoing(trustedProxies: readonly string[] = []): Auth<typeof roles> {
  const auth = testAuth({ trustedProxies })
  const handler: typeof auth.handler = async (request, context) =>
    request.url.endsWith('/echo')
      ? Response.json({ ip: context?.ip ?? null, forwarded: request.headers.get('x-forwarded-for') })
      : auth.handler(request, context)
  return { ...auth, handler }
}

it('knows no address while nobody watches, says so once, and never takes a header for one', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const { get } = await serve(echoing())
  for (const lines of [{}, { 'x-forwarded-for': '198.51.100.1' }])
    expect(JSON.parse((await get('/auth/echo', lines)).text).ip).toBeNull()
  expect(warn).toHaveBeenCalledTimes(1)
  expect(String(warn.mock.calls[0])).toContain('@auth/next/instrumentation')
})

it('takes the header that a platform writes, where the app names it', async () => {
  const { get } = await serve(echoing(), { clientAddress: (headers) => headers.get('x-platform-ip') ?? undefined })
  expect(JSON.parse((await get('/auth/echo', { 'x-platform-ip': '198.51.100.9' })).text).ip).toBe('198.51.100.9')
})

it("BF-07 knows the socket's address once it watches, and takes away what Next made up", async () => {
  register()
  register()
  const { get } = await serve(echoing())
  expect(JSON.parse((await get('/auth/echo', {})).text)).toEqual({ ip: '127.0.0.1', forwarded: null })
  const forged = JSON.parse((await get('/auth/echo', { 'x-forwarded-for': '198.51.100.1' })).text)
  expect(forged).toEqual({ ip: '127.0.0.1', forwarded: '198.51.100.1' })
  // Each request its own, also at once.
  const all = Array.from({ length: 20 }, (_, i) => get('/auth/echo', { 'x-forwarded-for': `198.51.100.${i}` }))
  const seen = (await Promise.all(all)).map(({ text }) => JSON.parse(text).forwarded)
  expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => `198.51.100.${i}`))
})

it('RS-01 sees both of two credentials, of which Next shows one', async () => {
  register()
  const { get, accessToken } = await serve(testAuth())
  expect((await get('/guarded', {})).status).toBe(200)
  const two = { authorization: [`Bearer ${accessToken}`, 'Bearer other'] }
  for (const path of ['/guarded', '/auth/me']) {
    const { status, text } = await get(path, two)
    expect([status, JSON.parse(text).code], path).toEqual([400, 'ambiguous_credentials'])
  }
})

it('BF-10 knows a route by the spelling that came, not by what Next makes of it', async () => {
  register()
  const { get } = await serve(testAuth())
  expect((await get('/auth/me', {})).status).toBe(200)
  for (const path of ['/auth/x/../me', '/auth/./me', '/auth\\me', '//auth/me'])
    expect((await get(path, {})).status, path).toBe(404)
})
