import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { type AuditEvent, createAuditRecorder, verifyWebhook, type WebhookSinkOptions, webhookSink } from './index.js'

const bytes = randomBytes(32)
const secret = `whsec_${bytes.toString('base64')}`
const start = new Date('2026-01-01T00:00:00Z')
const timeoutMs = 10_000

interface Received {
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly url: string | undefined
}

const servers: Server[] = []

function only(received: readonly Received[]): Received {
  const [first, ...more] = received
  if (!first || more.length > 0) throw new Error(`${received.length} messages`)
  return first
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** A receiver on a port of its own. What it answers is `answer`'s to say; 200 unless told otherwise. */
async function receiver(answer: RequestListener = (_, res) => void res.end()) {
  const received: Received[] = []
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    received.push({ headers: req.headers, body, url: req.url })
    answer(req, res)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { received, url: `http://127.0.0.1:${port}/hook?key=in-the-url` }
}

/** A clock on which every delay is over at once, and a try runs out of time only when it is told to. */
function eagerClock() {
  let nowMs = 0
  const delays: number[] = []
  let expire = (): void => undefined
  const clock: Clock = {
    now: () => new Date(start.getTime() + nowMs),
    monotonicMs: () => nowMs,
    wait(ms) {
      if (ms === timeoutMs) return new Promise((resolve) => (expire = resolve))
      delays.push(ms)
      nowMs += ms
      return Promise.resolve()
    },
  }
  return { clock, delays, expire: () => expire() }
}

const event = (id: string): AuditEvent => {
  return { id, type: 'login', at: start, outcome: 'success', actor: 'ada', subject: 'ada', sessionId: 's' }
}
const sinkTo = (url: string, options: Partial<WebhookSinkOptions> = {}) => webhookSink({ url, secret, ...options })
const answering =
  (...statuses: readonly number[]): RequestListener =>
  (_, res) =>
    void res.writeHead(statuses.length > 1 ? ((statuses as number[]).shift() ?? 0) : (statuses[0] ?? 0)).end()

describe('webhookSink', () => {
  it('signs what it sends as Standard Webhooks says, for receivers that check it without us', async () => {
    const { received, url } = await receiver()
    const { clock } = eagerClock()
    await sinkTo(url, { clock }).write(event('e1'))
    const { headers, body } = only(received)
    expect(headers['content-type']).toBe('application/json')
    expect(headers['webhook-id']).toMatch(/^msg_[0-9a-f-]{36}$/)
    expect(headers['webhook-timestamp']).toBe(String(start.getTime() / 1000))
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', bytes).update(signed).digest('base64')}`)
    const events = [{ ...event('e1'), at: start.toISOString() }]
    expect(JSON.parse(body)).toEqual({ type: 'audit.events', timestamp: start.toISOString(), data: { events } })
  })

  it('sends what comes meanwhile together, in order, a hundred at most', async () => {
    const { received, url } = await receiver()
    const sink = sinkTo(url, { clock: eagerClock().clock })
    const ids = Array.from({ length: 250 }, (_, index) => `e${index}`)
    await Promise.all(ids.map((id) => sink.write(event(id))))
    const batches = received.map(({ body }) => (JSON.parse(body).data.events as AuditEvent[]).map(({ id }) => id))
    expect(batches.map(({ length }) => length)).toEqual([1, 100, 100, 49])
    expect(batches.flat()).toEqual(ids)
  })

  it('tries again under the same id with a new signature, waits longer each time, and hears when to come back', async () => {
    const { received, url } = await receiver((_, res) => {
      const tries = received.length
      if (tries < 4) return void res.writeHead(500).end()
      if (tries === 4) return void res.writeHead(429, { 'retry-after': '30' }).end()
      res.writeHead(204).end()
    })
    const { clock, delays } = eagerClock()
    await sinkTo(url, { clock }).write(event('e1'))
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    for (const { headers, body } of received)
      await verifyWebhook({ headers, body, secret, now: clock.now(), toleranceSeconds: 60 })
    expect(new Set(received.map(({ headers }) => headers['webhook-signature'])).size).toBeGreaterThan(1)
    expect(delays.map((ms, tries) => ms >= 500 * 2 ** tries && ms <= Math.max(30_000, 1000 * 2 ** tries))).toEqual(
      delays.map(() => true),
    )
    expect(delays[3]).toBe(30_000)
  })

  it('gives up after its time, tells of it once for each message, and goes on with the next', async () => {
    let isAway = true
    const { received, url } = await receiver((_, res) => void res.writeHead(isAway ? 503 : 200).end())
    const { clock } = eagerClock()
    const sink = sinkTo(url, { clock, giveUpAfter: '1m' })
    const outcomes = await Promise.allSettled(['e1', 'e2', 'e3'].map((id) => sink.write(event(id))))
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))
    // The first went alone, the two that came meanwhile together.
    expect(errors).toHaveLength(2)
    expect(errors[0]).toMatch(
      /^StoreError: the webhook at http:\/\/127\.0\.0\.1:\d+ answered 503; given up after \d+ tries$/,
    )
    expect(errors.join()).not.toContain('in-the-url')
    expect(received.length).toBeLessThan(30)
    isAway = false
    await sink.write(event('e4'))
    expect(received.at(-1)?.body).toContain('"e4"')
  })

  it.each([400, 410, 413, 415, 422])('gives up at once where a repetition would get %i again', async (status) => {
    const { received, url } = await receiver(answering(status))
    await expect(sinkTo(url, { clock: eagerClock().clock }).write(event('e1'))).rejects.toThrow(`answered ${status}`)
    expect(received).toHaveLength(1)
  })

  it('never follows a redirect: what is signed for one place goes to no other', async () => {
    const elsewhere = await receiver()
    for (const status of [301, 302, 303, 307, 308]) {
      const { received, url } = await receiver((_, res) => void res.writeHead(status, { location: elsewhere.url }).end())
      await expect(sinkTo(url, { clock: eagerClock().clock, giveUpAfter: 1 }).write(event('e1'))).rejects.toThrow(
        `answered ${status}`,
      )
      expect(received.length).toBeGreaterThan(0)
    }
    expect(elsewhere.received).toEqual([])
  })

  it('does not read what a receiver answers, however long it is', async () => {
    let written = 0
    const { url } = await receiver((_, res) => {
      const chunk = Buffer.alloc(65_536)
      const pump = (): void => {
        while (!res.destroyed && written < 50_000_000) {
          written += chunk.length
          if (!res.write(chunk)) return void res.once('drain', pump)
        }
        res.end()
      }
      res.on('error', () => undefined)
      pump()
    })
    await sinkTo(url, { clock: eagerClock().clock }).write(event('e1'))
    expect(written).toBeLessThan(20_000_000)
  })

  it('F-06 waits for no receiver longer than its time-out, and comes back', async () => {
    const { received, url } = await receiver((_, res) => void (received.length > 1 && res.end()))
    const { clock, expire } = eagerClock()
    const written = sinkTo(url, { clock }).write(event('e1'))
    while (received.length === 0) await new Promise((resolve) => setImmediate(resolve))
    expire()
    await written
    expect(received).toHaveLength(2)
  })

  it('F-06 outlives a receiver that is not there, and one that hangs up', async () => {
    const { url } = await receiver((req) => void req.socket.destroy())
    for (const place of [url, 'http://127.0.0.1:1/']) {
      const sink = sinkTo(place, { clock: eagerClock().clock, giveUpAfter: 5 })
      await expect(sink.write(event('e1'))).rejects.toThrow(/could not be reached in time; given up after [3-5] tries$/)
    }
  })

  it('ER-03 behind the recorder holds up nobody, and holds ten thousand events at most', async () => {
    const errors: string[] = []
    const fetch = (): Promise<Response> => new Promise(() => undefined)
    const sink = webhookSink({ url: 'https://away.example', secret, fetch, clock: eagerClock().clock })
    const onSinkError = (error: unknown): void => void errors.push(String(error))
    const audit = createAuditRecorder({ clock: eagerClock().clock, sinks: [sink], onSinkError })
    for (let i = 0; i < 10_500; i++) await audit.record({ type: 'login', outcome: 'success', actor: 'ada', subject: 'ada' })
    expect(errors).toEqual(['StoreError: audit sink 0 is behind and misses events: 1 so far'])
  })

  it('flushes: what was written has been delivered, or given up', async () => {
    const { received, url } = await receiver()
    const sink = sinkTo(url)
    for (const id of ['e1', 'e2', 'e3']) void sink.write(event(id))
    await sink.flush()
    expect(received.flatMap(({ body }) => JSON.parse(body).data.events as AuditEvent[]).map(({ id }) => id)).toEqual([
      'e1',
      'e2',
      'e3',
    ])
    await sink.flush()
  })

  it('takes https, http on the machine itself, and secrets of 24 to 64 bytes; repeats none of them', async () => {
    const good = 'https://siem.example.com/hook'
    for (const url of [good, 'http://localhost:3000', 'http://[::1]:3000/x', 'http://127.0.0.1/']) sinkTo(url)
    const bad: Partial<WebhookSinkOptions>[] = [
      { url: 'http://siem.example.com' },
      { url: 'https://user:hunter2@siem.example.com' },
      { url: 'ftp://siem.example.com' },
      { url: 'siem' },
      { url: 'http://localhost.example.com' },
      { secret: 'hunter2' },
      { secret: `whsec_${randomBytes(23).toString('base64')}` },
      { secret: `whsec_${randomBytes(65).toString('base64')}` },
      { secret: [] },
      { secret: [secret, 'hunter2'] },
      { timeout: '2h' },
      { giveUpAfter: 0 },
    ]
    for (const options of bad) {
      expect(() => sinkTo(good, options), inspect(options)).toThrow(ConfigError)
      expect(() => sinkTo(good, options)).not.toThrow('hunter2')
    }
    expect(inspect(sinkTo(good), { depth: 9, showHidden: true })).not.toContain(secret.slice(6))
  })
})

