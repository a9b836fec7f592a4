import { AuthError, StoreError } from '@auth/core'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { outcome, type RunningApp, runApp } from './support.js'

function throwing(error: unknown, before: RequestHandler = (_req, _res, next) => next()): Promise<RunningApp> {
  const after: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(418).send('the app’s own')
  return runApp((app, web) => {
    app.get('/', before, () => {
      throw error
    })
    app.get('/:id', (_req, res) => void res.send('found'))
    app.post('/', express.json(), (_req, res) => void res.send('read'))
    app.use(web.errors(), after)
  })
}

describe('errors()', () => {
  it.each([
    ['an AuthError', new AuthError('not_found'), '404 not_found'],
    ['a StoreError', new StoreError('down'), '503 store_unavailable'],
    ['a refusal that is the app’s own to word', Object.assign(new Error('teapot'), { status: 409 }), '418'],
    ['nothing at all', null, '404'],
  ])('answers %s', async (_, error, expected) => {
    const { get } = await throwing(error)
    expect(await outcome(get('/'))).toBe(expected)
  })

  it.each([
    [new Error('secret detail')],
    ['secret detail'],
    [{ status: 500, message: 'secret detail' }],
    [{ status: 'secret detail' }],
  ])('answers the unexpected %j with a 500 that tells nothing, and reports it', async (error) => {
    const { get, faults } = await throwing(error)
    const answer = await get('/')
    const body = await answer.text()
    expect([answer.status, JSON.parse(body).code]).toEqual([500, 'internal_error'])
    expect(body).not.toContain('secret detail')
    expect(faults).toEqual([{ err: error, correlationId: JSON.parse(body).correlationId }])
  })

  it('AD-02 words what the router and body parsers refuse', async () => {
    const { get, post } = await throwing(new Error('unused'))
    expect(await outcome(get('/%E0%A4%A'))).toBe('400 invalid_request')
    expect(await outcome(post('/', '{'))).toBe('400 invalid_request')
    expect(await outcome(post('/', JSON.stringify('x'.repeat(200_000))))).toBe('413 body_too_large')
    expect(await outcome(post('/', '{}', { 'content-type': 'application/json; charset=x-unknown' }))).toBe(
      '415 unsupported_media_type',
    )
  })

  it('keeps headers that were set before, as of CORS', async () => {
    const cors: RequestHandler = (_req, res, next) => {
      res.set('access-control-allow-origin', 'https://a.b')
      next()
    }
    const { get } = await throwing(new AuthError('not_found'), cors)
    expect((await get('/')).headers.get('access-control-allow-origin')).toBe('https://a.b')
  })

  it('leaves an answer that has begun to Express, which ends the connection', async () => {
    const { get } = await runApp((app, web) => {
      app.get('/', (_req, res) => {
        res.write('first')
        throw new Error('too late')
      })
      app.use(web.errors())
    })
    await expect(get('/').then((answer) => answer.text())).rejects.toThrow()
  })
})
