import { inspect } from 'node:util'
import { type AuditEvent, type AuthStores, createAuth, loggerSink, memoryStores, webhookSink } from '@auth/core'
import { exportJWK, generateKeyPair } from 'jose'
import { type MailApp, mailApp } from './mail-app.js'
import { type Answer, ownPage, secret, type TestConfig, testApp } from './test-app.js'

/** What a run left behind, and what must be nowhere in it. */
export interface CanaryRun {
  readonly app: MailApp
  /** Texts by the place where they were found. */
  readonly places: Readonly<Record<string, string>>
  /** Passwords, tokens, keys, cookies: to be found in the one answer that hands them over, which is not among the places. */
  readonly secrets: readonly string[]
  /** Hashes of passwords: to be found in stores alone. */
  readonly hashes: readonly string[]
}

const password = 'canary-passphrase-93f1-äöü "quoted"'
const next = 'canary-second-phrase-71c4'
const after = 'canary-third-phrase-b8e2'
const inPath = 'canary-ticket-in-a-path-5d0b2c'
const email = 'ada@example.com'
const webhookSecret = `whsec_${Buffer.from('canary-webhook-secret-of-32-byte').toString('base64')}`

/** Goes through every flow with secrets that are easy to find again. */
export async function canaryRun({ stores = memoryStores(), ...config }: TestConfig = {}): Promise<CanaryRun> {
  const [written, logged, events, sent, thrown]: unknown[][] = [[], [], [], [], []]
  const log = (...given: unknown[]): void => void logged?.push(given)
  const fetch = async (...given: unknown[]): Promise<Response> => {
    sent?.push(given)
    return new Response()
  }
  const webhook = webhookSink({ url: 'https://siem.example.com', secret: webhookSecret, fetch })
  const collector = { write: (event: AuditEvent) => void events?.push(event) }
  const app = mailApp({
    logger: { warn: log, error: log },
    tokens: { retryWindow: '10s' },
    passwords: {},
    onSecurityAlert: log,
    ...config,
    stores: recorded(stores, written ?? []),
    audit: { sinks: [loggerSink({ info: log, warn: log }), webhook, collector] },
  })
  const flow = await runFlow(app, thrown ?? [])
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), kid: 'canary', alg: 'ES256', use: 'sig' }
  const withKey = testApp({ tokens: { keys: jwk }, logger: { warn: log, error: log } })
  await withKey.auth.signingKeys.jwks()
  await webhook.flush()
  const user = await stores.users.findByEmailKey(email)
  return {
    app,
    secrets: [...flow.secrets, secret, webhookSecret, String(jwk.d)],
    hashes: user?.passwordHash ? [user.passwordHash] : [],
    places: {
      'a store': textOf(written),
      'the log': textOf(logged),
      'an event': textOf(events),
      'the webhook': textOf(sent),
      'an error': textOf(thrown),
      'an answer': textOf(flow.answers),
      'an object': [app.auth, withKey.auth, webhook, stores, await app.auth.signingKeys.jwks(), flow.principal]
        .map(textOf)
        .join(),
    },
  }
}

/** The forms of secrets that a text holds. */
export function leaksIn(text: string, secrets: readonly string[]): readonly string[] {
  return secrets.flatMap(formsOf).filter((form) => text.includes(form))
}

/** Every form in which a secret could slip through. */
export function formsOf(value: string): string[] {
  const bytes = Buffer.from(value)
  const forms = [
    value,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
  ]
  return [...new Set(forms)].filter((form) => form.length > 7)
}

/** What a person or a program would see of a value. */
function textOf(value: unknown): string {
  const printed = inspect(value, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null })
  return `${printed}\n${JSON.stringify(value)}`
}

interface Flow {
  readonly secrets: readonly string[]
  readonly answers: readonly unknown[]
  readonly principal: unknown
}

