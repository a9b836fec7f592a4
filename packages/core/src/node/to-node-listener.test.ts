import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Refusal } from '../http/index.js'
import { exchangeRaw, listen, openRaw } from '../testing/real-port.js'
import { type NodeAuth, toNodeListener } from './to-node-listener.js'

const limit = 65_536

/** Reads a body up to a limit, as the SDK's routes do. */
async function readUpToLimit(request: Request): Promise<number> {
  const reader = request.body?.getReader()
  let length = 0
  while (reader) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > limit) {
      await reader.cancel()
      return -1
    }
  }
  return length
}

function authOf(handler: NodeAuth['handler']): NodeAuth {
  return {
    issuer: 'https://app.example.com/tenant',
    handler,
    refuse: (error): Refusal => ({ status: 404, code: 'not_found', headers: [], body: (error as Error).message }),
  }
}

const sizing = authOf(async (request) => {
  try {
    const length = await readUpToLimit(request)
    return new Response(String(length), { status: length < 0 ? 413 : 200 })
  } catch {
    return new Response('unreadable', { status: 400 })
  }
})

describe('toNodeListener', () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  beforeEach(() => void process.on('unhandledRejection', note).on('uncaughtException', note))
  afterEach(async () => {
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note).off('uncaughtException', note)
    expect(unhandled.splice(0)).toEqual([])
  })

  it('takes the origin from the issuer, whatever Host and proxy headers say', async () => {
    const { port } = await listen(
      toNodeListener(authOf(async (request, context) => Response.json([request.url, context?.ip]))),
    )
    const answer = await exchangeRaw(
      port,
      'GET /auth/me?x=1 HTTP/1.1',
      'Host: evil.com',
      'X-Forwarded-Host: evil.com',
      'X-Forwarded-Proto: http',
      'X-Forwarded-For: 6.6.6.6',
    )
    expect(answer).toContain('["https://app.example.com/auth/me?x=1","127.0.0.1"]')
  })

  it('AD-04 answers 404 to a target that a URL would change', async () => {
    const { port } = await listen(toNodeListener(sizing))
    for (const target of ['*', '/x/../auth/login', '/auth\\login']) {
      expect(await exchangeRaw(port, `OPTIONS ${target} HTTP/1.1`, 'Host: a')).toMatch(/^HTTP\/1.1 404 /)
    }
  })

  it('AD-02 lets the client receive the refusal of a body that is too large, announced or chunked', async () => {
    const { url } = await listen(toNodeListener(sizing))
    const large = new Uint8Array(10_000_000)
    const announced = await fetch(url, { method: 'POST', body: large })
    expect([announced.status, await announced.text()]).toEqual([413, '-1'])
    const chunked = await fetch(url, { method: 'POST', body: new Blob([large]).stream(), duplex: 'half' } as RequestInit)
    expect([chunked.status, await chunked.text()]).toEqual([413, '-1'])
  })

  it('answers a client in the middle of its body, and ends the connection where the rest takes too long', async () => {
    const { port } = await listen(toNodeListener(sizing))
    const { socket, until, closed } = openRaw(port)
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n${'x'.repeat(2 * limit)}`)
    const started = performance.now()
    await until(/0\r\n\r\n$/)
    // Before the server ends the connection.
    expect(performance.now() - started).toBeLessThan(5000)
    // Each byte puts off Node's own time limit for idle connections.
    const drip = setInterval(() => socket.write('x'), 500)
    await closed.finally(() => clearInterval(drip))
  })

  it('goes on with the connection where the rest of a large body does come', async () => {
    const { port } = await listen(toNodeListener(sizing))
    const { socket, until } = openRaw(port)
    const length = 4 * limit
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(2 * limit)}`)
    await until(/413 [\s\S]*0\r\n\r\n$/)
    socket.write('x'.repeat(length - 2 * limit))
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc')
    expect(await until(/413 [\s\S]*200 OK[\s\S]*0\r\n\r\n$/)).toContain('\r\n3\r\n')
  })

  it('aborts the signal when the client goes away, in the middle of a body too, and nothing is left unhandled', async () => {
    for (const sent of [
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf',
    ]) {
      let arrived: () => void = () => undefined
      const arrival = new Promise<void>((resolve) => (arrived = resolve))
      const outcome = new Promise<unknown>((resolve, reject) => {
        const handler = async (request: Request): Promise<Response> => {
          const read = readUpToLimit(request).catch(() => 'unreadable')
          arrived()
          await once(request.signal, 'abort')
          resolve([request.signal.aborted, await read])
          return new Response('too late')
        }
        listen(toNodeListener(authOf(handler))).then(({ port }) => {
          const { socket } = openRaw(port)
          socket.write(sent)
          void arrival.then(() => socket.destroy())
        }, reject)
      })
      expect(await outcome).toEqual([true, sent.startsWith('GET') ? 0 : 'unreadable'])
    }
  })

  it('does not abort the signal of a request that was answered', async () => {
    let signal: AbortSignal | undefined
    const { url } = await listen(
      toNodeListener(
        authOf(async (request) => {
          signal = request.signal
          return new Response('done')
        }),
      ),
    )
    const answer = await fetch(url, { headers: { connection: 'close' } })
    await answer.text()
    expect(signal?.aborted).toBe(false)
  })

  it('leaves to Node what no handler should see: control characters in a target, 64 KB of headers', async () => {
    const { port } = await listen(toNodeListener(sizing))
    expect(await exchangeRaw(port, 'GET /\u0000 HTTP/1.1', 'Host: a')).toMatch(/^HTTP\/1.1 400 /)
    expect(await exchangeRaw(port, 'GET / HTTP/1.1', 'Host: a', `X: ${'x'.repeat(64 * 1024)}`)).toMatch(/^HTTP\/1.1 431 /)
  })

  it('answers where the bridge itself fails', async () => {
    const { url } = await listen(toNodeListener(authOf(() => Promise.reject(new Error('a handler never rejects')))))
    expect((await fetch(url)).status).toBe(404)
  })
})
