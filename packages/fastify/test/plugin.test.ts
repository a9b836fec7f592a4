import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { createGunzip, gzipSync } from 'node:zlib'
import { AuthError, StoreError } from '@auth/core'
import { guardMarkOf } from '@auth/core/node'
import { fastifyAuth, getAuth, peekAuth } from '@auth/fastify'
import cors from '@fastify/cors'
import { describe, expect, it } from 'vitest'
import { openRaw } from '../../core/src/testing/real-port.js'
import { registerAt, testApp, testAuth } from './support.js'

const register = { email: 'ada@example.com', password: 'a long enough passphrase' }

describe('fastifyAuth', () => {
  it('serves the base path and the root documents, also to inject', async () => {
    const app = testApp()
    await app.register(fastifyAuth, { auth: testAuth() })
    for (const url of ['/auth/jwks.json', '/.well-known/jwks.json']) expect((await app.inject(url)).statusCode).toBe(200)
    const answer = await app.inject({ method: 'POST', url: '/auth/register', payload: { ...register, transport: 'cookie' } })
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([
      201,
      [expect.stringMatching(/^__Host-session=/), expect.stringMatching(/^__Host-device=/)],
    ])
  })

  it('takes the prefix that is the base path, and refuses any other at the start', async () => {
    const right = testApp()
    await right.register(fastifyAuth, { auth: testAuth({ basePath: '/api/auth' }), prefix: '/api/auth' })
    expect((await right.inject('/api/auth/jwks.json')).statusCode).toBe(200)
    const wrong = testApp()
    await expect(wrong.register(fastifyAuth, { auth: testAuth(), prefix: '/api' }).after()).rejects.toMatchObject({
      name: 'ConfigError',
    })
  })

  it('is registered below a prefix that the base path begins with, and below no other', async () => {
    const app = testApp()
    const auth = testAuth({ basePath: '/api/auth' })
    await app.register(async (api) => void (await api.register(fastifyAuth, { auth })), { prefix: '/api' })
    expect((await app.inject('/api/auth/jwks.json')).statusCode).toBe(200)
    expect((await app.inject('/.well-known/jwks.json')).statusCode).toBe(404)
    const whole = testApp()
    await whole.register(async (api) => void (await api.register(fastifyAuth, { auth })), { prefix: '/api/auth' })
    expect((await whole.inject('/api/auth/jwks.json')).statusCode).toBe(200)
    const wrong = testApp()
    const below = wrong.register(async (api) => void (await api.register(fastifyAuth, { auth })), { prefix: '/v1' })
    await expect(below.after()).rejects.toMatchObject({ name: 'ConfigError', message: expect.stringContaining('/v1') })
  })

  it('leaves the parsers of the app alone', async () => {
    const app = testApp()
    await app.register(fastifyAuth, { auth: testAuth() })
    app.post('/echo', async (request) => request.body as object)
    expect((await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } })).json()).toEqual({ a: 1 })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await app.inject({ method: 'POST', url: '/echo', payload: 'a=1', headers: form })).statusCode).toBe(415)
  })

  it('reads what a hook of the app made of the body, as one that unpacks it', async () => {
    const app = testApp()
    app.addHook('preParsing', async (request, _reply, payload) =>
      request.headers['content-encoding'] === 'gzip' ? payload.pipe(createGunzip()) : payload,
    )
    await app.register(fastifyAuth, { auth: testAuth() })
    const url = await app.listen({ port: 0 })
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const answer = await fetch(`${url}/auth/register`, { method: 'POST', headers, body: gzipSync(JSON.stringify(register)) })
    expect(answer.status).toBe(201)
  })

  it('runs the hooks of the app on its routes, and leaves their refusals to the app', async () => {
    const app = testApp()
    const seen: unknown[] = []
    app.setErrorHandler((error: { code?: string; statusCode?: number }, _request, reply) => {
      seen.push([error.code, error.statusCode])
      return reply.code(error.statusCode ?? 500).send('worded by the app')
    })
    app.addHook('onRequest', async (request) => {
      if (request.headers['x-many']) throw Object.assign(new Error('too many'), { code: 'MANY', statusCode: 429 })
    })
    await app.register(fastifyAuth, { auth: testAuth() })
    const answer = await app.inject({ url: '/auth/me', headers: { 'x-many': '1' } })
    expect([answer.statusCode, answer.body, seen]).toEqual([429, 'worded by the app', [['MANY', 429]]])
  })

  it('takes the address that trustProxy gives, and not that of a number, which trusts nobody', async () => {
    const addressWith = async (trustProxy: boolean | string | number): Promise<string> => {
      const app = testApp({ trustProxy } as object)
      await app.register(fastifyAuth, { auth: testAuth() })
      const headers = { 'x-forwarded-for': '203.0.113.1, 198.51.100.7' }
      const answer = await app.inject({ method: 'POST', url: '/auth/register', payload: register, headers })
      const { accessToken } = answer.json() as { accessToken: string }
      const listed = await app.inject({ url: '/auth/sessions', headers: { authorization: `Bearer ${accessToken}` } })
      return (listed.json() as { sessions: { ip: string }[] }).sessions[0]?.ip ?? ''
    }
    expect(await addressWith('127.0.0.1')).toBe('198.51.100.7')
    expect(await addressWith(true)).toBe('203.0.113.1')
    expect(await addressWith(false)).toBe('127.0.0.1')
  })
})

