import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { answerRequest, requestUrl, sendRefusal } from '@auth/core/node'
import { type Parts, startPlain } from '../support/conformance-server.js'
import { type BrokenAdapter, wrong } from './broken-adapter.js'

async function readAll(req: IncomingMessage, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of req) {
    chunks.push(chunk as Buffer) // No encoding was set.
    length += chunks.at(-1)?.length ?? 0
    if (length > limit) throw new Error('too large')
  }
  return Buffer.concat(chunks)
}

/** An adapter that makes the body itself, and hands it over as parsed. */
function parsing(make: (req: IncomingMessage) => Promise<unknown>): (parts: Parts) => Partial<Parts> {
  return ({ auth, fail }) => ({
    routes(req, res) {
      const url = requestUrl(req.url ?? '', 'https://app.example.com')
      if (!url) return
      make(req)
        .then((body) => answerRequest(auth, req, res, { url, ip: req.socket.remoteAddress, body }))
        .catch((error: unknown) => fail(res, error))
    },
  })
}

/** Flaws in what is done with bodies. */
export const brokenBodies: readonly BrokenAdapter[] = [
  wrong(
    'waits for a body that a parser has read',
    [
      'signs up with tokens in the body, kept from caches',
      'reads a body that comes in chunks, and one whose parts come late',
    ],
    parsing(async (req) => {
      await readAll(req)
      await once(req, 'end')
    }),
  ),
  wrong(
    'wants JSON where there is no body',
    ['takes an absent or empty body for an empty object, whatever its framing and without a type'],
    parsing(async (req) => (req.method === 'POST' ? (JSON.parse((await readAll(req)).toString()) as unknown) : undefined)),
  ),
  wrong(
    'fails over broken JSON',
    ['AD-02 refuses what is no JSON object with 400'],
    parsing(async (req) => {
      const text = (await readAll(req)).toString()
      return text === '' ? undefined : (JSON.parse(text) as unknown)
    }),
  ),
  wrong(
    'takes whatever comes for JSON',
    [
      'AD-02 refuses other media types with 415, and a media type that only begins like JSON',
      'refuses a body without a type with 415',
      'refuses in the order of route, method, media type, size and shape',
    ],
    ({ before }) => ({
      before(req, res) {
        if (req.method === 'POST' || req.method === 'PUT') {
          for (let i = req.rawHeaders.length - 2; i >= 0; i -= 2)
            if (req.rawHeaders[i]?.toLowerCase() === 'content-type') req.rawHeaders.splice(i, 2)
          req.rawHeaders.push('content-type', 'application/json')
        }
        return before(req, res)
      },
    }),
  ),
  wrong(
    'unpacks compressed bodies, however large',
    [
      'reads no compressed body, or the one that a parser has unpacked',
      'A-94 unpacks nothing that is larger than a body may be',
    ],
    parsing(async (req) => {
      const bytes = await readAll(req)
      return bytes.length > 0 ? gunzipIfPacked(bytes) : undefined
    }),
  ),
  wrong(
    'ends the connection at a body that is too large',
    ['AD-02 refuses a body over the limit with 413, announced or in chunks, and lets the client receive it'],
    parsing(async (req) => {
      try {
        return await readAll(req, 65_536)
      } catch (error) {
        req.destroy()
        throw error
      }
    }),
  ),
  wrong(
    'reads bodies of any size',
    ['AD-02 refuses a body over the limit with 413, announced or in chunks, and lets the client receive it'],
    ({ auth, fail }) => ({
      routes(req, res) {
        readAll(req)
          .then(async (bytes) => {
            const headers = new Headers(
              Object.entries(req.headers).map(([name, value]): [string, string] => [name, String(value)]),
            )
            const body = bytes.length > 65_536 ? '{}' : bytes
            headers.delete('content-length')
            const init = { method: req.method ?? 'GET', headers, ...(bytes.length > 0 ? { body: body as BodyInit } : {}) }
            const answer = await auth.handler(new Request(`https://app.example.com${req.url}`, init), {
              ip: req.socket.remoteAddress,
            })
            answer.headers.forEach((value, name) => {
              res.appendHeader(name, value)
            })
            res.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()))
          })
          .catch((error: unknown) => fail(res, error))
      },
    }),
  ),
  wrong(
    'merges what it reads into an object of its own',
    ['AD-03 refuses names of prototypes, changes no prototype, and takes the last of repeated members'],
    parsing(async (req) => {
      const text = (await readAll(req)).toString()
      if (!text.startsWith('{')) return text
      return JSON.stringify(JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value)))
    }),
  ),
  {
    flaw: 'makes the best of broken framing',
    breaks: ['refuses framing that two readers would read in two ways'],
    start: (settings) =>
      startPlain(settings, undefined, undefined, (server) => {
        server.on('clientError', (_error, socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'))
      }),
  },
  wrong('gives handlers no body', ['hands a parsed body to the handlers of the app, behind a guard'], ({ before }) => ({
    before(req, res) {
      if (req.url?.startsWith('/app/')) req.resume()
      return before(req, res)
    },
  })),
  wrong(
    'reads the body before it looks at the credential',
    ['answers a guarded route on the head alone: the body of a refused request need not come'],
    () => ({
      refuse(res, refusal, req) {
        readAll(req).then(
          () => sendRefusal(res, refusal),
          () => undefined,
        )
        return false
      },
    }),
  ),
]

function gunzipIfPacked(bytes: Buffer): Buffer {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
}
