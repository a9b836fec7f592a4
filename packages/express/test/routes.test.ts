import { once } from 'node:events'
import type { Auth } from '@auth/core'
import type { ExpressAuth } from '@auth/express'
import express, { type Express } from 'express'
import { describe, expect, it } from 'vitest'
import { exchangeRaw, openRaw } from '../../core/src/testing/real-port.js'
import { bearer, cookiesOf, issuer, outcome, password, runApp, type TestRoles } from './support.js'

type Build = (app: Express, web: ExpressAuth<TestRoles>, auth: Auth<TestRoles>) => void

const parsersFirst: Build = (app, web) =>
  app.use(express.json(), express.urlencoded({ extended: true }), web.routes(), web.errors())
const parsersLast: Build = (app, web) => app.use(web.routes(), express.json(), express.urlencoded(), web.errors())
const orders: readonly (readonly [string, Build])[] = [
  ['before body parsers', parsersLast],
  ['after body parsers', parsersFirst],
]
const email = 'ada@example.com'

describe.each(orders)('routes() %s', (_, build) => {
  it('signs up, in, on and out', async () => {
    const { post, get } = await runApp(build)
    const registered = await post('/auth/register', { email, password })
    expect(registered.status).toBe(201)
    const { accessToken, refreshToken } = (await registered.json()) as Record<string, string>
    expect(await outcome(post('/auth/login', { email, password }))).toBe('200')
    const me = await get('/auth/me', bearer(accessToken ?? ''))
    expect(await me.json()).toMatchObject({ user: { email }, principal: { kind: 'user', roles: ['user'] } })
    const refreshed = (await (await post('/auth/refresh', { refreshToken })).json()) as Record<string, string>
    expect(refreshed.refreshToken).not.toBe(refreshToken)
    expect(await outcome(post('/auth/logout', '', bearer(refreshed.accessToken ?? '')))).toBe('204')
    expect(await outcome(get('/auth/me', bearer(refreshed.accessToken ?? '')))).toBe('401 token_revoked')
  })

  it('takes an absent body for an empty object', async () => {
    const { url } = await runApp(build)
    expect(await outcome(fetch(`${url}/auth/logout`, { method: 'POST' }))).toBe('204')
    expect(await outcome(fetch(`${url}/auth/login`, { method: 'POST' }))).toBe('422 validation_failed')
  })

  it.each([
    ['broken JSON', '{"email":', '400 invalid_request'],
    ['an array', '[]', '400 invalid_request'],
    ['no object', '"text"', '400 invalid_request'],
    ['a NUL', '{"email":"a\\u0000@b.c","password":"12345678"}', '422 validation_failed'],
    ['wrong types', { email: { $ne: null }, password: ['x'] }, '422 validation_failed'],
    ['an unknown field', { email, password, isAdmin: true }, '422 validation_failed'],
    ['10 MB', JSON.stringify({ email, password: 'x'.repeat(10_000_000) }), '413 body_too_large'],
  ])('AD-02 refuses %s with its code', async (_, body, expected) => {
    const { post, faults } = await runApp(build)
    const answer = await post('/auth/login', body)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await outcome(answer)).toBe(expected)
    expect(faults).toEqual([])
  })

  it.each(['__proto__', 'constructor', 'prototype'])('AD-03 refuses the key %s and changes no prototype', async (key) => {
    const { post } = await runApp(build)
    const json = `{"email":"${email}","password":"${password}","${key}":{"polluted":true}}`
    expect(await outcome(post('/auth/login', json))).toBe('422 validation_failed')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await outcome(post('/auth/login', `email=a&email=b&${key}[polluted]=1`, form))).toBe('415 unsupported_media_type')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('leaves every other path to the app', async () => {
    const { get, url } = await runApp((app, web, auth) => {
      build(app, web, auth)
      app.use((req, res) => void res.send(`app ${req.url}`))
    })
    const paths = ['/', '/authors', '/.well-known/security.txt', '/auth/../x', '//auth/me', '/AUTH/me']
    for (const path of paths) {
      const target = path.includes('..') ? path : undefined
      const answer = target
        ? await exchangeRaw(Number(new URL(url).port), `GET ${target} HTTP/1.1`, 'Host: a')
        : await (await get(path)).text()
      expect(answer).toContain(`app ${path}`)
    }
  })
})

