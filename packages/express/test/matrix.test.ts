import { type Auth, createAuth, memoryStores } from '@auth/core'
import { type ExpressAuth, expressAuth } from '@auth/express'
import express, { type Express, type RequestHandler, Router } from 'express'
import { describe, expect, it } from 'vitest'
import { issuer, outcome, roles, runApp, type TestRoles } from './support.js'

type Web = ExpressAuth<TestRoles>

const answer: RequestHandler = (_req, res) => void res.send('ok')
const passing: RequestHandler = (_req, _res, next) => next()

function makeWeb(): Web {
  const auth: Auth<TestRoles> = createAuth({
    issuer,
    secret: 'c7d1f0a4-a-secret-for-tests-alone-5be2937a',
    stores: memoryStores(),
    roles,
  })
  return expressAuth(auth)
}

/** Each route and what is said of it, in one line. */
function listed(build: (app: Express, web: Web) => void): readonly string[] {
  const web = makeWeb()
  const app = express()
  build(app, web)
  return web.matrix(app).routes.map(({ method, path, access, requirements }) => {
    const asked = requirements.flatMap(({ scopes = [], roles: names = [] }) => [...scopes, ...names])
    return [method, path, access, ...asked].join(' ')
  })
}

/** Routers in routers, one forgotten guard and one route that is declared public. */
function exampleApp(app: Express, web: Web): void {
  const orders = Router()
  orders.get('/', web.guard({ scopes: ['read:orders'] }), answer)
  orders.post('/', express.json(), web.guard({ scopes: ['write:orders'] }), answer)
  orders.delete('/:id', answer)
  const admin = Router()
  admin.use(web.guard({ roles: ['admin'] }))
  admin
    .route('/users')
    .get(answer)
    .put(web.guard({ recent: 300, check: () => true }), answer)
  const api = Router()
  api.use('/orders', orders)
  api.use('/admin', admin)
  app.use(express.json())
  app.use('/api', api)
  app.get('/health', web.public(), answer)
}