describe('guards', () => {
  it.each(['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const)('stand at %s', async (stage) => {
    const app = testApp()
    await app.register(fastifyAuth, { auth: testAuth() })
    app.get('/orders', { [stage]: app.authGuard({ scopes: ['read:orders'] }) }, (request) => getAuth(request))
    const token = await registerAt(app)
    expect((await app.inject('/orders')).json()).toMatchObject({ code: 'credentials_missing' })
    expect((await app.inject({ url: '/orders', headers: { authorization: `Bearer ${token}` } })).json()).toMatchObject({
      kind: 'user',
    })
  })

  it('by config stand behind CORS plugins that come later, and before routes that came earlier', async () => {
    const app = testApp()
    let calls = 0
    app.get('/earlier', { config: { auth: { roles: ['admin'] } } }, () => ({ calls: ++calls }))
    app.register(fastifyAuth, { auth: testAuth() })
    app.register(cors, { origin: ['https://pages.example'] })
    app.register(async (inner) => void inner.get('/inner', { config: { auth: {} } }, () => ({ calls: ++calls })))
    for (const url of ['/earlier', '/inner']) {
      const answer = await app.inject({ url, headers: { origin: 'https://pages.example' } })
      expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([401, 'https://pages.example'])
      expect((await app.inject({ method: 'HEAD', url })).statusCode).toBe(401)
    }
    expect(calls).toBe(0)
  })

  it('refuse a requirement that names what is not declared, when it is defined', async () => {
    const app = testApp()
    await app.register(fastifyAuth, { auth: testAuth() })
    const mistake = expect.objectContaining({ name: 'ConfigError' })
    expect(() => app.authGuard({ roles: ['amdin'] })).toThrow(mistake)
    expect(() => app.get('/', { config: { auth: { scopes: ['raed:orders'] } } }, () => '')).toThrow(mistake)
    expect(() => app.get('/', { config: { auth: null as never } }, () => '')).toThrow()
  })

  it.each(['onRequest', 'preHandler', 'config'] as const)(
    'at %s let nobody through whose client goes while the refusal is on its way',
    async (stage) => {
      const app = testApp()
      let calls = 0
      let sending: (res: ServerResponse) => void = () => undefined
      let release: () => void = () => undefined
      const isSending = new Promise<ServerResponse>((resolve) => (sending = resolve))
      const released = new Promise<void>((resolve) => (release = resolve))
      app.addHook('onSend', async (_request, reply) => {
        sending(reply.raw)
        await released
      })
      await app.register(fastifyAuth, { auth: testAuth() })
      const guard = stage === 'config' ? { config: { auth: {} } } : { [stage]: app.authGuard() }
      app.delete('/orders', guard, () => ({ calls: ++calls }))
      await app.listen({ port: 0, host: '127.0.0.1' })
      const socket = connect(Number(new URL(app.listeningOrigin).port), '127.0.0.1')
      socket.write('DELETE /orders HTTP/1.1\r\nHost: a\r\n\r\n')
      const res = await isSending
      const gone = once(res, 'close')
      socket.destroy()
      await gone
      release()
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      expect(calls).toBe(0)
    },
  )

  it('say on each hook what it declares', async () => {
    const app = testApp()
    await app.register(fastifyAuth, { auth: testAuth() })
    expect(guardMarkOf(app.authGuard({ roles: ['admin'] }))).toMatchObject({
      kind: 'guard',
      requirement: { roles: ['admin'] },
    })
    expect([guardMarkOf(app.authOptional()), guardMarkOf(app.authPublic())]).toEqual([
      { kind: 'optional' },
      { kind: 'public' },
    ])
  })

  it('show who is calling under a name of the app’s choice, and leave another plugin’s alone', async () => {
    const app = testApp()
    app.decorateRequest('auth', 'of another plugin' as never)
    await app.register(fastifyAuth, { auth: testAuth(), decorator: 'caller' })
    app.get('/who', { onRequest: app.authOptional() }, (request) => ({
      caller: request.getDecorator<{ kind: string } | undefined>('caller')?.kind ?? null,
      auth: request.auth,
      peeked: peekAuth(request)?.kind ?? null,
    }))
    const token = await registerAt(app)
    const answer = await app.inject({ url: '/who', headers: { authorization: `Bearer ${token}` } })
    expect(answer.json()).toEqual({ caller: 'user', auth: 'of another plugin', peeked: 'user' })
  })

  it('tell at the start that a name is taken', async () => {
    const app = testApp()
    app.decorateRequest('auth', undefined)
    await expect(app.register(fastifyAuth, { auth: testAuth() }).after()).rejects.toMatchObject({
      code: 'FST_ERR_DEC_ALREADY_PRESENT',
    })
  })
})