describe('routes()', () => {
  it('serves the root documents beside the base path, and the base path alone where it is mounted there', async () => {
    const root = await runApp((app, web) => app.use(web.routes()))
    expect(await outcome(root.get('/.well-known/jwks.json'))).toBe('200')
    expect(await outcome(root.get('/auth/jwks.json'))).toBe('200')
    const base = await runApp((app, web, auth) => app.use(auth.basePath, web.routes()))
    expect(await outcome(base.get('/.well-known/jwks.json'))).toBe('404')
    expect(await outcome(base.get('/auth/jwks.json'))).toBe('200')
    expect(await outcome(base.get('/AUTH/jwks.json'))).toBe('404')
  })

  it('serves a base path that is reached through routers', async () => {
    const build: Build = (app, web) => app.use('/api', express.Router().use('/auth', web.routes()))
    const { get } = await runApp(build, { basePath: '/api/auth' })
    expect(await outcome(get('/api/auth/jwks.json'))).toBe('200')
  })

  it('refuses to work where it is mounted elsewhere', async () => {
    const errors: unknown[] = []
    const { get } = await runApp((app, web) => {
      app.use('/api', web.routes())
      app.use(((error, _req, res, _next) => {
        errors.push(error)
        res.sendStatus(500)
      }) as express.ErrorRequestHandler)
    })
    await get('/api/auth/jwks.json')
    await get('/api')
    const message = expect.stringContaining("app.use('/auth', web.routes())")
    const expected = expect.objectContaining({ name: 'ConfigError', message })
    expect(errors).toEqual([expected, expected])
  })

  it('answers 404 and 405 for paths and methods that it does not have', async () => {
    const { url, post } = await runApp((app, web) => app.use(web.routes()))
    expect(await outcome(post('/auth/nothing', {}))).toBe('404 not_found')
    const put = await fetch(`${url}/auth/login`, { method: 'PUT', body: '{}' })
    expect([await outcome(put), put.headers.get('allow')]).toEqual(['405 method_not_allowed', 'POST'])
    expect(await exchangeRaw(Number(new URL(url).port), 'TRACE /auth/login HTTP/1.1', 'Host: a')).toMatch(/^HTTP\/1.1 405 /)
  })

  it('passes bad percent-encoding on as it is', async () => {
    const { port } = await runApp((app, web) => app.use(web.routes(), web.errors()))
    for (const path of ['/auth/%E0%A4%A', '/auth/sessions/%', '/auth/%2e%2e%2fadmin']) {
      expect(await exchangeRaw(port, `DELETE ${path} HTTP/1.1`, 'Host: a')).toMatch(/^HTTP\/1.1 404 /)
    }
  })

  it('SE-04 sets its cookies beside those of the app, with every attribute', async () => {
    const { post, get, url } = await runApp((app, web) => {
      app.use((_req, res, next) => {
        res.cookie('theme', 'dark')
        next()
      })
      app.use(web.routes())
    })
    await post('/auth/register', { email, password })
    const answer = await post('/auth/login', { email, password, transport: 'cookie' })
    const [theme, session, device, ...rest] = answer.headers.getSetCookie()
    expect([theme, rest]).toEqual(['theme=dark; Path=/', []])
    const attributes = (line = ''): string[] => line.split('; ').slice(1).sort()
    const expected = ['HttpOnly', expect.stringMatching(/^Max-Age=\d+$/), 'Path=/', 'SameSite=Lax', 'Secure']
    expect(session).toMatch(/^__Host-session=[\w-]+;/)
    expect(attributes(session)).toEqual(expected)
    expect(device).toMatch(/^__Host-device=[\w-]+;/)
    expect(attributes(device)).toEqual(expected)
    expect(await outcome(get('/auth/me', { cookie: `theme=dark; ${cookiesOf(answer)}; other="a b"` }))).toBe('200')
    const signOut = await fetch(`${url}/auth/logout`, {
      method: 'POST',
      headers: { cookie: cookiesOf(answer), origin: issuer },
    })
    expect(signOut.headers.getSetCookie()).toEqual([
      'theme=dark; Path=/',
      expect.stringMatching(/^__Host-session=; .*Max-Age=0/),
    ])
  })

  it('SE-10 takes malformed, repeated and oversized cookies for no session', async () => {
    const { port, faults } = await runApp((app, web) => app.use(web.routes()))
    const cookies = [
      '=',
      ';;;',
      '__Host-session',
      '__Host-session=',
      '__Host-session=%E0%A4%A',
      '__Host-session=\xff\xfe',
      '__Host-session="a;b"',
    ]
    const repeated = ['Cookie: __Host-session=a; __Host-session=b', 'Cookie: __Host-session=a\r\nCookie: __Host-session=b']
    for (const line of [...cookies.map((cookie) => `Cookie: ${cookie}`), ...repeated]) {
      expect(await exchangeRaw(port, 'GET /auth/me HTTP/1.1', 'Host: a', line)).toMatch(/^HTTP\/1.1 401 /)
    }
    const oversized = `Cookie: __Host-session=${'x'.repeat(64 * 1024)}`
    expect(await exchangeRaw(port, 'GET /auth/me HTTP/1.1', 'Host: a', oversized)).toMatch(/^HTTP\/1.1 431 /)
    expect(faults).toEqual([])
  })

  it('WB-09 lets no line break of a client into a header', async () => {
    const { port } = await runApp((app, web) => app.use(web.routes(), web.errors()))
    const evil = '%0d%0aSet-Cookie:%20x=1'
    const answers = [
      await exchangeRaw(port, `GET /auth/me?state=${evil} HTTP/1.1`, 'Host: a', `Authorization: Bearer ${evil}`),
      await exchangeRaw(port, `DELETE /auth/sessions/${evil} HTTP/1.1`, 'Host: a', `Origin: https://${evil}`),
      await exchangeRaw(
        port,
        `OPTIONS /auth/login${evil} HTTP/1.1`,
        'Host: a',
        'Authorization: Basic "\\r\\nSet-Cookie: x=1"',
      ),
    ]
    for (const answer of answers) {
      expect(answer).toMatch(/^HTTP\/1.1 40[145] /)
      expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
      expect(answer).not.toMatch(/set-cookie|x=1/i)
    }
  })

  it('outlives clients that go away in the middle', async () => {
    const { port, post, faults } = await runApp((app, web) => app.use(web.routes()))
    const body = JSON.stringify({ email, password })
    const head = `POST /auth/register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
    // In the body's middle, and while the password is hashed.
    for (const sent of [head + body.slice(0, 10), head + body, head]) {
      const { socket } = openRaw(port)
      await once(socket, 'connect')
      await new Promise((resolve) => socket.write(sent, resolve))
      socket.destroy()
    }
    expect(await outcome(post('/auth/register', { email: 'bob@example.com', password }))).toBe('201')
    expect(faults).toEqual([])
  })
})
