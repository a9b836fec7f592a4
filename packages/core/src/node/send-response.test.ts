import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { Refusal } from '../http/index.js'
import { exchangeRaw, listen, openRaw, type RealServer } from '../testing/real-port.js'
import { sendRefusal, sendResponse } from './send-response.js'

function serving(response: () => Response, before: (res: ServerResponse) => void = () => undefined): Promise<RealServer> {
  return listen((_, res) => {
    before(res)
    void sendResponse(res, response())
  })
}

const refusal: Refusal = {
  status: 401,
  code: 'credentials_missing',
  headers: [
    ['content-type', 'application/problem+json'],
    ['www-authenticate', 'Bearer'],
  ],
  body: '{"code":"credentials_missing"}',
}

describe('sendResponse', () => {
  it('writes status, headers and body', async () => {
    const { url } = await serving(() => Response.json({ a: 1 }, { status: 201, headers: { 'x-one': '1' } }))
    const answer = await fetch(url)
    expect([answer.status, answer.headers.get('x-one'), await answer.json()]).toEqual([201, '1', { a: 1 }])
  })

  it('SE-04 keeps every Set-Cookie, and those that were set before', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1; Path=/'],
      ['set-cookie', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT'],
    ])
    const { url } = await serving(
      () => new Response(null, { status: 204, headers }),
      (res) => res.setHeader('set-cookie', 'before=1'),
    )
    expect((await fetch(url)).headers.getSetCookie()).toEqual([
      'before=1',
      'a=1; Path=/',
      'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT',
    ])
  })

  it('keeps headers that others set, as of CORS', async () => {
    const { url } = await serving(
      () => new Response('', { headers: { vary: 'Cookie' } }),
      (res) => res.setHeader('vary', 'Origin').setHeader('access-control-allow-origin', 'https://a.b'),
    )
    const { headers } = await fetch(url)
    expect([headers.get('vary'), headers.get('access-control-allow-origin')]).toEqual(['Origin, Cookie', 'https://a.b'])
  })

  it('sends no body for HEAD', async () => {
    const { port } = await serving(() => new Response('body'))
    expect(await exchangeRaw(port, 'HEAD / HTTP/1.1', 'Host: a')).toMatch(/^HTTP\/1.1 200 OK[\s\S]*\r\n\r\n$/)
  })

  it('asks a stream for no more than the client takes', async () => {
    const chunk = new Uint8Array(65_536)
    let made = 0
    const pull = (stream: ReadableStreamDefaultController<Uint8Array>): void => {
      made++
      stream.enqueue(chunk)
    }
    const { port } = await serving(() => new Response(new ReadableStream({ pull })))
    const { socket, until } = openRaw(port)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(/\r\n\r\n/)
    socket.pause()
    let before = -1
    while (made !== before) {
      before = made
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    // What lies in the buffers of the two sockets; without back-pressure it would never come to rest.
    expect(made).toBeLessThan(1000)
  })

  it('cancels a stream whose client has gone', async () => {
    let cancel: () => void = () => undefined
    const cancelled = new Promise<void>((resolve) => (cancel = resolve))
    const { port } = await serving(
      () =>
        new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)), cancel: () => cancel() })),
    )
    const { socket, until } = openRaw(port)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(/\r\n\r\n/)
    socket.destroy()
    await cancelled
  })

  it('ends the connection where a stream fails, so that half an answer does not look whole', async () => {
    const parts = [new Uint8Array([65])]
    const pull = (stream: ReadableStreamDefaultController<Uint8Array>): void => {
      const part = parts.pop()
      if (part) stream.enqueue(part)
      else stream.error(new Error('broken'))
    }
    const { url } = await serving(() => new Response(new ReadableStream({ pull })))
    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow()
  })

  it('writes nothing where an answer has begun or the client is gone, and lets go of the stream', async () => {
    const outcomes: unknown[] = []
    const { port } = await listen(async (_, res) => {
      res.write('first')
      const stream = new ReadableStream({ cancel: () => void outcomes.push('cancelled') })
      await sendResponse(res, new Response(stream, { status: 500 }))
      res.end()
    })
    expect(await exchangeRaw(port, 'GET / HTTP/1.1', 'Host: a')).toMatch(/^HTTP\/1.1 200 OK[\s\S]*first/)
    expect(outcomes).toEqual(['cancelled'])
  })
})

describe('sendRefusal', () => {
  it('RS-02 writes the problem, its challenge beside others that were set before', async () => {
    const { url } = await listen((_, res) => {
      res.setHeader('www-authenticate', 'Basic realm="x"')
      sendRefusal(res, refusal)
    })
    const answer = await fetch(url)
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('www-authenticate')]).toEqual([
      401,
      'application/problem+json',
      'Basic realm="x", Bearer',
    ])
    expect([answer.headers.get('content-length'), await answer.text()]).toEqual([String(refusal.body.length), refusal.body])
  })

  it('does nothing where an answer has begun', async () => {
    const { url } = await listen((_, res) => {
      res.write('first')
      sendRefusal(res, refusal)
      res.end('last')
    })
    expect(await (await fetch(url)).text()).toBe('firstlast')
  })
})