describe('verifyWebhook', () => {
  async function message(options: Partial<WebhookSinkOptions> = {}) {
    const { received, url } = await receiver()
    await sinkTo(url, { clock: eagerClock().clock, ...options }).write(event('e1'))
    const { headers, body } = only(received)
    return { headers, body, secret, now: start }
  }

  it('gives the events of a genuine message, from headers of any kind', async () => {
    const received = await message()
    const headers = new Headers(Object.entries(received.headers).map(([name, value]) => [name, String(value)]))
    for (const each of [received, { ...received, headers }]) {
      const { id, sentAt, events } = await verifyWebhook(each)
      expect([id, sentAt, events]).toEqual([received.headers['webhook-id'], start, [event('e1')]])
    }
  })

  it('goes on while a secret is replaced, in either order', async () => {
    const next = `whsec_${randomBytes(24).toString('base64')}`
    const both = await message({ secret: [next, secret] })
    for (const known of [secret, next, [secret, next]])
      expect((await verifyWebhook({ ...both, secret: known })).events).toHaveLength(1)
    const old = await message()
    expect((await verifyWebhook({ ...old, secret: [next, secret] })).events).toHaveLength(1)
    await expect(verifyWebhook({ ...old, secret: next })).rejects.toThrow('signature_invalid')
  })

  it('refuses what was changed, is too old or from the future, lacks a header, or is none of ours', async () => {
    const received = await message()
    const { headers, body } = received
    const changed = (name: string, value: string | string[] | undefined) => ({
      ...received,
      headers: { ...headers, [name]: value },
    })
    const seconds = start.getTime() / 1000
    const cases: [string, Parameters<typeof verifyWebhook>[0]][] = [
      ['signature_invalid', { ...received, body: body.replace('ada', 'eve') }],
      ['signature_invalid', { ...received, body: `${body} ` }],
      ['signature_invalid', changed('webhook-id', 'msg_other')],
      ['signature_invalid', changed('webhook-timestamp', String(seconds + 1))],
      ['signature_invalid', changed('webhook-signature', 'v1,AAAA v1, v2,x v1,%%%')],
      ['signature_invalid', changed('webhook-signature', String(headers['webhook-signature']).replace('v1,', 'v1a,'))],
      ['timestamp_outside_tolerance', { ...received, now: new Date(start.getTime() + 301_000) }],
      ['timestamp_outside_tolerance', { ...received, now: new Date(start.getTime() - 301_000) }],
      ['timestamp_outside_tolerance', { ...received, toleranceSeconds: Number.NaN }],
      ...['', 'x', '-1', '1e9', ' 1', '9'.repeat(13)].map((text): (typeof cases)[number] => [
        text === '' ? 'headers_missing' : 'timestamp_outside_tolerance',
        changed('webhook-timestamp', text),
      ]),
      ['headers_missing', changed('webhook-signature', undefined)],
      ['headers_missing', changed('webhook-id', ['a', 'b'])],
      ['headers_missing', changed('webhook-signature', `v1,${'x'.repeat(5000)}`)],
    ]
    for (const [problem, given] of cases)
      await expect(verifyWebhook(given)).rejects.toMatchObject({ name: 'WebhookError', problem })
    expect((await verifyWebhook({ ...received, now: new Date(start.getTime() + 300_000) })).events).toHaveLength(1)
  })

  it('refuses a genuine message of another kind', async () => {
    for (const body of ['[]', 'null', '{}', '{"type":"audit.events","data":{}}', 'x', '']) {
      const id = 'msg_1'
      const signature = createHmac('sha256', bytes)
        .update(`${id}.${start.getTime() / 1000}.${body}`)
        .digest('base64')
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': String(start.getTime() / 1000),
        'webhook-signature': `v1,${signature}`,
      }
      await expect(verifyWebhook({ body, headers, secret, now: start })).rejects.toMatchObject({ problem: 'body_unknown' })
    }
  })
})