async function runFlow(app: MailApp, thrown: unknown[]): Promise<Flow> {
  const answers: Answer[] = []
  const ask = async (...given: Parameters<typeof app.call>): Promise<Answer> => {
    const answer = await app.call(...given)
    answers.push(answer)
    return answer
  }
  const fail = async (work: () => unknown): Promise<void> => {
    try {
      await work()
    } catch (error) {
      thrown.push(error)
    }
  }

  const registered = await ask('POST', '/auth/register', { body: { email, password } })
  const { accessToken, refreshToken } = registered.body as Record<string, string>
  const signedIn = await ask('POST', '/auth/login', { body: { email, password, transport: 'cookie' } })
  const cookie = signedIn.cookies.map((line) => line.split(';', 1)[0]).join('; ')
  await ask('POST', '/auth/login', { body: { email, password: `${password} wrong` } })
  await ask('POST', '/auth/login', { body: { email: password, password } })
  await ask('POST', '/auth/register', { body: { email, password } })
  await ask('POST', '/auth/register', { body: { email: 'x@example.com', password: 'canary7' } })
  await ask('GET', `/auth/${inPath}?password=${encodeURIComponent(password)}`)
  const refreshed = await ask('POST', '/auth/refresh', { body: { refreshToken } })
  await ask('POST', '/auth/refresh', { body: { refreshToken: `${refreshToken}x` } })
  await ask('GET', '/auth/me', { bearer: accessToken })
  await ask('GET', '/auth/me', { bearer: `${accessToken}x` })
  await ask('GET', '/auth/sessions', { cookie })
  await app.guard({ bearer: accessToken, path: `/reset/${inPath}?ticket=${inPath}` }, { roles: ['admin'] })
  await app.guard({ method: 'POST', cookie, path: `/reset/${inPath}` })
  const made = await ask('POST', '/auth/api-keys', { bearer: accessToken, body: { name: 'bot', scopes: ['read:orders'] } })
  const key = String(made.body.key)
  await ask('GET', '/auth/me', { headers: { 'x-api-key': key } })
  await ask('GET', '/auth/me', { headers: { 'x-api-key': `${key}x` } })
  await ask('POST', '/auth/logout-all', { headers: { 'x-api-key': key } })
  const rotated = await ask('POST', `/auth/api-keys/${made.body.id}/rotate`, { bearer: accessToken, body: { overlap: 60 } })
  await app.auth.apiKeys.flushUses()
  await app.auth.apiKeys.reportLeak(key, { source: 'a public repository' })
  await ask('GET', '/auth/me', { headers: { 'x-api-key': key } })
  await ask('GET', '/auth/api-keys', { bearer: accessToken })
  await ask('DELETE', `/auth/api-keys/${rotated.body.id}`, { bearer: accessToken })
  const change = { currentPassword: password, newPassword: next }
  const changed = await ask('POST', '/auth/password/change', { cookie, headers: ownPage, body: change })
  await fail(() => app.auth.accounts.verifyPassword({ email, password }))
  await fail(() => app.auth.accounts.create({ email, password }))
  await fail(() => app.auth.accounts.create({ email: password, password: 'canary7' }))
  await fail(() => app.auth.tokens.verify(`${accessToken}x`))
  await fail(() => app.auth.apiKeys.verify(`${key}x`))
  await fail(() => app.auth.apiKeys.verify(key))
  await fail(() => createAuth({ issuer: password, secret: 'canary7', stores: memoryStores(), basePath: password }))
  await fail(() => webhookSink({ url: `http://siem.example.com/${inPath}`, secret: password }))
  await app.clock.advance(11_000)
  await ask('POST', '/auth/refresh', { body: { refreshToken } })
  await ask('POST', '/auth/logout', { body: { refreshToken } })
  const confirming = await app.ticket('email_verification')
  await ask('POST', '/auth/email/verify', { body: { ticket: `${confirming}x` } })
  await ask('POST', '/auth/email/verify', { body: { ticket: confirming } })
  await ask('POST', '/auth/password/forgot', { body: { email } })
  const resetting = await app.ticket('password_reset')
  await ask('POST', '/auth/password/reset', { body: { ticket: resetting, newPassword: 'canary7' } })
  await ask('POST', '/auth/password/reset', { body: { ticket: resetting, newPassword: after } })
  await ask('POST', '/auth/password/reset', { body: { ticket: resetting, newPassword: after } })
  await app.auth.accounts.create({ email: 'root@example.com', password, roles: ['admin'] })
  const root = await ask('POST', '/auth/login', { body: { email: 'root@example.com', password } })
  await ask('GET', '/auth/audit', { bearer: root.body.accessToken })
  const header = (name: string): string | undefined =>
    name === 'authorization' ? `Bearer ${String(root.body.accessToken)}` : undefined
  const seen = await app.auth.authenticate({ method: 'GET', url: '/', header, ip: undefined })

  const cookies = [...signedIn.cookies, ...changed.cookies].map((line) => String(/=([^;]+)/.exec(line)?.[1]))
  const tokens = [registered, refreshed, root].flatMap(({ body }) => [body.accessToken, body.refreshToken]).map(String)
  // The secret of a key alone: what is before it names the key.
  const keys = [key, String(rotated.body.key)].map((text) => text.slice(-38, -6))
  // What an answer hands over is in that answer alone.
  const delivered = new Set<Answer>([registered, signedIn, refreshed, made, rotated, changed, root])
  return {
    secrets: [password, next, after, 'canary7', inPath, confirming, resetting, ...tokens, ...keys, ...cookies],
    answers: answers.filter((answer) => !delivered.has(answer)).map(({ body, headers }) => [body, [...headers]]),
    principal: seen,
  }
}

/** Stores whose every written record is noted. */
function recorded(stores: AuthStores, written: unknown[]): AuthStores {
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
  const noted = Object.entries(stores).map(([name, store]) => [name, noting(store)])
  return Object.fromEntries(noted) as unknown as AuthStores // The same stores under the same names.
}
