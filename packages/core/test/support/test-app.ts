import {
  type Auth,
  type AuthConfig,
  type AuthStores,
  createAuth,
  defineRoles,
  memoryStores,
  type OwnScope,
  type PasswordHasher,
  type Roles,
} from '@auth/core'
import { type VirtualClock, virtualClock } from '@auth/core/testing'

type TestScope = OwnScope | 'read:orders' | 'write:orders' | 'read:users'

/** The roles of the tests' application. */
export const testRoles: Roles<'user' | 'support' | 'manager' | 'auditor' | 'admin', TestScope> = defineRoles({
  user: { scopes: ['read:orders', 'write:orders'] },
  support: { inherits: ['user'], scopes: ['read:users', 'users:read'] },
  manager: { inherits: ['user'], scopes: ['users:read', 'users:manage'] },
  auditor: {},
  admin: { scopes: ['*'] },
})

export const issuer = 'https://app.example.com'
export const secret = 'c7d1f0a4-a-secret-for-tests-alone-5be2937a'
export const password = 'a long enough passphrase'

type TestRoles = typeof testRoles

/** An answer as a test looks at it. */
export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly headers: Headers
  readonly cookies: readonly string[]
}

/** What a request carries. */
export interface Call {
  readonly body?: unknown
  readonly bearer?: unknown
  readonly cookie?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly ip?: string
}

/** A deployment with one node, to be called as over HTTP. */
export interface TestApp {
  readonly auth: Auth<TestRoles>
  readonly clock: VirtualClock
  readonly stores: Required<AuthStores>
  call(method: string, path: string, call?: Call): Promise<Answer>
  /** Asks as a guard of the application would. */
  guard(
    call: Call & { readonly method?: string; readonly path?: string },
    requirement?: Parameters<Auth<TestRoles>['authenticate']>[1],
  ): Promise<string>
}

/** What the tests change. */
export type TestConfig = Partial<AuthConfig<TestRoles>> & { readonly clock?: VirtualClock }

/** A hasher of somebody's own, quick because what Argon2 costs is not what most of these tests are about. */
export const quickHasher: PasswordHasher = {
  hash: async (text) => `$quick$${Buffer.from(text).toString('hex').split('').reverse().join('')}`,
  verify: async (hash, text) => hash === (await quickHasher.hash(text)),
  needsRehash: () => false,
}

/** Makes a deployment on a virtual clock. `stores` may be shared, to have several nodes. */
export function testApp({ clock = virtualClock(), stores = memoryStores(), ...config }: TestConfig = {}): TestApp {
  const quiet = { warn: () => undefined, error: () => undefined }
  const base = {
    issuer,
    secret,
    roles: testRoles,
    defaultRole: 'user',
    logger: quiet,
    passwords: { hasher: quickHasher },
  } as const
  // A key that is quick to make; what RSA costs is not what these tests are about.
  const tokens = { algorithm: 'ES256', ...config.tokens } as const
  const auth = createAuth({ ...base, ...config, tokens, clock, stores })
  return {
    auth,
    clock,
    stores: stores as Required<AuthStores>, // The tests give all of them.
    async call(method, path, call = {}) {
      const { headers, text } = wire(call)
      const request = new Request(`${issuer}${path}`, { method, headers, ...(text === undefined ? {} : { body: text }) })
      const response = await auth.handler(request, { ip: call.ip ?? '203.0.113.7' })
      const answered = await response.text()
      const json = answered === '' ? {} : (JSON.parse(answered) as Record<string, unknown>)
      return { status: response.status, body: json, headers: response.headers, cookies: response.headers.getSetCookie() }
    },
    async guard({ method = 'GET', path = '/api/orders', ...call }, requirement) {
      const { headers } = wire(call)
      const source = { method, url: path, header: (name: string) => headers.get(name) ?? undefined, ip: '203.0.113.7' }
      const seen = await auth.authenticate(source, requirement)
      return seen.ok ? 'ok' : `${seen.refusal.status} ${seen.refusal.code}`
    },
  }
}

function wire({ body, bearer, cookie, headers }: Call): { headers: Headers; text: string | undefined } {
  const all = new Headers(headers)
  if (bearer !== undefined) all.set('authorization', `Bearer ${String(bearer)}`)
  if (cookie !== undefined) all.set('cookie', cookie)
  if (body === undefined) return { headers: all, text: undefined }
  if (!all.has('content-type')) all.set('content-type', 'application/json')
  return { headers: all, text: typeof body === 'string' ? body : JSON.stringify(body) }
}

/** The tokens of a token answer. */
export interface TokenAnswer {
  readonly accessToken: string
  readonly refreshToken: string
  readonly userId: string
}

/** Signs somebody up and answers their tokens. */
export async function register(app: TestApp, email = 'ada@example.com'): Promise<TokenAnswer> {
  return tokensOf(await app.call('POST', '/auth/register', { body: { email, password } }))
}

/** Signs somebody in and answers their tokens. */
export async function login(app: TestApp, email = 'ada@example.com'): Promise<TokenAnswer> {
  return tokensOf(await app.call('POST', '/auth/login', { body: { email, password } }))
}

/** Signs somebody in with a cookie and answers what a browser would send back. */
export async function cookieLogin(app: TestApp, email = 'ada@example.com'): Promise<string> {
  const { status, cookies } = await app.call('POST', '/auth/login', { body: { email, password, transport: 'cookie' } })
  if (status !== 200) throw new Error(`login answered ${status}`)
  return sentBack(cookies)
}

/** The `Cookie` header that follows from `Set-Cookie` lines. */
export function sentBack(cookies: readonly string[]): string {
  return cookies.map((cookie) => cookie.split(';', 1)[0]).join('; ')
}

/** Exchanges a refresh token. */
export function refresh(app: TestApp, refreshToken: string): Promise<Answer> {
  return app.call('POST', '/auth/refresh', { body: { refreshToken } })
}

function tokensOf({ status, body }: Answer): TokenAnswer {
  if (status !== 200 && status !== 201) throw new Error(`expected tokens, got ${status} ${JSON.stringify(body)}`)
  const { accessToken, refreshToken, user } = body as { accessToken: string; refreshToken: string; user: { id: string } }
  return { accessToken, refreshToken, userId: user.id }
}

/** Headers a browser sends from the application's own page. */
export const ownPage: Readonly<Record<string, string>> = { 'sec-fetch-site': 'same-origin', origin: issuer }

/** Makes an administrator, so that others may lose that role. */
export async function otherAdmin(app: TestApp): Promise<string> {
  const email = `admin-${crypto.randomUUID()}@example.com`
  return (await app.auth.accounts.create({ email, password, roles: ['admin'] })).id
}
