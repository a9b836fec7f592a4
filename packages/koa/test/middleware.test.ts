import { AuthError, StoreError } from '@auth/core'
import { guardMarkOf } from '@auth/core/node'
import { getAuth, koaAuth } from '@auth/koa'
import mount from 'koa-mount'
import { describe, expect, it } from 'vitest'
import { registerAt, runApp, testAuth } from './support.js'

describe('routes()', () => {
  it('serves the root documents beside the base path, and the base path alone where it is mounted there', async () => {
    const web = koaAuth(testAuth())
    const root = await runApp((app) => app.use(web.routes()))
    const mounted = await runApp((app) => app.use(mount('/auth', web.routes())))
    const status = async (url: string): Promise<number> => (await fetch(url)).status
    expect([await status(`${root.url}/auth/jwks.json`), await status(`${root.url}/.well-known/jwks.json`)]).toEqual([
      200, 200,
    ])
    expect([await status(`${mounted.url}/auth/jwks.json`), await status(`${mounted.url}/.well-known/jwks.json`)]).toEqual([
      200, 404,
    ])
    expect([await status(`${mounted.url}/auth`), await status(`${mounted.url}/auth/`)]).toEqual([404, 404])
  })

  it('refuses to work where it is mounted elsewhere', async () => {
    const { url, errors } = await runApp((app) => app.use(mount('/api', koaAuth(testAuth()).routes())))
    for (const path of ['/api/auth/jwks.json', '/api']) expect((await fetch(url + path)).status).toBe(500)
    const message = expect.stringContaining("app.use(mount('/auth', web.routes()))")
    const expected = expect.objectContaining({ name: 'ConfigError', message })
    expect(errors).toEqual([expected, expected])
  })

  it('works behind middleware that was mounted elsewhere', async () => {
    const { url } = await runApp((app) =>
      app
        .use(mount('/', (_ctx, next) => next()))
        .use(mount('/auth', (_ctx, next) => next()))
        .use(koaAuth(testAuth()).routes()),
    )
    expect((await fetch(`${url}/auth/jwks.json`)).status).toBe(200)
  })

  it('lets middleware around it see and add to the answer', async () => {
    const { url } = await runApp((app) => {
      app.use(async (ctx, next) => {
        await next()
        ctx.set('x-status', String(ctx.status))
      })
      app.use(koaAuth(testAuth()).routes())
    })
    const answers = [await fetch(`${url}/auth/jwks.json`), await fetch(`${url}/auth/me`)]
    expect(answers.map(({ status, headers }) => [status, headers.get('x-status')])).toEqual([
      [200, '200'],
      [401, '401'],
    ])
  })

  it('keeps the connection of a client open, also after a streamed answer', async () => {
    const { url } = await runApp((app) => app.use(koaAuth(testAuth()).routes()))
    const answer = await fetch(`${url}/auth/jwks.json`)
    expect([answer.headers.get('connection'), answer.headers.get('transfer-encoding')]).toEqual(['keep-alive', 'chunked'])
  })
})

describe('guard()', () => {
  it('refuses without throwing, so that the app hears of no error, and runs what stands around it', async () => {
    const seen: unknown[] = []
    const web = koaAuth(testAuth())
    const { url, errors } = await runApp((app) => {
      app.use(async (ctx, next) => {
        await next()
        seen.push([ctx.status, ctx.state.auth?.kind])
      })
      app.use(web.routes()).use(web.guard({ scopes: ['read:orders'] }))
      app.use((ctx) => {
        ctx.body = getAuth(ctx)
      })
    })
    const token = await registerAt(url)
    expect((await fetch(`${url}/orders`)).status).toBe(401)
    expect(await (await fetch(`${url}/orders`, { headers: { authorization: `Bearer ${token}` } })).json()).toMatchObject({
      kind: 'user',
    })
    expect(seen).toEqual([
      [201, undefined],
      [401, undefined],
      [200, 'user'],
    ])
    expect(errors).toEqual([])
  })

  it('refuses a requirement that names what is not declared, when it is defined', () => {
    const { guard } = koaAuth(testAuth())
    expect(() => guard({ roles: ['amdin' as 'admin'] })).toThrow(expect.objectContaining({ name: 'ConfigError' }))
  })

  it('says on each middleware what it declares', () => {
    const web = koaAuth(testAuth())
    expect(guardMarkOf(web.guard({ roles: ['admin'] }))).toMatchObject({ kind: 'guard', requirement: { roles: ['admin'] } })
    expect([guardMarkOf(web.optional()), guardMarkOf(web.public())]).toEqual([{ kind: 'optional' }, { kind: 'public' }])
  })
})

describe('errors()', () => {
  const throwing = (error: unknown): ReturnType<typeof runApp> =>
    runApp((app) => {
      app.use(koaAuth(testAuth()).errors())
      app.use((ctx) => {
        ctx.set('x-before', '1')
        throw error
      })
    })

  it.each([
    ['an AuthError', new AuthError('not_found'), 404, 'not_found'],
    ['a StoreError', new StoreError('down'), 503, 'store_unavailable'],
    ['the unexpected', new Error('secret detail'), 500, 'internal_error'],
    ['what is no error', 'secret detail', 500, 'internal_error'],
  ])('answers %s, and keeps headers', async (_, error, status, code) => {
    const { url } = await throwing(error)
    const answer = await fetch(url)
    const body = await answer.text()
    expect([answer.status, JSON.parse(body).code, answer.headers.get('x-before')]).toEqual([status, code, '1'])
    expect(body).not.toContain('secret detail')
  })

  it("leaves to Koa what is the app's own to word", async () => {
    const { url } = await throwing(Object.assign(new Error('short and stout'), { status: 418, expose: true }))
    const answer = await fetch(url)
    expect([answer.status, await answer.text()]).toEqual([418, 'short and stout'])
  })

  it('leaves an answer that has begun to Koa', async () => {
    const { url, errors } = await runApp((app) => {
      app.use(koaAuth(testAuth()).errors())
      app.use((ctx) => {
        ctx.res.write('first')
        ctx.res.end()
        throw new Error('too late')
      })
    })
    expect(await (await fetch(url)).text()).toBe('first')
    expect(errors).toEqual([expect.objectContaining({ message: 'too late' })])
  })
})