describe('authErrors()', () => {
  it.each([
    ['an AuthError', new AuthError('not_found'), 404, 'not_found'],
    ['a StoreError', new StoreError('down'), 503, 'store_unavailable'],
    ['the unexpected', new Error('secret detail'), 500, 'internal_error'],
  ])('answers %s', async (_, error, status, code) => {
    const app = testApp()
    await app.register(fastifyAuth, { auth: testAuth() })
    app.setErrorHandler(app.authErrors())
    app.get('/', () => {
      throw error
    })
    const answer = await app.inject('/')
    expect([answer.statusCode, answer.json().code, answer.headers['content-type']]).toEqual([
      status,
      code,
      'application/problem+json',
    ])
    expect(answer.body).not.toContain('secret detail')
  })

  it('leaves to Fastify what a schema found wrong and what is the app’s own to word', async () => {
    const app = testApp()
    await app.register(fastifyAuth, { auth: testAuth() })
    app.setErrorHandler(app.authErrors())
    const schema = { querystring: { type: 'object', required: ['page'], properties: { page: { type: 'integer' } } } }
    app.get('/pages', { schema }, () => 'page')
    app.get('/teapot', () => {
      throw Object.assign(new Error('short and stout'), { statusCode: 418 })
    })
    expect((await app.inject('/pages')).json()).toMatchObject({ statusCode: 400, message: expect.stringContaining('page') })
    expect((await app.inject('/teapot')).json()).toMatchObject({ statusCode: 418, message: 'short and stout' })
  })

  it('AD-02 tells who still sends a body that was too large, and reads what is left', async () => {
    const app = testApp({ bodyLimit: 100 })
    await app.register(fastifyAuth, { auth: testAuth() })
    app.setErrorHandler(app.authErrors())
    app.post('/orders', () => 'ordered')
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const { socket, until } = openRaw(Number(new URL(url).port))
    const size = 10_000_000
    socket.write(`POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n{`)
    expect(await until(/body_too_large/)).toMatch(/^HTTP\/1.1 413 /)
    socket.write(`${' '.repeat(size - 1)}GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    await until(/HTTP\/1.1 404 /)
  })

  it('leaves an answer that has begun to Fastify', async () => {
    const app = testApp()
    await app.register(fastifyAuth, { auth: testAuth() })
    app.setErrorHandler(app.authErrors())
    app.get('/', (_request, reply) => reply.send(Readable.from(failing())))
    const url = await app.listen({ port: 0 })
    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow()
  })
})

async function* failing(): AsyncGenerator<string> {
  yield 'first'
  throw new Error('too late')
}
