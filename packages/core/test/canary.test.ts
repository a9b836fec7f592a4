import { inspect } from 'node:util'
import { type AuditEvent, type AuthStores, loggerSink, memoryStores } from '@auth/core'
import { expect, it } from 'vitest'
import { type Answer, cookieLogin, ownPage, register, secret, testApp } from './support/test-app.js'

/** Every form in which a secret could slip through. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value)
  const forms = [
    value,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(value),
  ]
  return [...new Set([...forms, JSON.stringify(value).slice(1, -1)])].filter((form) => form.length > 7)
}

/** Stores whose every written record is noted. */
function recorded(stores: Required<AuthStores>, written: unknown[]): Required<AuthStores> {
  const noting = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        return (...given: unknown[]) => {
          written.push(given)
          return Reflect.apply(member, target, given)
        }
      },
    })
  return Object.fromEntries(
    Object.entries(stores).map(([name, store]) => [name, noting(store)]),
  ) as unknown as Required<AuthStores>
}

it('PW-12 ER-06 RT-01 SE-01 AK-01 no password, token or key stands in a store, a log, an event, an error or an answer that need not hold it', async () => {
  const password = 'canary-passphrase-93f1-äöü "quoted"'
  const next = 'canary-second-phrase-71c4'
  const written: unknown[] = []
  const logged: unknown[] = []
  const events: AuditEvent[] = []
  const answers: Answer[] = []
  const log = (...given: unknown[]): void => void logged.push(given)
  const app = testApp({
    stores: recorded(memoryStores(), written),
    logger: { warn: log, error: log },
    tokens: { retryWindow: '10s' },
    passwords: {},
    audit: { sinks: [loggerSink({ info: log, warn: log }), { write: (event) => void events.push(event) }] },
    onSecurityAlert: log,
  })
  const ask = async (...given: Parameters<typeof app.call>): Promise<Answer> => {
    const answer = await app.call(...given)
    answers.push(answer)
    return answer
  }

  const registered = await ask('POST', '/auth/register', { body: { email: 'ada@example.com', password } })
  const { accessToken, refreshToken } = registered.body as Record<string, string>
  const signedIn = await ask('POST', '/auth/login', { body: { email: 'ada@example.com', password, transport: 'cookie' } })
  const cookie = signedIn.cookies.map((line) => line.split(';', 1)[0]).join('; ')
  const cookieValues = [...cookie.matchAll(/=([^;]+)/g)].map(([, value]) => String(value))
  await ask('POST', '/auth/login', { body: { email: 'ada@example.com', password: `${password} wrong` } })
  await ask('POST', '/auth/login', { body: { email: password, password } })
  await ask('POST', '/auth/register', { body: { email: 'ada@example.com', password } })
  await ask('POST', '/auth/register', { body: { email: 'x@example.com', password: 'canary7' } })
  const refreshed = await ask('POST', '/auth/refresh', { body: { refreshToken } })
  await ask('GET', '/auth/me', { bearer: accessToken })
  await ask('GET', '/auth/me', { bearer: `${accessToken}x` })
  await ask('GET', '/auth/sessions', { cookie })
  const body = { currentPassword: password, newPassword: next }
  const made = await ask('POST', '/auth/api-keys', { bearer: accessToken, body: { name: 'bot', scopes: ['read:orders'] } })
  const apiKey = String(made.body.key)
  await ask('GET', '/auth/me', { headers: { 'x-api-key': apiKey } })
  await ask('GET', '/auth/me', { headers: { 'x-api-key': `${apiKey}x` } })
  await ask('POST', '/auth/logout-all', { headers: { 'x-api-key': apiKey } })
  const rotated = await ask('POST', `/auth/api-keys/${made.body.id}/rotate`, { bearer: accessToken, body: { overlap: 60 } })
  await app.auth.apiKeys.flushUses()
  await app.auth.apiKeys.reportLeak(apiKey, { source: 'a public repository' })
  await ask('GET', '/auth/me', { headers: { 'x-api-key': apiKey } })
  await ask('GET', '/auth/api-keys', { bearer: accessToken })
  await ask('DELETE', `/auth/api-keys/${rotated.body.id}`, { bearer: accessToken })
  const changed = await ask('POST', '/auth/password/change', { cookie, headers: ownPage, body })
  await app.clock.advance(11_000)
  await ask('POST', '/auth/refresh', { body: { refreshToken } })
  await ask('POST', '/auth/logout', { body: { refreshToken } })
  const keys = await app.auth.signingKeys.jwks()

  const secrets = [
    secret,
    password,
    next,
    'canary7',
    String(accessToken),
    String(refreshToken),
    String(refreshed.body.accessToken),
    String(refreshed.body.refreshToken),
    // The secret alone: what is before it names the key.
    apiKey.slice(-38, -6),
    String(rotated.body.key).slice(-38, -6),
    ...cookieValues,
    ...changed.cookies.map((line) => String(/=([^;]+)/.exec(line)?.[1])),
  ]
  // What an answer hands over is in that answer alone.
  const delivered = new Set<Answer>([registered, signedIn, refreshed, made, rotated, changed])
  const places = {
    stores: written,
    log: logged,
    events,
    answers: answers.filter((answer) => !delivered.has(answer)).map(({ body, headers }) => [body, [...headers]]),
    auth: [inspect(app.auth, { depth: 10, showHidden: true }), JSON.stringify(app.auth), keys],
  }
  for (const [place, held] of Object.entries(places)) {
    const text = `${inspect(held, { depth: 12, maxStringLength: null, maxArrayLength: null })}\n${JSON.stringify(held)}`
    for (const form of secrets.flatMap(formsOf))
      expect(text.includes(form), `${place} holds ${form.slice(0, 12)}…`).toBe(false)
  }
  expect(written.length).toBeGreaterThan(50)
  expect(events.length).toBeGreaterThan(5)
})

it('the canary test would notice: a store that keeps what it is given holds no secret, a log of bodies does', async () => {
  const app = testApp()
  await register(app)
  const cookie = await cookieLogin(app)
  expect(formsOf(cookie).some((form) => inspect({ cookie }).includes(form))).toBe(true)
})
