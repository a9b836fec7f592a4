import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { createVerifier, type Verifier } from '@auth/core/verify'
import { expect, it } from 'vitest'
import { listen } from '../src/testing/real-port.js'
import { type VirtualClock, virtualClock } from '../src/testing/virtual-clock.js'
import { testRing } from './support/keys.js'
import { audience, grant, outcomeOf, testNode } from './support/tokens.js'

interface Scene {
  readonly clock: VirtualClock
  readonly verifier: Verifier
  readonly problems: string[]
  /** What the issuer does from now on. */
  behave(as: RequestListener): void
  /** A new token that its keys would let through. */
  token(): Promise<string>
}

/** An issuer on a real port whose keys a verifier has read once. */
async function scene(): Promise<Scene> {
  const clock = virtualClock()
  let behaviour: RequestListener | null = null
  const { url } = await listen(async (req, res) => {
    if (behaviour) return behaviour(req, res)
    const document = req.url?.includes('well-known') ? { issuer: url, jwks_uri: `${url}/keys` } : await ring.jwks()
    res.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=300' }).end(JSON.stringify(document))
  })
  const ring = testRing({ clock })
  const { tokens } = testNode({ clock, ring, settings: { issuer: url } })
  const problems: string[] = []
  const logger = {
    warn: (details: object) => void problems.push(String(Reflect.get(details, 'err'))),
    error: () => undefined,
  }
  const verifier = createVerifier({ issuer: url, audience, clock, logger })
  await verifier.ready()
  return {
    clock,
    verifier,
    problems,
    behave: (as) => {
      behaviour = as
    },
    token: async () => (await tokens.issue(grant)).token,
  }
}

const json = { 'content-type': 'application/json' }

/** Each with what is told of it. */
const behaviours: readonly (readonly [string, RequestListener, RegExp])[] = [
  [
    'a redirect to another server',
    (_, res) => res.writeHead(302, { location: 'http://127.0.0.1:1/keys' }).end(),
    /answered 302/,
  ],
  [
    'a hundred megabytes',
    (_, res) => {
      res.writeHead(200, json)
      let sent = 0
      const write = (): void => {
        while (sent < 100 * 1024 * 1024 && !res.destroyed) {
          sent += 65_536
          if (!res.write('x'.repeat(65_536))) return void res.once('drain', write)
        }
        res.end()
      }
      write()
    },
    /more than 131072 bytes/,
  ],
  [
    'a hundred megabytes in a small parcel',
    (_, res) => res.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(100 * 1024 * 1024))),
    /more than 131072 bytes/,
  ],
  [
    'half an answer',
    (_, res) => void res.writeHead(200, { ...json, 'content-length': '900' }).write('{"keys":[', () => res.destroy()),
    /./,
  ],
  ['a page', (_, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), /no JSON/],
  ['a cut connection', (req) => req.socket.destroy(), /./],
]

it.each(behaviours)(
  'KM-04 A-26 %s costs a verifier nothing: the keys it has serve on, and it says so',
  async (_, behaviour, told) => {
    const { clock, verifier, problems, behave, token } = await scene()
    behave(behaviour)
    await clock.advance(300_000)
    // In the background at first; once nobody asked for long, before the answer.
    expect(await outcomeOf(verifier.verify(await token()))).toBe('ok')
    await expect.poll(() => problems, { timeout: 60_000 }).toEqual([expect.stringMatching(told)])
    await clock.advance(600_000)
    expect(await outcomeOf(verifier.verify(await token()))).toBe('ok')
  },
)

it.each([
  ['says nothing', () => undefined],
  [
    'lets its answer drip',
    (_, res) => {
      res.writeHead(200, json)
      const drip = setInterval(() => res.write(' '), 20)
      res.once('close', () => clearInterval(drip))
    },
  ],
] satisfies [string, RequestListener][])(
  'KM-04 an issuer that %s is waited for five seconds, by nobody who has keys',
  async (_, behaviour) => {
    const { clock, verifier, problems, behave, token } = await scene()
    let closed: Promise<unknown> | undefined
    const asked = new Promise<void>((resolve) =>
      behave((req, res) => {
        closed = new Promise((done) => res.once('close', done))
        resolve()
        behaviour(req, res)
      }),
    )
    await clock.advance(300_000)
    expect(await outcomeOf(verifier.verify(await token()))).toBe('ok')
    await asked
    await clock.advance(4999)
    expect(problems).toEqual([])
    await clock.advance(1)
    await expect.poll(() => problems, { timeout: 60_000 }).toEqual([expect.stringMatching(/did not answer within 5000 ms/)])
    // It hangs up, too.
    await closed
    expect(await outcomeOf(verifier.verify(await token()))).toBe('ok')
  },
)
