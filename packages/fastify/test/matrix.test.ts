import { AuthError } from '@auth/core'
import { assertGuarded, fastifyAuth, matrix } from '@auth/fastify'
import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { registerAt, testApp, testAuth } from './support.js'

const answer = async (): Promise<string> => 'ok'

/** Contexts in contexts, one forgotten guard and one route that is declared public. */
async function exampleApp(): Promise<FastifyInstance> {
  const app = testApp()
  await app.register(fastifyAuth, { auth: testAuth() })
  app.register(
    async (orders) => {
      orders.get('/', { onRequest: app.authGuard({ scopes: ['read:orders'] }) }, answer)
      orders.post('/', { config: { auth: { scopes: ['write:orders'] } } }, answer)
      orders.delete('/:id', answer)
    },
    { prefix: '/api/orders' },
  )
  app.register(
    async (admin) => {
      admin.get('/users', answer)
      // It counts for all of its context, what was declared before too.
      admin.addHook('onRequest', admin.authGuard({ roles: ['admin'] }))
      admin.register(async (within) => {
        within.put('/users', { preHandler: [within.authGuard({ recent: 300, check: () => true })] }, answer)
      })
    },
    { prefix: '/api/admin' },
  )
  app.get('/health', { onRequest: app.authPublic() }, answer)
  app.all('/any', { preValidation: app.authOptional() }, answer)
  await app.ready()
  return app
}

describe('matrix()', () => {
  it('prints a forgotten guard in nested contexts, a declared-public route, and exactly those', async () => {
    const app = await exampleApp()
    const { routes } = matrix(app)
    const lines = String(matrix(app)).split('\n')
    const ofApp = lines.filter((_, i) => i === 0 || !routes[i - 1]?.path.match(/^\/(auth|\.well-known)/))
    expect(ofApp.map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
      'METHOD  PATH  GUARD  anyone  admin  user',
      'GET  /health  public  ✓  ✓  ✓',
      'ALL  /any  optional  ✓  ✓  ✓',
      'GET  /api/orders  scope read:orders  ·  ✓  ✓',
      'POST  /api/orders  scope write:orders  ·  ✓  ✓',
      'DELETE  /api/orders/:id  UNGUARDED  ✓  ✓  ✓',
      'GET  /api/admin/users  role admin  ·  ✓  ·',
      'PUT  /api/admin/users  role admin and recent 300 s, check  ·  ✓  ·',
    ])
    expect(() => assertGuarded(app)).toThrow(/DELETE \/api\/orders\/:id/)
  })

  it('tells the truth: who is let through without a credential is who has no guard', async () => {
    const app = await exampleApp()
    for (const { method, path, access } of matrix(app).routes.filter(({ path }) => !/^\/(auth|\.well)/.test(path))) {
      const { statusCode } = await app.inject({
        method: method === 'ALL' ? 'GET' : (method as 'GET'),
        url: path.replace(':id', '1'),
      })
      expect([method, path, statusCode]).toEqual([method, path, access === 'guarded' ? 401 : 200])
    }
  })

  it("lists the SDK's own routes once, with whom they answer, and no preflights", async () => {
    const app = testApp()
    await app.register(cors)
    await app.register(fastifyAuth, { auth: testAuth() })
    app.head('/alone', answer)
    await app.ready()
    const own = matrix(app).routes.map(({ method, path, access }) => `${method} ${path} ${access}`)
    expect(own).toContain('POST /auth/login public')
    expect(own).toContain('PUT /auth/users/:id/roles guarded')
    expect(own).toContain('HEAD /alone unguarded')
    expect(new Set(own).size).toBe(own.length)
  })

  it('refuses to list what it cannot know, with what to do', async () => {
    const late = testApp()
    late.get('/early', answer)
    await late.register(fastifyAuth, { auth: testAuth() })
    await late.ready()
    expect(() => matrix(late)).toThrow(/register fastifyAuth first/)
    const waiting = testApp()
    await waiting.register(fastifyAuth, { auth: testAuth() })
    expect(() => matrix(waiting)).toThrow(/await app\.ready/)
    expect(() => matrix(testApp())).toThrow(/not registered/)
  })
})

it('RB-07 a check is told of the request, and the trail of the pattern alone', async () => {
  const auth = testAuth()
  const app = testApp()
  await app.register(fastifyAuth, { auth })
  const own = app.authGuard({
    check: (_principal, { params }) => {
      const { id } = params as { id: string } // The pattern's.
      if (id === 'absent') throw new AuthError('not_found')
      return id === 'mine'
    },
  })
  app.get('/orders/:id', { onRequest: own }, answer)
  const headers = { authorization: `Bearer ${await registerAt(app)}` }
  const status = async (id: string): Promise<number> => (await app.inject({ url: `/orders/${id}`, headers })).statusCode
  expect([await status('mine'), await status('s3cret'), await status('absent')]).toEqual([200, 403, 404])
  const [event] = await auth.audit.list({ type: 'access.refused', limit: 5 })
  expect(event?.route).toBe('GET /orders/:id')
})
