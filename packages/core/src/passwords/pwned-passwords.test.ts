import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'
import { listen } from '../testing/real-port.js'
import { virtualClock } from '../testing/virtual-clock.js'
import { createBreachCheck } from './breach-check.js'
import { pwnedPasswords } from './pwned-passwords.js'

const password = 'correct horse battery staple'
const hash = createHash('sha1').update(password).digest('hex').toUpperCase()
const line = `${hash.slice(5)}:42`

/** A list at a port of its own, and what was asked of it. */
async function listed(answer: RequestListener, base = '') {
  const asked: IncomingMessage[] = []
  const { url } = await listen((req, res) => {
    asked.push(req)
    answer(req, res)
  })
  const causes: unknown[] = []
  const checker = pwnedPasswords({ baseUrl: url + base })
  const check = createBreachCheck({ checker, clock: virtualClock(), onUnavailable: (cause) => causes.push(cause) })
  return { asked, causes, isBreached: () => check(password) }
}

describe('pwnedPasswords', () => {
  it('PW-07 asks for a range of five characters, padded, and nothing else of the password', async () => {
    const { asked, isBreached } = await listed((_, res) => void res.end(`${'0'.repeat(35)}:0\r\n${line}`), '/mirror')
    expect(await isBreached()).toBe(true)
    const [{ method, url, headers } = {} as IncomingMessage] = asked
    expect([method, url]).toEqual(['GET', `/mirror/range/${hash.slice(0, 5)}`])
    expect(headers).toMatchObject({ 'add-padding': 'true', 'user-agent': 'auth-sdk' })
    expect(JSON.stringify(headers)).not.toContain(hash.slice(5))
  })

  it.each<[string, RequestListener]>([
    ['503', (_, res) => void res.writeHead(503).end(line)],
    ['429', (_, res) => void res.writeHead(429).end(line)],
    ['a page', (_, res) => void res.end('<html>')],
    ['bytes that are no text', (_, res) => void res.end(Buffer.from([0xff, 0xfe]))],
    ['more than a mebibyte', (_, res) => void res.end(`${line}\n`.repeat(30_000))],
    ['nothing, and closes', (req) => void req.socket.destroy()],
  ])('PW-07 tells the check that the list is away where it answers %s', async (_, answer) => {
    const { causes, isBreached } = await listed(answer)
    expect(await isBreached()).toBe(false)
    expect(causes).toHaveLength(1)
    expect(String(causes[0])).not.toContain(hash.slice(5))
  })

  it('PW-07 follows no redirect', async () => {
    const redirect: RequestListener = (_, res) => void res.writeHead(302, { location: '/range/00000' }).end(line)
    const { asked, causes, isBreached } = await listed(redirect)
    expect(await isBreached()).toBe(false)
    expect(causes).toHaveLength(1)
    expect(asked).toHaveLength(1)
  })

  it.each(['http://api.example.com', 'ftp://api.example.com', 'api.example.com'])('refuses to ask %s', (baseUrl) => {
    expect(() => pwnedPasswords({ baseUrl })).toThrow('https')
  })
})
