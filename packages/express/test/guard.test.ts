import { type AuthStores, memoryStores, StoreError } from '@auth/core'
import { guardMarkOf } from '@auth/core/node'
import { virtualClock } from '@auth/core/testing'
import { expressAuth, getAuth, peekAuth } from '@auth/express'
import express, { type Express, type RequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { exchangeRaw } from '../../core/src/testing/real-port.js'
import { bearer, cookiesOf, issuer, outcome, password, type RunningApp, runApp, type TestConfig } from './support.js'

const foreign: RequestHandler = (req, _res, next) => {
  Object.assign(req, { auth: { kind: 'user', subject: 'evil', roles: ['admin'], scopes: ['*'] }, user: { id: 'evil' } })
  next()
}

function guardedApp(extend: (app: Express) => void = () => undefined, config: TestConfig = {}): Promise<RunningApp> {
  return runApp((app, web) => {
    app.use(web.routes())
    extend(app)
    app.get('/orders', web.guard({ scopes: ['read:orders'] }), (req, res) => void res.json(getAuth(req)))
    app.get('/admin', web.guard({ roles: ['admin'] }), (_req, res) => void res.send('admin'))
    app.get('/invoices', web.guard({ scopes: ['read:invoices', 'write:orders'] }), (_req, res) => void res.send('invoices'))
    app.get('/recent', web.guard({ recent: 300 }), (_req, res) => void res.send('recent'))
    app.all('/any', web.guard(), express.json(), (req, res) => void res.json({ via: getAuth(req).via, body: req.body }))
    app.get('/optional', web.optional(), (req, res) => void res.json([peekAuth(req)?.kind ?? null, req.auth?.kind ?? null]))
    app.get('/forgotten', (req, res) => void res.json(getAuth(req)))
    app.use(web.errors())
  }, config)
}

describe('guard()', () => {
  it('lets through who may, and tells the handler who it is', async () => {
    const { get, register } = await guardedApp()
    const answer = await get('/orders', bearer(await register()))
    expect([answer.status, await answer.json()]).toMatchObject([200, { kind: 'user', via: 'bearer', roles: ['user'] }])
  })

  it('RS-02 RS-03 answers each refusal with its challenge', async () => {
    const { get, register } = await guardedApp()
    const token = await register()
    const refused = async (path: string, headers?: Record<string, string>): Promise<unknown[]> => {
      const answer = await get(path, headers)
      const { code } = (await answer.json()) as { code: string }
      return [
        answer.status,
        code,
        answer.headers.get('www-authenticate'),
        answer.headers.get('content-type'),
        answer.headers.get('location'),
      ]
    }
    const problem = ['application/problem+json', null]
    expect(await refused('/orders')).toEqual([401, 'credentials_missing', 'Bearer', ...problem])
    expect(await refused('/orders', { accept: 'text/html' })).toEqual([401, 'credentials_missing', 'Bearer', ...problem])
    expect(await refused('/orders', { authorization: 'Basic YTpi' })).toEqual([
      401,
      'credentials_missing',
      'Bearer',
      ...problem,
    ])
    const invalid = expect.stringMatching(/^Bearer error="invalid_token", error_description="[^"]+"$/)
    expect(await refused('/orders', bearer('x.y.z'))).toEqual([401, 'token_malformed', invalid, ...problem])
    expect(await refused('/orders', { authorization: 'Bearer' })).toEqual([401, 'token_malformed', invalid, ...problem])
    const scope = expect.stringMatching(
      /^Bearer error="insufficient_scope", error_description="[^"]+", scope="read:invoices write:orders"$/,
    )
    expect(await refused('/invoices', bearer(token))).toEqual([403, 'insufficient_scope', scope, ...problem])
    const role = expect.stringMatching(/^Bearer error="insufficient_scope"/)
    expect(await refused('/admin', bearer(token))).toEqual([403, 'insufficient_role', role, ...problem])
  })

  it('RS-01 takes exactly one credential, whatever the case of its scheme, and none from the URL', async () => {
    const { port, register } = await guardedApp()
    const token = await register()
    const status = async (target: string, ...lines: readonly string[]): Promise<string> =>
      (await exchangeRaw(port, `GET ${target} HTTP/1.1`, 'Host: a', ...lines)).slice(9, 12)
    expect(await status('/orders', `Authorization: bEARER ${token}`)).toBe('200')
    expect(await status('/orders', `Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`)).toBe('400')
    expect(await status('/orders', `Authorization: Bearer ${token}`, 'authorization: Bearer other')).toBe('400')
    expect(await status('/orders', `Authorization: Bearer ${token}, Bearer ${token}`)).toBe('400')
    expect(await status('/orders', `Authorization: Bearer ${token} ${token}`)).toBe('400')
    expect(await status('/orders', `Authorization: Bearer ${token}`, 'X-API-Key: key')).toBe('400')
    expect(await status('/orders', 'X-API-Key: a', 'X-API-Key: b')).toBe('400')
    expect(await status(`/orders?access_token=${token}&token=${token}`)).toBe('401')
  })

  it('RS-03 never fails over a malformed Authorization header', async () => {
    const { port, faults } = await guardedApp()
    const values = [
      '',
      'Bearer',
      'Bearer ',
      'Bearer %',
      'Bearer %E0%A4%A',
      'Bearer \xff\xfe',
      'Bearer a.b',
      'Bearer ...',
      'Bearer =',
      'Basic ',
      'Basic YQ',
    ]
    const more = [
      'Digest',
      'Bearer:x',
      'Bearer\tx',
      ', ,',
      `Bearer ${'a'.repeat(12_000)}`,
      'Bearer e30.e30.e30',
      'Bearer "a"',
    ]
    for (const value of [...values, ...more]) {
      expect(await exchangeRaw(port, 'GET /orders HTTP/1.1', 'Host: a', `Authorization: ${value}`)).toMatch(
        /^HTTP\/1.1 40[01] /,
      )
    }
    expect(faults).toEqual([])
  })

  it('AD-04 decides in the handler, whatever spelling or header a client chooses', async () => {
    const { port, register } = await guardedApp()
    const token = await register()
    const internal = [
      'x-middleware-subrequest: middleware',
      'x-user-id: 1',
      'x-forwarded-user: admin',
      'x-original-url: /public',
      'x-rewrite-url: /public',
    ]
    for (const target of [
      '/admin',
      '//admin',
      '/admin;x',
      '/%61dmin',
      '/ADMIN',
      '/admin/',
      '/x/../admin',
      'http://evil.com/admin',
      '/admin?x=1',
    ]) {
      for (const credential of [[], [`Authorization: Bearer ${token}`]]) {
        const answer = await exchangeRaw(port, `GET ${target} HTTP/1.1`, 'Host: a', ...internal, ...credential)
        expect(answer).toMatch(/^HTTP\/1.1 40[134] /)
      }
    }
  })

  it('reads nobody from a property that another library or an attacker set', async () => {
    const { get, register, faults } = await guardedApp((app) => app.use(foreign))
    expect(await outcome(get('/orders'))).toBe('401 credentials_missing')
    expect(await outcome(get('/forgotten'))).toBe('500 internal_error')
    expect(faults).toEqual([expect.objectContaining({ err: expect.objectContaining({ name: 'ConfigError' }) })])
    expect(await (await get('/optional')).json()).toEqual([null, null])
    const answer = await get('/orders', bearer(await register()))
    expect(await answer.json()).not.toMatchObject({ subject: 'evil' })
  })

  it('leaves the body alone', async () => {
    const { post, register, port } = await guardedApp()
    const answer = await post('/any', { a: 1 }, bearer(await register()))
    expect(await answer.json()).toEqual({ via: 'bearer', body: { a: 1 } })
    // Refused on the head alone: this body never comes.
    const refused = await exchangeRaw(
      port,
      'POST /any HTTP/1.1',
      'Host: a',
      'Content-Type: application/json',
      'Content-Length: 100',
    )
    expect(refused).toMatch(/^HTTP\/1.1 401 /)
  })

  it('asks for a recent sign-in where the route does', async () => {
    const clock = virtualClock(new Date())
    const { get, register } = await guardedApp(undefined, { clock })
    const token = await register()
    expect(await outcome(get('/recent', bearer(token)))).toBe('200')
    await clock.advance(301_000)
    expect(await outcome(get('/recent', bearer(token)))).toBe('403 recent_login_required')
  })

  it('takes a cookie, for a change from the own page alone', async () => {
    const { post, url } = await guardedApp()
    const registered = await post('/auth/register', { email: 'ada@example.com', password, transport: 'cookie' })
    const cookie = cookiesOf(registered)
    const call = (method: string, headers: Record<string, string> = {}): Promise<string> =>
      outcome(fetch(`${url}/any`, { method, headers: { cookie, ...headers } }))
    expect(await call('GET')).toBe('200')
    expect(await call('POST')).toBe('403 csrf_rejected')
    expect(await call('POST', { origin: 'https://evil.com' })).toBe('403 csrf_rejected')
    expect(await call('POST', { origin: issuer })).toBe('200')
    expect(await call('GET', bearer('x.y.z'))).toBe('401 token_malformed')
  })

  it('answers 503 where it cannot find out, and so does optional()', async () => {
    const stores = memoryStores()
    const down = (): Promise<never> => Promise.reject(new StoreError('down'))
    const broken: AuthStores = { ...stores, revocations: { ...stores.revocations, read: down } }
    const healthy = await runApp((app, web) => app.use(web.routes()), { stores })
    const token = await healthy.register()
    const { get } = await runApp(
      (app, web) =>
        app.get('/guarded', web.guard()).get('/optional', web.optional(), (req, res) => void res.json(peekAuth(req))),
      { stores: broken },
    )
    for (const path of ['/guarded', '/optional']) {
      const answer = await get(path, bearer(token))
      expect([answer.headers.get('retry-after'), await outcome(answer)]).toEqual(['1', '503 store_unavailable'])
    }
    expect(await outcome(get('/optional'))).toBe('200')
  })

  it('refuses a requirement that names what is not declared, when it is defined', async () => {
    const { auth } = await guardedApp()
    const { guard } = expressAuth(auth)
    expect(() => guard({ roles: ['amdin' as 'admin'] })).toThrow(expect.objectContaining({ name: 'ConfigError' }))
    expect(() => guard({ scopes: ['raed:orders' as 'read:orders'] })).toThrow(
      expect.objectContaining({ name: 'ConfigError' }),
    )
  })

  it('says on each middleware what it declares', async () => {
    const { auth } = await guardedApp()
    const web = expressAuth(auth)
    const mark = (middleware: object): unknown => Reflect.get(middleware, Symbol.for('auth.guard'))
    expect(mark(web.guard({ roles: ['admin'] }))).toMatchObject({ kind: 'guard', requirement: { roles: ['admin'] } })
    expect([mark(web.optional()), mark(web.public())]).toEqual([{ kind: 'optional' }, { kind: 'public' }])
    expect([guardMarkOf(web.public()), guardMarkOf(express.json())]).toEqual([{ kind: 'public' }, null])
  })
})

