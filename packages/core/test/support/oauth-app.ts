import { createHash } from 'node:crypto'
import type { IssuedClient, NewOAuthClient } from '@auth/core'
import { cookieLogin, issuer, password, type TestApp, type TestConfig, testApp } from './test-app.js'

export const redirectUri = 'https://client.example.com/cb?keep=%20'
export const verifier = 'a-verifier-of-at-least-43-characters-for-the-tests'
export const challenge: string = createHash('sha256').update(verifier).digest('base64url')
export const signIn: string = `${issuer}/sign-in?lang=en`
export const otherResource = 'https://stock.example.com/api'

/** What a request to the OAuth server carries. */
export interface OAuthCall {
  /** Pairs where a name stands more than once. */
  readonly form?: Readonly<Record<string, string>> | readonly (readonly [string, string])[]
  /** Proves itself by `Authorization`. */
  readonly basic?: IssuedClient | readonly [id: string, secret: string]
  readonly cookie?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly ip?: string
}

/** An answer as the tests look at it. */
export interface OAuthAnswer {
  readonly status: number
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
  readonly headers: Headers
  /** Where the browser is sent, without its query. */
  readonly target: string
  /** What it is sent there with. */
  readonly query: URLSearchParams
}

/** A deployment that is an OAuth server, with a client and a user who is signed in. */
export interface OAuthApp extends TestApp {
  /** Confidential, with every grant. */
  readonly client: IssuedClient
  readonly userId: string
  readonly cookie: string
  post(path: string, call: OAuthCall): Promise<OAuthAnswer>
  get(path: string, call?: OAuthCall): Promise<OAuthAnswer>
  /** Asks for a code. A parameter that is `null` is left out. */
  authorize(parameters?: Readonly<Record<string, string | null>>, call?: OAuthCall): Promise<OAuthAnswer>
  /** Answers a consent page. */
  decide(page: OAuthAnswer, decision: 'allow' | 'deny', call?: OAuthCall): Promise<OAuthAnswer>
  /** A code for the client, consent given. */
  code(parameters?: Readonly<Record<string, string | null>>): Promise<string>
  /** Exchanges a code. */
  exchange(code: string, form?: Readonly<Record<string, string>>, call?: OAuthCall): Promise<OAuthAnswer>
  /** A grant's tokens, from the beginning. */
  grant(parameters?: Readonly<Record<string, string | null>>): Promise<GrantTokens>
  refreshGrant(refreshToken: string, form?: Readonly<Record<string, string>>): Promise<OAuthAnswer>
  introspect(token: string, call?: OAuthCall): Promise<OAuthAnswer>
  register(client?: Partial<NewOAuthClient>): Promise<IssuedClient>
}

/** What a code gives. */
export interface GrantTokens {
  readonly accessToken: string
  readonly refreshToken: string
}

const clientOfTests: NewOAuthClient = {
  name: 'Reports <b>&',
  grants: ['authorization_code', 'refresh_token', 'client_credentials'],
  scopes: ['read:orders', 'write:orders', 'users:read'],
  redirectUris: [redirectUri],
  resources: [otherResource],
}

/** Makes one. */
export async function oauthApp(config: TestConfig = {}): Promise<OAuthApp> {
  const app = testApp({ oauth: {}, links: { signIn }, ...config })
  const user = await app.auth.accounts.create({ email: 'ada@example.com', password, roles: ['user'] })
  const register = (client: Partial<NewOAuthClient> = {}): Promise<IssuedClient> =>
    app.auth.oauth.clients.create({ ...clientOfTests, ...client } as Parameters<typeof app.auth.oauth.clients.create>[0])
  const client = await register()
  const cookie = await cookieLogin(app)

  async function send(method: string, path: string, call: OAuthCall): Promise<OAuthAnswer> {
    const headers = new Headers(call.headers)
    if (call.cookie !== undefined) headers.set('cookie', call.cookie)
    if (call.basic) headers.set('authorization', basic(call.basic))
    const body = call.form === undefined ? null : new URLSearchParams(call.form as Record<string, string>)
    const request = new Request(new URL(path, issuer), { method, headers, body })
    const response = await app.auth.handler(request, { ip: call.ip ?? '203.0.113.7' })
    return readAnswer(response)
  }

  const self: OAuthApp = {
    ...app,
    client,
    userId: user.id,
    cookie,
    register,
    post: (path, call) => send('POST', `/auth/oauth/${path}`, call),
    get: (path, call = {}) => send('GET', path, call),
    authorize(parameters = {}, call = { cookie }) {
      const query = new URLSearchParams()
      const all: Record<string, string | null> = { ...requestOf(client.id), ...parameters }
      for (const [name, value] of Object.entries(all)) if (value !== null) query.set(name, value)
      return self.get(`/auth/oauth/authorize?${query}`, call)
    },
    decide(page, decision, call = {}) {
      const requestId = /name="request_id" value="([^"]+)"/.exec(page.text)?.[1] ?? 'none'
      return self.post('authorize', { cookie, form: { request_id: requestId, decision }, ...call })
    },
    async code(parameters) {
      const page = await self.authorize(parameters)
      const answer = page.status === 303 ? page : await self.decide(page, 'allow')
      const code = answer.query.get('code')
      if (!code) throw new Error(`no code: ${answer.status} ${answer.target} ${answer.query} ${answer.text}`)
      return code
    },
    exchange: (code, form = {}, call = { basic: client }) =>
      self.post('token', {
        ...call,
        form: { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier, ...form },
      }),
    async grant(parameters) {
      const { status, json, text } = await self.exchange(await self.code(parameters))
      if (status !== 200) throw new Error(text)
      return { accessToken: String(json.access_token), refreshToken: String(json.refresh_token) }
    },
    refreshGrant: (refreshToken, form = {}) =>
      self.post('token', { basic: client, form: { grant_type: 'refresh_token', refresh_token: refreshToken, ...form } }),
    introspect: (token, call = { basic: client }) => self.post('introspect', { ...call, form: { token } }),
  }
  return self
}

/** A request that is in order. */
export function requestOf(clientId: string): Readonly<Record<string, string>> {
  return {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'read:orders',
    state: 'the state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }
}

/** `Authorization` with id and secret, form-encoded as RFC 6749, section 2.3.1 has it. */
export function basic(client: IssuedClient | readonly [id: string, secret: string]): string {
  const [id, secret] = 'id' in client ? [client.id, client.secret ?? ''] : client
  const encode = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+')
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`
}

async function readAnswer(response: Response): Promise<OAuthAnswer> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  const location = response.headers.get('location')
  const [target = '', query = ''] = location?.split(/\?(.*)/s) ?? []
  return {
    status: response.status,
    text,
    json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    headers: response.headers,
    target,
    query: new URLSearchParams(query),
  }
}
