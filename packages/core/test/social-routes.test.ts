import { describe, expect, it } from 'vitest'
import { openBrowser, socialApp } from './support/social-app.js'

describe('a provider that there is not', () => {
  it.each([
    ['GET', '/auth/signin/nobody'],
    ['GET', '/auth/callback/nobody?state=s&code=c'],
    ['POST', '/auth/callback/nobody'],
    ['PUT', '/auth/callback/nobody'],
    ['POST', '/auth/identities/nobody'],
  ])('is no route, before anything else of the request is looked at: %s %s', async (method, path) => {
    const { app } = await socialApp()
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    for (const body of [undefined, '{"not": "a form"', 'x'.repeat(2_000_000)]) {
      const given = body === undefined || method === 'GET' ? {} : { body }
      const answer = await app.call(method, path, { headers: foreign, ...given })
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
    }
  })

  it('is told to a person on a page', async () => {
    const { app } = await socialApp()
    for (const path of ['/auth/signin/nobody', '/auth/callback/nobody']) {
      const request = new Request(`https://app.example.com${path}`, { headers: { accept: 'text/html' } })
      const answer = await app.auth.handler(request, {})
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
    }
  })

  it('leaves identities their own routes, by whatever id', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    await browser.signIn()
    expect((await browser.call('DELETE', '/auth/identities/nobody')).body.code).toBe('not_found')
    const wrong = await browser.call('PUT', '/auth/identities/nobody')
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'DELETE'])
    const right = await browser.call('PUT', '/auth/identities/github')
    expect([right.status, right.headers.get('allow')]).toEqual([405, 'POST, DELETE'])
  })
})
