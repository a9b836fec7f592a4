import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { OAuthProvider } from '../../index.js'
import { type Clock, systemClock } from '../../shared/clock.js'
import { chooserPage } from './chooser-page.js'
import { createIdTokens } from './id-tokens.js'
import { answerDefectively, type ProviderDefect, type ProviderEndpoint, spoiltJson } from './provider-defects.js'
import { ada, type ProviderPerson } from './provider-person.js'

/** How the provider behaves. */
export interface FakeProviderOptions {
  /** What its ID tokens are dated by. Default: the machine's clock. */
  readonly clock?: Clock
  /** The port on 127.0.0.1. Default: a free one. */
  readonly port?: number
  /** Who may be chosen on a page. Default: no page, `person` is signed in at once. */
  readonly people?: readonly ProviderPerson[]
  /** Its name on that page, by the side that is asked. */
  readonly names?: { readonly oidc: string; readonly oauth2: string }
}

/** An identity provider on a real port: OpenID Connect, and beside it OAuth 2 as GitHub has it. For tests and demos alone. */
export interface FakeProvider {
  /** Where it is. */
  readonly url: string
  /** Its settings for `providers`, as an OpenID Connect provider. */
  oidc(fields?: Partial<OAuthProvider>): OAuthProvider
  /** The same as a GitHub-like one. */
  oauth2(fields?: Partial<OAuthProvider>): OAuthProvider
  /** Who is signed in there. */
  person: ProviderPerson
  /** What it does wrong, and which endpoint does so where it is a defect of one. */
  misbehave(defect: ProviderDefect | null, at?: ProviderEndpoint): void
  /** How often each path was asked. */
  calls(path: string): number
  /** All tokens and codes that it has issued: none of them may turn up anywhere. */
  readonly secrets: readonly string[]
  close(): Promise<void>
}

interface Grant {
  readonly isOidc: boolean
  readonly challenge: string
  readonly redirectUri: string
  readonly nonce: string | null
  readonly person: ProviderPerson
}

const clientId = 'fake-client'
const clientSecret = 'fake-client-secret-0123456789abcdef'
const githubPath = '/login/oauth'

