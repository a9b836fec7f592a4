import { AuthError } from '@auth/core'
import { type KoaAuth, koaAuth } from '@auth/koa'
import Router, { type RouterMiddleware } from '@koa/router'
import Koa from 'koa'
import mount from 'koa-mount'
import { describe, expect, it } from 'vitest'
import { registerAt, runApp, type TestRoles, testAuth } from './support.js'

type Web = KoaAuth<TestRoles>

const answer: RouterMiddleware = (ctx) => {
  ctx.body = 'ok'
}
const passing: RouterMiddleware = (_ctx, next) => next()

/** Each route and what is said of it, in one line. */
function listed(build: (router: Router, web: Web, app: Koa) => void): readonly string[] {
  const web = koaAuth(testAuth())
  const app = new Koa()
  const router = new Router()
  build(router, web, app)
  app.use(router.routes())
  return web.matrix(app).routes.map(({ method, path, access, requirements }) => {
    const asked = requirements.flatMap(({ scopes = [], roles = [] }) => [...scopes, ...roles])
    return [method, path, access, ...asked].join(' ')
  })
}

/** Routers in routers, one forgotten guard and one route that is declared public. */
function exampleApp(app: Koa, web: Web): void {
  const orders = new Router()
  orders.get('/', web.guard({ scopes: ['read:orders'] }), answer)
  orders.post('/', passing, web.guard({ scopes: ['write:orders'] }), answer)
  orders.delete('/:id', answer)
  const admin = new Router()
  admin.use(web.guard({ roles: ['admin'] }))
  admin.get('/users', answer).put('/users', web.guard({ recent: 300, check: () => true }), answer)
  const router = new Router({ prefix: '/api' })
  router.use('/orders', orders.routes())
  router.use('/admin', admin.routes())
  const open = new Router()
  open.get('/health', web.public(), answer)
  app.use(router.routes()).use(router.allowedMethods()).use(open.routes())
}

describe('matrix()', () => {
  it('prints a forgotten guard in nested routers, a declared-public route, and exactly those', () => {
    const web = koaAuth(testAuth())
    const app = new Koa()
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
  })

  it('tells the truth: who is let through without a credential is who has no guard', async () => {
    const web = koaAuth(testAuth())
    const app = new Koa()
    exampleApp(app, web)
    const { url } = await runApp((running) => exampleApp(running, web))
    for (const { method, path, access } of web.matrix(app).routes) {
      const { status } = await fetch(url + path.replace(':id', '1'), { method })
      expect([method, path, status]).toEqual([method, path, access === 'guarded' ? 401 : 200])
    }
  })

  it("lists the SDK's own routes once, with whom they answer", () => {
    const own = listed((_router, web, app) => void app.use(web.routes()))
    expect(own).toContain('POST /auth/login public')
    expect(own).toContain('PUT /auth/users/:id/roles guarded users:manage')
    expect(new Set(own).size).toBe(own.length)
  })

  it.each<readonly [string, (router: Router, web: Web, app: Koa) => void, readonly string[]]>([
    ['a guard of app.use', (router, web, app) => app.use(web.guard()) && router.get('/a', answer), ['GET /a guarded']],
    ['a guard behind the route', (router, web) => router.get('/a', answer).use(web.guard()), ['GET /a unguarded']],
    ['a guard behind the handler', (router, web) => router.get('/a', answer, web.guard(), answer), ['GET /a unguarded']],
    ['a guard of another path', (router, web) => router.use('/b', web.guard()).get('/a', answer), ['GET /a unguarded']],
    ['a guard of its path', (router, web) => router.use('/a', web.guard()).get('/a/:id', answer), ['GET /a/:id guarded']],
    [
      'a guard of its beginning',
      (router, web) => router.use('/ab', web.guard()).get('/abc', answer),
      ['GET /abc unguarded'],
    ],
    ['a guard of a parameter', (router, web) => router.use('/:x', web.guard()).get('/a', answer), ['GET /a guarded']],
    ['a guard of some values', (router, web) => router.use('/a', web.guard()).get('/:x', answer), ['GET /:x unguarded']],
    [
      'a guard that a part left out escapes',
      (router, web) => router.use('/:x/:y', web.guard()).get('/a{/:id}', answer),
      ['GET /a{/:id} unguarded'],
    ],
    [
      'a guard of an expression',
      (router, web) => router.use(/^\/a\/\D/, web.guard()).get('/a/:id', answer),
      ['GET /a/:id unguarded'],
    ],
    ['a guard alone', (router, web) => router.all('/a', web.guard()), []],
    ['any method', (router, web) => router.all('/a', web.optional(), answer), ['ALL /a optional']],
  ])('counts %s', (_, build, expected) => {
    expect(listed(build)).toEqual(expected)
  })

  it('takes no guard of a router for one where its routes run alone', () => {
    const router = new Router({ exclusive: true })
    const web = koaAuth(testAuth())
    router.use(web.guard()).get('/a', answer)
    expect(web.matrix(router).unguarded.map(({ path }) => path)).toEqual(['/a'])
  })

  it('takes no guard that tells upper and lower case apart for one of a route that does not', () => {
    const web = koaAuth(testAuth())
    const router = new Router({ sensitive: true })
    router.use('/admin', web.guard())
    router.use('/admin', new Router().get('/users', answer).routes())
    expect(() => web.assertGuarded(new Koa().use(router.routes()))).toThrow('GET /admin/users')
  })

  it('refuses what it cannot look into, with what to do', () => {
    const web = koaAuth(testAuth())
    const inner = new Koa().use(answer as Koa.Middleware) // It looks at nothing of a router.
    expect(() => web.matrix(new Koa().use(mount('/inner', inner)))).toThrow(/router\.use/)
    expect(() => web.matrix({})).toThrow(/needs a Koa app/)
  })
})

it('RB-07 a check is told of the request, and the trail of the pattern alone', async () => {
  const auth = testAuth()
  const web = koaAuth(auth)
  const { url } = await runApp((app) => {
    const router = new Router({ prefix: '/orders' })
    router.use(web.guard({ scopes: ['read:orders'] }))
    router.get(
      '/:id',
      web.guard({
        check: (_principal, ctx) => {
          if (ctx.params?.id === 'absent') throw new AuthError('not_found')
          return ctx.params?.id === 'mine'
        },
      }),
      answer,
    )
    app.use(web.routes()).use(router.routes())
  })
  const headers = { authorization: `Bearer ${await registerAt(url)}` }
  const status = async (id: string): Promise<number> => (await fetch(`${url}/orders/${id}`, { headers })).status
  expect([await status('mine'), await status('s3cret'), await status('absent')]).toEqual([200, 403, 404])
  const [event] = await auth.audit.list({ type: 'access.refused', limit: 5 })
  expect(event?.route).toBe('GET /orders/:id')
})
