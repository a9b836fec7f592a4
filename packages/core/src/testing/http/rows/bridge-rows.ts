import { expectEqual, expectThat } from '../../stores/expectations.js'
import { eventually, expectStatus } from '../http-expectations.js'
import type { HttpSuite } from '../http-suite.js'
import { ConnectionClosed, openSocket, requestBytes } from '../raw-exchange.js'

/** How an adapter hands requests over and writes responses, shown by probes that `conformanceAuth` adds. */
export function bridgeRows(suite: HttpSuite): void {
  const { it, visitor, parsesBodies, timeoutMs } = suite

  async function counts(): Promise<Readonly<Record<string, number>>> {
    const { get } = await visitor()
    return (await get('~/probe/counts')).json() as Readonly<Record<string, number>> // The probe counts in numbers.
  }

  it('hands over method, target, headers and body as they came', async () => {
    const { send, withProxy } = await visitor()
    const headers = withProxy([
      ['X-Two', 'a'],
      ['x-two', 'b'],
      ['Content-Type', 'application/octet-stream'],
    ])
    const answer = await send({
      method: 'POST',
      target: '~/probe/echo?a=1&a=%20b%2F&__proto__=x',
      headers,
      body: Buffer.from([0, 1, 254, 255]),
    })
    const { method, origin, target, body, headers: seen } = answer.json()
    expectEqual([method, origin, body], ['POST', 'https://app.example.com', '\x00\x01\xfe\xff'], 'method, origin and body')
    expectThat(String(target).endsWith('/probe/echo?a=1&a=%20b%2F&__proto__=x'), 'the query is as it came')
    const two = (seen as [string, string][]).filter(([name]) => name === 'x-two') // As the probe promises.
    expectEqual(two, [['x-two', 'a, b']], 'both lines of a header')
  })

  it('AD-01 writes a response whole: status, both cookies, lists, where to go, and the body', async () => {
    const { get } = await visitor()
    const answer = await get('~/probe/answer/200')
    expectStatus(answer, 200, 'the status')
    expectEqual(answer.text, '{"probe":true}', 'the body')
    expectLines(answer.lines)
  })

  it('keeps the status of a response without a body, and its cookies', async () => {
    const { get, post, call } = await visitor()
    for (const status of [202, 204, 303, 302, 404]) {
      for (const answer of [await get(`~/probe/answer/${status}`), await post(`~/probe/answer/${status}`)]) {
        expectStatus(answer, status, 'a status without a body')
        expectEqual([answer.text, answer.isWhole], ['', true], `a ${status} has no body`)
        expectEqual(answer.all('content-type'), [], `a ${status} without a body has no type`)
        expectLines(answer.lines)
      }
      const head = await call('HEAD', `~/probe/answer/${status}`)
      expectEqual([head.status, head.text], [status, ''], `HEAD of a ${status}`)
    }
    const challenged = await get('~/probe/answer/401')
    expectStatus(challenged, 401, 'a 401')
    expectLines(challenged.lines)
  })

  it('tells the routes when the client goes away, in the middle of its body too', async () => {
    const { url, withProxy, basePath } = await visitor()
    const before = await counts()
    const requests = [
      requestBytes({ method: 'GET', target: `${basePath}/probe/wait`, headers: withProxy() }),
      requestBytes({
        method: 'POST',
        target: `${basePath}/probe/wait`,
        headers: withProxy([
          ['Content-Type', 'application/json'],
          ['Content-Length', '100'],
        ]),
        body: '{"half":',
      }),
    ]
    // A parser waits for the rest of a body itself.
    for (const [index, request] of requests.slice(0, parsesBodies ? 1 : 2).entries()) {
      const socket = openSocket(url)
      socket.write(request)
      const done = index + 1
      await eventually(
        async () => (await counts()).waiting === (before.waiting ?? 0) + done,
        timeoutMs,
        'the request has arrived',
      )
      socket.destroy()
      await eventually(
        async () => (await counts()).aborted === (before.aborted ?? 0) + done,
        timeoutMs,
        'the routes hear that the client has gone',
      )
    }
  })

  it('F-41 outlives clients that go away in the middle, and lets nobody wait for their slots', async () => {
    const { url, withProxy, basePath, email, password, post } = await visitor()
    await post('~/register', { email, password })
    const body = JSON.stringify({ email, password })
    const headers = withProxy([
      ['Content-Type', 'application/json'],
      ['Content-Length', String(body.length)],
    ])
    const head = requestBytes({ method: 'POST', target: `${basePath}/login`, headers })
    for (const sent of [
      head,
      Buffer.concat([head, Buffer.from(body.slice(0, 10))]),
      Buffer.concat([head, Buffer.from(body)]),
    ]) {
      for (let i = 0; i < 10; i++) {
        const socket = openSocket(url)
        await new Promise((resolve) => socket.write(sent, resolve))
        socket.destroy()
      }
    }
    await eventually(
      async () => (await post('~/login', { email, password })).status === 200,
      timeoutMs,
      'the right password still passes',
    )
  })

  it('asks a streamed response for no more than the client takes, and gives it up when the client goes', async () => {
    const { url, withProxy, basePath } = await visitor()
    const before = await counts()
    const socket = openSocket(url)
    const began = new Promise((resolve) => socket.once('data', resolve))
    socket.write(requestBytes({ method: 'GET', target: `${basePath}/probe/stream`, headers: withProxy() }))
    await began
    socket.pause()
    let last = -1
    const resting = async (): Promise<boolean> => {
      const { produced = 0 } = await counts()
      const rests = produced === last
      last = produced
      return rests
    }
    // Two looks in a row find the same; without back-pressure it would never come to rest.
    await eventually(
      async () => (await resting()) && (await resting()) && (await resting()),
      timeoutMs,
      'the stream comes to rest',
    )
    socket.destroy()
    await eventually(
      async () => (await counts()).cancelled === (before.cancelled ?? 0) + 1,
      timeoutMs,
      'the stream is given up',
    )
  })

  it('lets half an answer not look like a whole one', async () => {
    const { send, withProxy } = await visitor()
    const half = { method: 'GET', target: '~/probe/half', headers: withProxy() }
    const answer = await send(half).catch((error: unknown) => {
      if (error instanceof ConnectionClosed) return null
      throw error
    })
    expectThat(answer === null || !answer.isWhole || answer.status >= 500, 'an answer that fails midway is cut')
  })

  it('answers 500, which tells nothing, where the routes themselves fail', async () => {
    const { get } = await visitor()
    const answer = await get('~/probe/throw')
    expectEqual(answer.status, 500, 'a fault is 500')
    expectThat(!answer.text.includes('secret detail'), 'it tells nothing')
  })
}

function expectLines(lines: readonly (readonly [string, string])[]): void {
  const all = (name: string): readonly string[] => lines.flatMap(([each, value]) => (each === name ? [value] : []))
  expectEqual(
    [...all('set-cookie')].sort(),
    ['app=1; Path=/', 'one=1; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT; HttpOnly', 'two=2; Path=/; SameSite=Lax'],
    "both cookies, beside the app's, each on a line of its own",
  )
  expectEqual(all('location'), ['/elsewhere?from=here'], 'where to go')
  expectEqual(all('www-authenticate'), ['Bearer, Basic realm="probe"'], 'the challenge')
  expectEqual(all('cache-control'), ['no-store'], 'what caches may do')
  expectThat(all('vary').join(', ').includes('Cookie'), 'what the answer varies by')
}