/** Opens a provider. */
export async function fakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const { clock = systemClock, people, names = { oidc: 'Google', oauth2: 'GitHub' } } = options
  const idTokens = createIdTokens(clock)
  const codes = new Map<string, Grant>()
  const holders = new Map<string, ProviderPerson>()
  const counts = new Map<string, number>()
  const secrets: string[] = []
  let wrong: { readonly defect: ProviderDefect; readonly at: ProviderEndpoint | undefined } | null = null
  let url = ''

  function secret(): string {
    const text = randomBytes(24).toString('base64url')
    secrets.push(text)
    return text
  }

  const is = (defect: ProviderDefect): boolean => wrong?.defect === defect
  const defectAt = (at: ProviderEndpoint): ProviderDefect | null => (wrong && (wrong.at ?? at) === at ? wrong.defect : null)

  function send(response: ServerResponse, at: ProviderEndpoint, value: object, status = 200): void {
    if (answerDefectively(response, defectAt(at), url)) return
    response.writeHead(status, { 'content-type': 'application/json' }).end(spoiltJson(value, defectAt(at)))
  }

  function metadata(): object {
    return {
      issuer: is('discovery of another issuer') ? `${url}.evil.example` : url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      userinfo_endpoint: `${url}/userinfo`,
      jwks_uri: `${url}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
      authorization_response_iss_parameter_supported: true,
    }
  }

  function personOf(asked: URL): ProviderPerson | null {
    if (!people) return provider.person
    const chosen = asked.searchParams.get('person')
    return people.find(({ sub }) => sub === chosen) ?? null
  }

  function authorize(asked: URL, response: ServerResponse): void {
    const isOidc = asked.pathname === '/authorize'
    const { searchParams: given } = asked
    const redirectUri = given.get('redirect_uri')
    const challenge = given.get('code_challenge')
    const isProper = given.get('client_id') === clientId && given.get('response_type') === 'code'
    if (!isProper || !redirectUri || !challenge || given.get('code_challenge_method') !== 'S256')
      return void response.writeHead(400).end('not an authorization request')
    if (people && !given.has('person')) {
      const page = chooserPage(isOidc ? names.oidc : names.oauth2, asked, people)
      return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
    }
    const person = personOf(asked)
    const back = new URL(redirectUri)
    if (is('refuses the person') || !person) back.searchParams.set('error', 'access_denied')
    else {
      const code = secret()
      codes.set(code, { isOidc, challenge, redirectUri, nonce: given.get('nonce'), person })
      back.searchParams.set('code', code)
    }
    back.searchParams.set('state', given.get('state') ?? '')
    const iss = is('iss of another provider') ? 'https://another.example' : isOidc ? url : `${url}${githubPath}`
    if (!is('iss missing though advertised')) back.searchParams.set('iss', iss)
    response.writeHead(302, { location: back.href }).end()
  }

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await bodyOf(request))
    const grant = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const isClient = form.get('client_id') === clientId && form.get('client_secret') === clientSecret
    const isRight = isClient && grant?.challenge === challenge && grant.redirectUri === form.get('redirect_uri')
    const refreshed =
      isClient && form.get('grant_type') === 'refresh_token' && secrets.includes(form.get('refresh_token') ?? '')
    if (refreshed) return send(response, 'token', { access_token: secret(), token_type: 'bearer', expires_in: 3600 })
    if (!isRight || is('refuses the code')) return send(response, 'token', { error: 'invalid_grant' }, 400)
    const access = secret()
    holders.set(access, grant.person)
    const answer = { access_token: access, token_type: 'bearer', expires_in: 3600, refresh_token: secret() }
    if (!grant.isOidc) return send(response, 'token', { ...answer, scope: 'read:user,user:email' })
    const { nonce, person } = grant
    const idToken = await idTokens.issue({ issuer: url, clientId, clientSecret, nonce, person }, wrong?.defect ?? null)
    if (idToken) secrets.push(idToken)
    send(response, 'token', { ...answer, ...(idToken === null ? {} : { id_token: idToken }) })
  }

  function resource(path: string, request: IncomingMessage, response: ServerResponse): void {
    const person = holders.get((request.headers.authorization ?? '').replace(/^bearer /i, ''))
    if (!person)
      return void response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"Bad credentials"}')
    const { sub, id, login, name, email, emailVerified, publicEmail } = person
    if (path === '/userinfo') {
      send(response, 'userinfo', { sub, name, email: email ?? undefined, email_verified: emailVerified })
      return
    }
    if (path === '/user') {
      send(response, 'user', { id, login, name, email: publicEmail })
      return
    }
    const other = { email: `${login}@users.noreply.example`, primary: false, verified: true }
    send(response, 'emails', email === null ? [] : [other, { email, primary: true, verified: emailVerified }])
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new URL(request.url ?? '/', url)
    const path = asked.pathname
    counts.set(path, (counts.get(path) ?? 0) + 1)
    if (path === '/.well-known/openid-configuration') return send(response, 'discovery', metadata())
    if (path === '/jwks') return send(response, 'jwks', await idTokens.jwks())
    if (path === '/authorize' || path === `${githubPath}/authorize`) return authorize(asked, response)
    if (path === '/token' || path === `${githubPath}/access_token`) return token(request, response)
    if (['/userinfo', '/user', '/user/emails'].includes(path)) return resource(path, request, response)
    response.writeHead(404).end()
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // Listens on a port: it has an address.

  const provider: FakeProvider = {
    url,
    person: ada,
    secrets,
    oidc: (fields = {}) => ({ id: 'google', name: names.oidc, issuer: url, clientId, clientSecret, ...fields }),
    oauth2: (fields = {}) => ({
      id: 'github',
      name: names.oauth2,
      issuer: `${url}${githubPath}`,
      clientId,
      clientSecret,
      scopes: ['read:user', 'user:email'],
      oauth2: {
        authorizationEndpoint: `${url}${githubPath}/authorize`,
        tokenEndpoint: `${url}${githubPath}/access_token`,
        userinfo: { endpoint: `${url}/user`, subject: 'id', name: 'name', emailsEndpoint: `${url}/user/emails` },
      },
      ...fields,
    }),
    misbehave(defect, at) {
      wrong = defect === null ? null : { defect, at }
    },
    calls: (path) => counts.get(path) ?? 0,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return provider
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer) // No encoding is set.
  return Buffer.concat(chunks).toString()
}