describe('matrix()', () => {
  it('prints a forgotten guard in nested routers, a declared-public route, and exactly those', () => {
    const web = makeWeb()
    const app = express()
    exampleApp(app, web)
    expect(String(web.matrix(app)).split('\n')).toEqual([
      'METHOD  PATH              GUARD                               anyone  admin  user',
      'GET     /api/orders       scope read:orders                   ·       ✓      ✓',
      'POST    /api/orders       scope write:orders                  ·       ✓      ✓',
      'DELETE  /api/orders/:id   UNGUARDED                           ✓       ✓      ✓',
      'GET     /api/admin/users  role admin                          ·       ✓      ·',
      'PUT     /api/admin/users  role admin and recent 300 s, check  ·       ✓      ·',
      'GET     /health           public                              ✓       ✓      ✓',
    ])
    expect(() => web.assertGuarded(app)).toThrow(/DELETE \/api\/orders\/:id/)
    const unguarded = web.matrix(app).unguarded.map(({ method, path }) => `${method} ${path}`)
    expect(unguarded).toEqual(['DELETE /api/orders/:id'])
  })

  it('is content with an app in which every route is guarded or declared public', () => {
    const web = makeWeb()
    const app = express()
    app.use(web.routes())
    app.get('/a', web.guard(), answer)
    app.get('/b', web.public(), answer)
    app.get('/c', web.optional(), answer)
    app.use(web.errors())
    expect(() => web.assertGuarded(app)).not.toThrow()
  })

  it.each<[string, (app: Express, web: Web) => void, readonly string[]]>([
    [
      'a guard of use for what is behind it, and for nothing before it',
      (app, web) => app.get('/before', answer).use(web.guard()).get('/behind', answer),
      ['GET /before unguarded', 'GET /behind guarded'],
    ],
    [
      'a guard at a path for what is at or behind that path',
      (app, web) =>
        app.use('/admin', web.guard()).get('/admin', answer).get('/admin/x', answer).get('/administration', answer),
      ['GET /admin guarded', 'GET /admin/x guarded', 'GET /administration unguarded'],
    ],
    [
      'a guard at a path for a router that is mounted elsewhere',
      (app, web) => app.use('/a/b', web.guard()).use('/a', Router().get('/b/c', answer).get('/d', answer)),
      ['GET /a/b/c guarded', 'GET /a/d unguarded'],
    ],
    [
      'no guard that stands before another path that only looks like it',
      (app, web) =>
        app
          .use('/x/admin', web.guard())
          .use('/:tenant', Router().get('/admin', answer))
          .get(/^\/x\/admin/, answer)
          .get('/x{/:y}', answer)
          .get('/:x/admin', answer),
      ['GET /:tenant/admin unguarded', 'GET /^\\/x\\/admin/ unguarded', 'GET /x{/:y} unguarded', 'GET /:x/admin unguarded'],
    ],
    [
      'a guard with parameters in its path',
      (app, web) => app.use('/t/:tenant', web.guard()).get('/t/a/x', answer).get('/t/:id/x', answer).get('/t', answer),
      ['GET /t/a/x guarded', 'GET /t/:id/x guarded', 'GET /t unguarded'],
    ],
    [
      'every path of an array, regular expressions and wildcards',
      (app, web) => app.get(['/a', '/b', /c$/], web.guard(), answer).get('/files/*path', answer),
      ['GET /a guarded', 'GET /b guarded', 'GET /c$/ guarded', 'GET /files/*path unguarded'],
    ],
    [
      'what route().all stands before',
      (app, web) =>
        void app
          .route('/r')
          .all(web.guard({ roles: ['admin'] }))
          .get(answer)
          .post(answer),
      ['GET /r guarded admin', 'POST /r guarded admin'],
    ],
    [
      'app.all',
      (app, web) => app.all('/any', answer).all('/some', web.guard(), answer),
      ['ALL /any unguarded', 'ALL /some guarded'],
    ],
    [
      'no guard behind the handler that answers',
      (app, web) => app.get('/late', answer, web.guard(), answer).get('/none', passing, web.guard()),
      ['GET /late unguarded', 'GET /none unguarded'],
    ],
    [
      'an app that is mounted in another, and one in that',
      (app, web) => {
        const inner = express().get('/deep', answer)
        const sub = express()
          .use(web.guard({ scopes: ['read:orders'] }))
          .use('/inner', inner)
          .get('/top', answer)
        app.use('/sub', sub)
      },
      ['GET /sub/inner/deep guarded read:orders', 'GET /sub/top guarded read:orders'],
    ],
    [
      'a router mounted at several paths, of which one is guarded',
      (app, web) => app.use('/a', web.guard()).use(['/a', '/b'], Router().get('/x', answer)),
      ['GET /a/x guarded', 'GET /b/x unguarded'],
    ],
    [
      'static files and functions that end a path, but no other middleware',
      (app, web) => {
        app.use(express.json(), passing).use(web.public(), express.static('.')).use('/metrics', answer)
        app.get('/after', answer).use((_req, res) => void res.status(404).end())
      },
      ['USE /* public', 'USE /metrics/* unguarded', 'GET /after unguarded'],
    ],
    [
      'a router declared public where it is used, and nothing behind it',
      (app, web) => app.use('/docs', web.public(), Router().get('/', answer)).use(Router().get('/secret', answer)),
      ['GET /docs public', 'GET /secret unguarded'],
    ],
    [
      'no route declared public by a middleware before it',
      (app, web) => app.use(web.public(), web.optional()).get('/x', answer),
      ['GET /x unguarded'],
    ],
    ['guarded before public', (app, web) => app.get('/x', web.public(), web.guard(), answer), ['GET /x guarded']],
  ])('counts %s', (_, build, expected) => {
    expect(listed(build)).toEqual(expected)
  })

  it.each<[string, (app: Express, web: Web) => void]>([
    ['{/:lang}/admin', (app, web) => void app.use('{/:lang}/admin', web.guard()).get('/open', answer)],
    ['/a{/:b}/c', (app, web) => void app.use('/a{/:b}/c', web.guard()).get('/a/open', answer)],
    [
      '/admin/users{/:id}/edit',
      (app, web) => {
        app.use('/admin/users{/:id}/edit', web.guard())
        app.use('/admin', express.Router().get('/users', answer))
      },
    ],
  ])('takes no guard at %s for one of what need not be behind it', (_, build) => {
    const web = makeWeb()
    const app = express()
    build(app, web)
    expect(() => web.assertGuarded(app)).toThrow(/GET/)
  })

  it('ends on a router that is mounted in itself', () => {
    const router = Router().get('/x', answer)
    router.use('/again', router)
    expect(listed((app) => app.use(router))).toEqual(['GET /x unguarded'])
  })

  it('does not count on upper and lower case where a router tells them apart', () => {
    const nested = Router().get('/users', answer)
    const build = (options: object) => (app: Express, web: Web) =>
      void app.use(Router(options).use('/admin/users', web.guard()).use('/admin', nested))
    expect(listed(build({ caseSensitive: true }))).toEqual(['GET /admin/users unguarded'])
    expect(listed(build({}))).toEqual(['GET /admin/users guarded'])
  })

  it('lists the routes of the SDK, with who may call them', () => {
    const lines = listed((app, web) => app.use(web.routes()))
    expect(lines).toContain('POST /auth/login public')
    expect(lines).toContain('PUT /auth/users/:id/roles guarded users:manage')
    expect(lines).toContain('GET /.well-known/jwks.json public')
  })

  it('refuses a router that does not tell where it is mounted, and what is no app', () => {
    const web = makeWeb()
    const app = express()
    app.use('/x', Router().get('/y', answer))
    // As routers before 2.3 had it: the path is gone with the call.
    for (const layer of Reflect.get(app.router, 'stack') as object[]) Reflect.deleteProperty(layer, 'rawPath')
    expect(() => web.matrix(app)).toThrow(
      expect.objectContaining({ name: 'ConfigError', message: expect.stringContaining('2.3') }),
    )
    expect(() => web.matrix({})).toThrow(expect.objectContaining({ name: 'ConfigError' }))
  })

  it('tells the truth: who is let through without a credential is who has no guard', async () => {
    const { url, auth } = await runApp((app, web) => {
      app.use(web.routes())
      exampleApp(app, web)
      app.use(web.errors())
    })
    const web = expressAuth(auth)
    const app = express()
    exampleApp(app, web)
    for (const { method, path, access } of web.matrix(app).routes) {
      const seen = await outcome(fetch(`${url}${path.replace(':id', '1')}`, { method }))
      expect([method, path, seen]).toEqual([method, path, access === 'guarded' ? '401 credentials_missing' : '200'])
    }
  })
})
