import { gzipSync } from 'node:zlib'
import { expectEqual } from '../../stores/expectations.js'
import { expectProblem, expectStatus } from '../http-expectations.js'
import type { HttpSuite } from '../http-suite.js'
import type { HeaderLine } from '../raw-exchange.js'
import { bearer } from '../visitor.js'

const json = { 'Content-Type': 'application/json' }
const limit = 65_536

/** What bodies an app takes, and how it refuses the others. */
export function bodyRows(suite: HttpSuite): void {
  const { it, visitor, parsesBodies } = suite

  it('takes an absent or empty body for an empty object, whatever its framing and without a type', async () => {
    const { send, withProxy } = await visitor()
    const framings: readonly (readonly HeaderLine[])[] = [
      [],
      [['Content-Length', '0']],
      [
        ['Content-Length', '0'],
        ['Content-Type', 'application/json'],
      ],
      [['Content-Type', 'application/json']],
    ]
    for (const framing of framings) {
      const answer = await send({ method: 'POST', target: '~/logout', headers: withProxy(framing) })
      expectStatus(answer, 204, 'an empty body is an empty object')
    }
    const inChunks: HeaderLine = ['Transfer-Encoding', 'chunked']
    const chunked = { method: 'POST', target: '~/logout', body: '0\r\n\r\n' }
    const typed = withProxy([inChunks, ['Content-Type', 'application/json']])
    expectStatus(await send({ ...chunked, headers: typed }), 204, 'an empty chunked body is an empty object')
    const untyped = { ...chunked, headers: withProxy([inChunks]) }
    expectStatus(await send(untyped), 204, 'an empty chunked body needs no type')
    const filled = await send({ ...untyped, body: '2\r\n{}\r\n0\r\n\r\n' })
    expectProblem(filled, '415 unsupported_media_type', 'one with something in it does')
    const login = await send({ method: 'POST', target: '~/login', headers: withProxy() })
    expectProblem(login, '422 validation_failed', 'an empty object lacks what a login needs')
  })

  it('reads a body that comes in chunks, and one whose parts come late', async () => {
    const { send, withProxy, email, password } = await visitor()
    const body = JSON.stringify({ email, password })
    const chunks = [body.slice(0, 5), body.slice(5)].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
    const headers = withProxy([['Transfer-Encoding', 'chunked'], ...Object.entries(json)])
    const answer = await send({ method: 'POST', target: '~/register', headers, body: `${chunks.join('')}0\r\n\r\n` })
    expectStatus(answer, 201, 'a chunked body is read')
  })

  it('AD-02 refuses what is no JSON object with 400', async () => {
    const { post } = await visitor()
    for (const body of [
      '{"email":',
      '[]',
      '"text"',
      '1',
      'null',
      'true',
      '{"a":1}{"b":2}',
      "{'a':1}",
      '\u0000',
      '{"a":NaN}',
    ]) {
      expectProblem(await post('~/login', body, json), '400 invalid_request', `${JSON.stringify(body)} is no JSON object`)
    }
    const broken = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])
    const status = (await post('~/login', broken, json)).status
    expectEqual(status === 400 || (parsesBodies && status === 422), true, 'broken UTF-8 is refused')
  })

  it('AD-02 refuses other media types with 415, and a media type that only begins like JSON', async () => {
    const { post } = await visitor()
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'application/json-patch+json',
      'text/json',
      'application',
      'x',
    ]
    for (const type of types) {
      const answer = await post('~/login', 'email=a&email=b&__proto__[polluted]=1', { 'Content-Type': type })
      // A parser may take more for JSON than is.
      if (parsesBodies && answer.status === 400) expectProblem(answer, '400 invalid_request', `${type} is not read`)
      else expectProblem(answer, '415 unsupported_media_type', `${type} is not JSON`)
    }
    const good = [
      'application/json',
      'APPLICATION/JSON',
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
    ]
    for (const type of good) {
      const answer = await post('~/login', '{}', { 'Content-Type': type })
      expectProblem(answer, '422 validation_failed', `${type} is JSON`)
    }
  })

  it('refuses a body without a type with 415', async () => {
    const { send, withProxy } = await visitor()
    const answer = await send({ method: 'POST', target: '~/login', headers: withProxy(), body: '{}' })
    expectProblem(answer, '415 unsupported_media_type', 'a body needs a type')
  })

  it('reads no compressed body, or the one that a parser has unpacked', async () => {
    const { post, email, password } = await visitor()
    const packed = gzipSync(JSON.stringify({ email, password }))
    const answer = await post('~/register', packed, { ...json, 'Content-Encoding': 'gzip' })
    if (parsesBodies) expectStatus(answer, 201, 'a parser has unpacked the body')
    else expectProblem(answer, '415 unsupported_media_type', 'a compressed body is not read')
    const unknown = await post('~/register', '{}', { ...json, 'Content-Encoding': 'x-unknown' })
    expectProblem(unknown, '415 unsupported_media_type', 'an unknown encoding is not read')
  })

  it('A-94 unpacks nothing that is larger than a body may be', async () => {
    const { post } = await visitor()
    const bomb = gzipSync(Buffer.alloc(20_000_000, 0x20))
    const answer = await post('~/login', bomb, { ...json, 'Content-Encoding': 'gzip' })
    expectProblem(answer, parsesBodies ? '413 body_too_large' : '415 unsupported_media_type', 'a bomb is refused')
  })

  it('AD-02 refuses a body over the limit with 413, announced or in chunks, and lets the client receive it', async () => {
    const { post, send, withProxy } = await visitor()
    const large = JSON.stringify({ email: 'x'.repeat(10_000_000) })
    // A connection that ends with the answer is reset where the rest of the body comes, which may overtake the answer.
    const goesOn = { ...json, Connection: 'keep-alive' }
    expectProblem(await post('~/login', large, goesOn), '413 body_too_large', '10 MB are too large')
    const headers = withProxy([['Transfer-Encoding', 'chunked'], ...Object.entries(goesOn)])
    const chunked = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`
    expectProblem(
      await send({ method: 'POST', target: '~/login', headers, body: chunked }),
      '413 body_too_large',
      '10 MB in chunks too',
    )
    const exact = (length: number): string => `{"email":"a@b.c","password":"${'x'.repeat(length - 31)}"}`
    expectProblem(
      await post('~/login', exact(limit + 1), json),
      '413 body_too_large',
      'one byte over the limit is too large',
    )
    expectProblem(await post('~/login', exact(limit), json), '422 validation_failed', 'the limit itself is not')
  })

  it('AD-03 refuses names of prototypes, changes no prototype, and takes the last of repeated members', async () => {
    const { post, email, password } = await visitor()
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const answer = await post('~/login', `{"email":"${email}","password":"${password}","${key}":{"polluted":1}}`, json)
      if (parsesBodies && answer.status === 400) expectProblem(answer, '400 invalid_request', `a parser refuses ${key}`)
      else expectProblem(answer, '422 validation_failed', `${key} is no field`)
    }
    const listed = await post('~/login', { email: [email, email], password })
    expectProblem(listed, '422 validation_failed', 'a list is no address')
    expectEqual(Reflect.get({}, 'polluted'), undefined, 'no prototype has changed')
  })

  it('refuses framing that two readers would read in two ways', async () => {
    const { send, withProxy } = await visitor()
    const games: readonly (readonly HeaderLine[])[] = [
      [
        ['Content-Length', '2'],
        ['Content-Length', '3'],
      ],
      [
        ['Content-Length', '2'],
        ['Transfer-Encoding', 'chunked'],
      ],
      [['Content-Length', '-1']],
      [['Content-Length', '2x']],
      [['Transfer-Encoding', 'chunked, identity']],
      [['Transfer-Encoding', 'xchunked']],
    ]
    for (const game of games) {
      const answer = await send({
        method: 'POST',
        target: '~/logout',
        headers: withProxy([...game, ...Object.entries(json)]),
        body: '{}',
      })
      expectEqual(answer.status, 400, `${JSON.stringify(game)} is refused`)
    }
  })

  it('refuses in the order of route, method, media type, size and shape', async () => {
    const { send, withProxy } = await visitor()
    const bad = { headers: withProxy([['Content-Type', 'text/plain']]), body: 'x'.repeat(limit + 1) }
    const large = { headers: withProxy([['Content-Type', 'application/json']]), body: 'x'.repeat(limit + 1) }
    expectProblem(await send({ method: 'POST', target: '~/nothing', ...bad }), '404 not_found', 'first the route')
    expectProblem(await send({ method: 'PUT', target: '~/login', ...bad }), '405 method_not_allowed', 'then the method')
    expectProblem(await send({ method: 'POST', target: '~/login', ...bad }), '415 unsupported_media_type', 'then the type')
    expectProblem(
      await send({ method: 'POST', target: '~/login', ...large }),
      parsesBodies ? '400 invalid_request' : '413 body_too_large',
      'then the size',
    )
    const bearerless = { headers: withProxy([['Content-Type', 'application/json']]), body: '{"x":1}' }
    expectProblem(
      await send({ method: 'POST', target: '~/logout-all', ...bearerless }),
      '422 validation_failed',
      'then the shape, before the credential',
    )
  })

  it('hands a parsed body to the handlers of the app, behind a guard', async () => {
    const { post, register } = await visitor()
    const { accessToken } = await register()
    const answer = await post('/app/orders', { item: 'a book' }, bearer(accessToken))
    expectStatus(answer, 200, 'a guarded route is reached')
    expectEqual(answer.json().body, { item: 'a book' }, 'its body is whole')
  })

  it('answers a guarded route on the head alone: the body of a refused request need not come', async () => {
    const { send, withProxy } = await visitor()
    const headers = withProxy([
      ['Content-Type', 'application/json'],
      ['Content-Length', '1000'],
    ])
    // Where a parser comes first, it waits.
    const body = parsesBodies ? JSON.stringify({ item: 'x'.repeat(989) }) : '{'
    const answer = await send({ method: 'POST', target: '/app/orders', headers, body })
    expectProblem(answer, '401 credentials_missing', 'a guard does not wait for the body')
  })
}
