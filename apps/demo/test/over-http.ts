import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchangeRaw } from '../../../packages/core/src/testing/real-port.js'
import { type Answer, type Call, createClient, outcome, tokensOf } from './client.js'
import { type RunningDemo, startDemo } from './demo-process.js'

const email = 'ada@example.com'
const password = 'a long enough passphrase'
const admin = { email: 'root@example.com', password: 'another long passphrase' }

/** What everybody gets who talks to the demo, whatever framework it runs on. */
export function demoOverHttp(adapter: string): void {
  const env = { ACCESS_TTL: '5s', DEMO_ADMIN_EMAIL: admin.email, DEMO_ADMIN_PASSWORD: admin.password }
  let demo: RunningDemo
  let call: Call
  beforeAll(async () => {
    demo = await startDemo(env, ['--adapter', adapter])
    const plain = createClient(demo.url)
    call = async (...request) => {
      const answer = await plain(...request)
      expectSafe(answer)
      return answer
    }
  })
  afterAll(async () => {
    expect(await demo.stop()).toBe(0)
    expect(demo.output().stderr).toBe('')
  })

  /** No answer is a fault, and none tells of the server's insides. */
  function expectSafe({ status, text, headers }: Answer): void {
    expect(status).toBeLessThan(500)
    expect(text).not.toMatch(/node_modules|\.js:\d|\bat \w+ \(|Error:/)
    expect(headers.get('x-powered-by')).toBeNull()
  }

  let people = 0
  async function newcomer(): Promise<{ email: string; accessToken: string; refreshToken: string }> {
    people++
    const address = `person${people}@example.com`
    return { email: address, ...(await tokensOf(call('POST', '/auth/register', { body: { email: address, password } }))) }
  }

  describe('a newcomer at the command line', () => {
    it('registers, signs in, calls, refreshes, is robbed, signs in again and out', async () => {
      const registered = await call('POST', '/auth/register', { body: { email, password, name: 'Ada' } })
      expect(registered.body).toMatchObject({
        tokenType: 'Bearer',
        expiresIn: 5,
        user: { email, name: 'Ada', roles: ['user'] },
      })
      expect(await outcome(call('POST', '/auth/register', { body: { email, password } }))).toBe('409 email_taken')
      const first = await tokensOf(call('POST', '/auth/login', { body: { email, password } }))
      expect((await call('GET', '/auth/me', { token: first.accessToken })).body).toMatchObject({ user: { email } })
      expect((await call('GET', '/api/orders', { token: first.accessToken })).body).toEqual({ orders: [] })

      const second = await tokensOf(call('POST', '/auth/refresh', { body: { refreshToken: first.refreshToken } }))
      expect(await outcome(call('GET', '/api/orders', { token: second.accessToken }))).toBe('200')
      const elsewhere = await tokensOf(call('POST', '/auth/login', { body: { email, password } }))
      expect(await outcome(call('POST', '/auth/refresh', { body: { refreshToken: first.refreshToken } }))).toBe(
        '401 refresh_reused',
      )
      for (const token of [second.accessToken, elsewhere.accessToken]) {
        expect(await outcome(call('GET', '/api/orders', { token }))).toBe('401 token_revoked')
      }
      for (const { refreshToken } of [second, elsewhere]) {
        expect(await outcome(call('POST', '/auth/refresh', { body: { refreshToken } }))).toBe('401 refresh_revoked')
      }

      const third = await tokensOf(call('POST', '/auth/login', { body: { email, password } }))
      expect((await call('GET', '/auth/sessions', { token: third.accessToken })).body.sessions).toHaveLength(1)
      expect(await outcome(call('POST', '/auth/logout', { token: third.accessToken }))).toBe('204')
      expect(await outcome(call('GET', '/auth/me', { token: third.accessToken }))).toBe('401 token_revoked')
      expect(await outcome(call('POST', '/auth/refresh', { body: { refreshToken: third.refreshToken } }))).toBe(
        '401 refresh_revoked',
      )
    })

    it('is refused a token that has run out, and goes on with a fresh one', async () => {
      const { accessToken, refreshToken } = await newcomer()
      const until = Date.now() + 60_000
      let seen = ''
      while (Date.now() < until) {
        seen = await outcome(call('GET', '/api/orders', { token: accessToken }))
        if (seen === '401 token_expired') break
        expect(seen).toBe('200')
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      expect(seen).toBe('401 token_expired')
      const renewed = await tokensOf(call('POST', '/auth/refresh', { body: { refreshToken } }))
      expect(await outcome(call('GET', '/api/orders', { token: renewed.accessToken }))).toBe('200')
    })

    it('keeps orders to the person who placed them', async () => {
      const { accessToken: token } = await newcomer()
      const placed = await call('POST', '/api/orders', { token, body: { item: ' tea ' } })
      expect([placed.status, placed.body.item]).toEqual([201, 'tea'])
      expect((await call('GET', '/api/orders', { token })).body.orders).toMatchObject([{ item: 'tea' }])
      const other = await newcomer()
      expect((await call('GET', '/api/orders', { token: other.accessToken })).body.orders).toEqual([])
      expect(await outcome(call('DELETE', '/api/account-data', { token }))).toBe('204')
      expect((await call('GET', '/api/orders', { token })).body.orders).toEqual([])
    })

    it('meets the guard of every route', async () => {
      const { accessToken: token } = await newcomer()
      expect(await outcome(call('GET', '/health'))).toBe('200')
      expect(await outcome(call('GET', '/api/public'))).toBe('200')
      for (const [method, path] of [
        ['GET', '/api/orders'],
        ['POST', '/api/orders'],
        ['GET', '/api/admin'],
        ['DELETE', '/api/account-data'],
      ] as const) {
        expect(await outcome(call(method, path))).toBe('401 credentials_missing')
        expect(await outcome(call(method, path, { token: 'x.y.z' }))).toBe('401 token_malformed')
      }
      const refused = await call('GET', '/api/admin', { token })
      expect([await outcome(refused), refused.body.requiredRoles]).toEqual(['403 insufficient_role', ['admin']])
      const root = await tokensOf(call('POST', '/auth/login', { body: admin }))
      expect(await outcome(call('GET', '/api/admin', { token: root.accessToken }))).toBe('200')
    })
  })

  describe('a stranger at the command line', () => {
    const large = JSON.stringify({ email, password: 'x'.repeat(10_000_000) })

    it.each([
      ['PUT', '/auth/login', {}, '405 method_not_allowed'],
      ['GET', '/auth/login', undefined, '405 method_not_allowed'],
      ['POST', '/auth/nothing', {}, '404 not_found'],
      ['GET', '/nothing', undefined, '404 not_found'],
      ['POST', '/auth/login', '{"email":', '400 invalid_request'],
      ['POST', '/auth/login', '[]', '400 invalid_request'],
      ['POST', '/auth/login', new Uint8Array([0x7b, 0xff, 0x7d]), '400 invalid_request'],
      ['POST', '/auth/login', { email: 1, password: true }, '422 validation_failed'],
      ['POST', '/auth/register', { email, password, isAdmin: true }, '422 validation_failed'],
      ['POST', '/auth/register', { email: 'nobody', password }, '422 validation_failed'],
      ['POST', '/auth/register', { email: 'new@example.com', password: 'short' }, '422 validation_failed'],
      [
        'POST',
        '/auth/register',
        '{"email":"a@b.c","password":"12345678","__proto__":{"roles":["admin"]}}',
        '422 validation_failed',
      ],
      ['POST', '/auth/register', large, '413 body_too_large'],
      ['POST', '/auth/refresh', {}, '422 validation_failed'],
      ['POST', '/auth/refresh', { refreshToken: 'x' }, '401 refresh_invalid'],
      ['POST', '/auth/login', { email, password: 'wrong password' }, '401 invalid_credentials'],
    ])('AD-02 AD-03 is answered %s %s with a code (%#)', async (method, path, body, expected) => {
      expect(await outcome(call(method, path, { body }))).toBe(expected)
    })

    it.each([
      ['{"item":', '400 invalid_request'],
      ['[]', '422 validation_failed'],
      [{ item: '' }, '422 validation_failed'],
      [{ item: 1 }, '422 validation_failed'],
      [{ item: 'tea', price: 0 }, '422 validation_failed'],
      [JSON.stringify({ item: 'x'.repeat(10_000_000) }), '413 body_too_large'],
    ])('AD-02 is answered an order %# with a code', async (body, expected) => {
      const { accessToken: token } = await newcomer()
      expect(await outcome(call('POST', '/api/orders', { token, body }))).toBe(expected)
    })

    it('is told of other media types and of bad percent-encoding', async () => {
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      expect(await outcome(call('POST', '/auth/login', { body: 'email=a&email=b', headers: form }))).toBe(
        '415 unsupported_media_type',
      )
      for (const path of ['/%E0%A4%A', '/auth/%E0%A4%A']) {
        expect(await outcome(call('GET', path))).toMatch(/^(400 invalid_request|404 not_found)$/)
      }
    })

    it('meets Node’s own limit on headers', async () => {
      const answer = await exchangeRaw(demo.port, 'GET /auth/me HTTP/1.1', 'Host: a', `X-Large: ${'x'.repeat(64 * 1024)}`)
      expect(answer).toMatch(/^HTTP\/1.1 431 /)
    })
  })
}