describe('optional()', () => {
  it('knows who is calling, and takes a bad credential for none', async () => {
    const { get, register } = await guardedApp()
    const token = await register()
    expect(await (await get('/optional')).json()).toEqual([null, null])
    expect(await (await get('/optional', bearer(token))).json()).toEqual(['user', 'user'])
    for (const bad of [
      bearer('x.y.z'),
      bearer(`${token.slice(0, -4)}AAAA`),
      { ...bearer(token), 'x-api-key': 'k' },
      { cookie: '__Host-session=x' },
    ]) {
      expect(await (await get('/optional', bad)).json()).toEqual([null, null])
    }
  })
})

it('RB-07 a check is told of the caller and the request', async () => {
  const { get, register } = await runApp((app, web) => {
    app.use(web.routes())
    const ownsIt = web.guard({
      check: (principal, req) => {
        if (req.params.id === 'broken') throw new Error('the database of orders is away')
        return req.params.id === `of-${principal.subject}`
      },
    })
    app.get('/orders/:id', ownsIt, (_req, res) => void res.send('an order'))
    app.get('/me', web.guard(), (req, res) => void res.send(getAuth(req).subject))
    app.use(web.errors())
  })
  const headers = bearer(await register())
  const mine = `/orders/of-${await (await get('/me', headers)).text()}`
  const answers = [await get(mine, headers), await get('/orders/of-another', headers), await get('/orders/broken', headers)]
  expect(answers.map(({ status }) => status)).toEqual([200, 403, 403])
})
