import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { exchangeRaw, listen } from '../testing/real-port.js'
import { toRequest } from './to-request.js'

const { signal } = new AbortController()
const url = new URL('https://app.example.com/auth/login')

/** What becomes of a request whose stream `parse` may have read before, as a framework's body parser does. */
async function received<T>(
  init: RequestInit,
  look: (request: Request) => Promise<T> | T,
  parse: (req: IncomingMessage) => Promise<unknown> = async () => undefined,
): Promise<T> {
  let seen: T | undefined
  const server = await listen((req, res) => {
    void parse(req)
      .then(async (body) => {
        seen = await look(toRequest(req, { url, body, signal }))
      })
      .finally(() => res.end())
  })
  await (await fetch(server.url, init)).text()
  return seen as T // Set by the listener before it answered.
}

async function parsedAs(body: unknown, req: IncomingMessage): Promise<unknown> {
  for await (const _ of req);
  return body
}

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const text = (request: Request): Promise<string> => request.text()

describe('toRequest', () => {
  it('streams a body that nobody has read', async () => {
    const body = JSON.stringify({ text: 'é'.repeat(200_000) })
    expect(await received({ method: 'POST', headers: json, body }, text)).toBe(body)
  })

  it('has the configured origin and every header but no others', async () => {
    const seen = await received(
      { headers: { 'x-one': '1', cookie: 'a=1', origin: 'https://evil.com' } },
      (request) => request,
    )
    expect(seen.url).toBe('https://app.example.com/auth/login')
    expect([seen.headers.get('x-one'), seen.headers.get('cookie'), seen.headers.get('origin')]).toEqual([
      '1',
      'a=1',
      'https://evil.com',
    ])
  })

  it('joins repeated lines, so that a second credential stays visible', async () => {
    let authorization: string | null = null
    const { port } = await listen((req, res) => {
      authorization = toRequest(req, { url, signal }).headers.get('authorization')
      res.end()
    })
    await exchangeRaw(port, 'GET / HTTP/1.1', 'Host: a', 'Authorization: Bearer a', 'Authorization: Bearer b')
    expect(authorization).toBe('Bearer a, Bearer b')
  })

  it.each([
    ['JSON', json, { email: 'a@b.c', nested: { list: [1, null] } }, '{"email":"a@b.c","nested":{"list":[1,null]}}'],
    ['JSON that is no object', json, 7, '7'],
    ['JSON null', json, null, 'null'],
    ['an own __proto__ key', json, JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
    ['a form', form, { email: 'a+b@c.d', x: ' &=' }, 'email=a%2Bb%40c.d&x=+%26%3D'],
    ['a repeated field', form, { email: ['a', 'b'] }, 'email=a&email=b'],
    ['a nested field', form, { a: { b: { c: '1' } } }, 'a%5Bb%5D%5Bc%5D=1'],
    ['text', { 'content-type': 'text/plain' }, 'as it came', 'as it came'],
    ['bytes', { 'content-type': 'application/octet-stream' }, Buffer.from('as it came'), 'as it came'],
    ['another type', { 'content-type': 'multipart/form-data; boundary=x' }, { a: '1' }, '{"a":"1"}'],
  ])('AD-03 writes %s out again as it was', async (_, headers, parsed, expected) => {
    const init = { method: 'POST', headers, body: 'something that was read before' }
    expect(await received(init, text, (req) => parsedAs(parsed, req))).toBe(expected)
  })

  it('has a body that is no JSON where a parser took what is nested too deeply to be written', async () => {
    let nested: unknown[] = []
    for (let depth = 0; depth < 1_000_000; depth++) nested = [nested]
    const init = { method: 'POST', headers: json, body: 'something that was read before' }
    const body = await received(init, text, (req) => parsedAs(nested, req))
    expect(body).toBe('nested too deeply')
  })

  it('has no length or encoding left over from the body that was parsed', async () => {
    const headers = { ...json, 'content-encoding': 'gzip' }
    const names = await received(
      { method: 'POST', headers, body: 'compressed' },
      (request) => [...request.headers.keys()],
      (req) => parsedAs({ a: 1 }, req),
    )
    expect(names).toContain('content-type')
    expect(names.filter((name) => /^(content-length|content-encoding|transfer-encoding)$/.test(name))).toEqual([])
  })

  it('keeps an absent body absent where a parser left an empty object', async () => {
    const bodies = [undefined, ''].map((body) =>
      received(
        { method: 'POST', body: body ?? null },
        (request) => request.body,
        async () => ({}),
      ),
    )
    expect(await Promise.all(bodies)).toEqual([null, null])
  })

  it('reads the stream where a parser left something behind without reading it', async () => {
    expect(await received({ method: 'POST', headers: form, body: 'a=1' }, text, async () => ({}))).toBe('a=1')
  })

  it('reads on after a middleware asked for text', async () => {
    const seen = await received({ method: 'POST', body: 'é' }, text, async (req) => void req.setEncoding('utf8'))
    expect(seen).toBe('é')
  })

  it('gives GET and HEAD no body and carries methods that a Request cannot be made with', async () => {
    const seen: [string, boolean][] = []
    const { port } = await listen((req, res) => {
      const request = toRequest(req, { url, signal })
      seen.push([request.method, request.body === null])
      res.end()
    })
    const body = ['Host: a', 'Content-Length: 2'] as const
    for (const method of ['GET', 'HEAD', 'TRACE', 'PURGE', 'DELETE'])
      await exchangeRaw(port, `${method} / HTTP/1.1`, ...body)
    expect(seen).toEqual([
      ['GET', true],
      ['HEAD', true],
      ['TRACE', true],
      ['PURGE', false],
      ['DELETE', false],
    ])
  })
})
