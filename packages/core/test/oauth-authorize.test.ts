import { beforeEach, describe, expect, it } from 'vitest'
import { type OAuthAnswer, type OAuthApp, oauthApp, redirectUri, signIn } from './support/oauth-app.js'
import { cookieLogin, issuer, password } from './support/test-app.js'

const clientTarget = 'https://client.example.com/cb'
const tickets = async (app: OAuthApp): Promise<number> => app.stores.tickets.revokeAll('authorization-code', app.userId)

/** A page of the server's own, which leads nowhere and says nothing of the request. */
function expectPage(answer: OAuthAnswer, status: number): void {
  expect(answer.status).toBe(status)
  expect(answer.headers.get('location')).toBeNull()
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const policy = answer.headers.get('content-security-policy')
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action [^;]+; frame-ancestors 'none'; base-uri 'none'$/,
  )
  expect(answer.headers.get('x-frame-options')).toBe('DENY')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.text).not.toMatch(/<script|<img|onerror/i)
}

let app: OAuthApp
beforeEach(async () => {
  app = await oauthApp()
})

describe('clients and redirect URIs that are not known', () => {
  it.each([
    'https://client.example.com/CB?keep=%20',
    'https://client.example.com/cb/?keep=%20',
    'https://client.example.com/cb',
    'https://client.example.com/cb?keep=%20&x=1',
    'https://client.example.com/cb?keep=%20#f',
    'https://client.example.com/x/../cb?keep=%20',
    'https://client.example.com/cb%2f..?keep=%20',
    'https://client.example.com/cb%00?keep=%20',
    'https://client.example.com/cb;x?keep=%20',
    'HTTPS://client.example.com/cb?keep=%20',
    'http://client.example.com/cb?keep=%20',
    'https://client.example.com:443/cb?keep=%20',
    'https://client.example.com./cb?keep=%20',
    'https://u@client.example.com/cb?keep=%20',
    'https://client.example.com@evil.example/cb?keep=%20',
    'https://client.example.com.evil.example/cb?keep=%20',
    'https://evil.example/client.example.com/cb?keep=%20',
    'https://xclient.example.com/cb?keep=%20',
    'https://client.example.com\\@evil.example/cb?keep=%20',
    'https://client%2eexample.com/cb?keep=%20',
    'http://127.0.0.1/cb?keep=%20',
    'http://localhost/cb?keep=%20',
    ' https://client.example.com/cb?keep=%20',
    "https://client.example.com/cb?keep=%20'><img src=x onerror=alert(1)>",
  ])('AZ-01 AZ-03 A-53 WB-08 leads nowhere for %s', async (uri) => {
    expectPage(await app.authorize({ redirect_uri: uri }), 400)
    expect(await tickets(app)).toBe(0)
  })

  it('AZ-01 A-53 takes the only registered one where none is named, and none of two', async () => {
    const page = await app.authorize({ redirect_uri: null })
    const { target, query } = await app.decide(page, 'allow')
    expect(target).toBe(clientTarget)
    expect((await app.exchange(query.get('code') ?? '', { redirect_uri: '' })).status).toBe(200)
    const two = await app.register({ redirectUris: [redirectUri, 'https://client.example.com/two'] })
    expectPage(await app.authorize({ client_id: two.id, redirect_uri: null }), 400)
    expectPage(await app.authorize({ client_id: two.id, redirect_uri: '' }), 400)
  })

  it.each([
    ['http://127.0.0.1:49152/cb?x', 303],
    ['http://127.0.0.1/cb?x', 303],
    ['http://[::1]:5/cb', 303],
    ['http://127.0.0.1:49152/cb', 400],
    ['http://127.0.0.1:49152/CB?x', 400],
    ['http://127.0.0.1:49152/cb?x=1', 400],
    ['http://127.0.0.1:99999/cb?x', 400],
    ['http://127.0.0.1:49152@evil.example/cb?x', 400],
    ['http://127.0.0.2:49152/cb?x', 400],
    ['http://localhost:49152/cb?x', 400],
    ['http://[::1]:49152/cb?x', 400],
    ['https://127.0.0.1:49152/cb?x', 400],
    ['http://localhost:4000/local', 303],
    ['http://localhost:4001/local', 400],
  ])('AZ-02 lets the port of a loopback address differ and nothing else: %s', async (uri, status) => {
    const native = await app.register({
      kind: 'public',
      grants: ['authorization_code'],
      redirectUris: ['http://127.0.0.1:3000/cb?x', 'http://[::1]/cb', 'http://localhost:4000/local'],
    })
    const answer = await app.authorize({ client_id: native.id, redirect_uri: uri, code_challenge: null })
    expect(answer.status).toBe(status)
    if (status === 303) expect(answer.target).toBe(uri.split('?')[0])
  })

  it.each(['nobody', '', "<script>alert('x')</script>", '00000000-0000-4000-8000-000000000000'])(
    'AZ-03 A-72 WB-08 shows its own page to %j',
    async (id) => {
      expectPage(await app.authorize({ client_id: id }), 400)
    },
  )

  it('AZ-05 A-55 says on its own page that client or redirect URI came twice', async () => {
    for (const name of ['client_id', 'redirect_uri']) {
      const query = new URLSearchParams(await requestQuery(app))
      query.append(name, query.get(name) ?? '')
      expectPage(await app.get(`/auth/oauth/authorize?${query}`, { cookie: app.cookie }), 400)
    }
    expectPage(await app.authorize({ client_id: null, 'client_id[]': app.client.id }), 400)
  })
})

async function requestQuery(of: OAuthApp): Promise<string> {
  const { requestOf } = await import('./support/oauth-app.js')
  return String(new URLSearchParams(requestOf(of.client.id)))
}

describe('requests that are not in order', () => {
  it.each([
    [{ response_type: null }, 'invalid_request'],
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ response_type: 'id_token' }, 'unsupported_response_type'],
    [{ response_type: 'code token' }, 'unsupported_response_type'],
    [{ response_type: 'none' }, 'unsupported_response_type'],
    [{ response_mode: 'fragment' }, 'invalid_request'],
    [{ response_mode: 'web_message' }, 'invalid_request'],
    [{ response_mode: 'form_post.jwt' }, 'invalid_request'],
    [{ response_mode: 'query.jwt' }, 'invalid_request'],
    [{ code_challenge: null }, 'invalid_request'],
    [{ code_challenge_method: null }, 'invalid_request'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ code_challenge_method: 'S512' }, 'invalid_request'],
    [{ code_challenge: 'x'.repeat(42) }, 'invalid_request'],
    [{ code_challenge: 'x'.repeat(129) }, 'invalid_request'],
    [{ code_challenge: `${'x'.repeat(42)}+` }, 'invalid_request'],
    [{ code_challenge: `${'x'.repeat(42)}=` }, 'invalid_request'],
    [{ scope: 'admin' }, 'invalid_scope'],
    [{ scope: 'users:read' }, 'invalid_scope'],
    [{ request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported'],
    [{ request_uri: 'http://169.254.169.254/latest' }, 'request_uri_not_supported'],
    [{ request_uri: 'file:///etc/passwd' }, 'request_uri_not_supported'],
    [{ prompt: 'none login' }, 'invalid_request'],
    [{ prompt: 'other' }, 'invalid_request'],
    [{ max_age: '-1' }, 'invalid_request'],
    [{ prompt: 'none' }, 'consent_required'],
    [{ state: 'x'.repeat(9000) }, 'invalid_request'],
  ])('AZ-06 AZ-07 AZ-11 AZ-14 A-56 A-61 A-75 answers %j at the redirect URI', async (parameters, error) => {
    const { status, target, query, headers } = await app.authorize(parameters)
    expect([status, target, query.get('error')]).toEqual([303, clientTarget, error])
    expect(query.get('keep')).toBe(' ')
    expect(query.get('state')).toBe('state' in parameters ? parameters.state : 'the state')
    expect(query.get('iss')).toBe(issuer)
    expect(query.has('code')).toBe(false)
    expect(headers.get('location')).not.toContain('#')
    expect(await tickets(app)).toBe(0)
  })

  it.each(['response_type', 'response_mode', 'scope', 'state', 'code_challenge', 'code_challenge_method', 'prompt'])(
    'AZ-05 A-55 refuses %s twice',
    async (name) => {
      const query = new URLSearchParams(await requestQuery(app))
      query.append(name, query.get(name) ?? 'x')
      query.append(name, 'y')
      const answer = await app.get(`/auth/oauth/authorize?${query}`, { cookie: app.cookie })
      expect([answer.target, answer.query.get('error')]).toEqual([clientTarget, 'invalid_request'])
      expect(answer.query.get('state')).toBe(name === 'state' ? null : 'the state')
    },
  )

  it('AZ-05 takes what is empty as absent and ignores what it does not know', async () => {
    const page = await app.authorize({ response_mode: '', prompt: '', resource: '', unknown: 'x', nonce: 'n' })
    expect(page.status).toBe(200)
  })

  it('A-63 sends a client without this grant away', async () => {
    const service = await app.register({ grants: ['client_credentials'] })
    expect((await app.authorize({ client_id: service.id })).query.get('error')).toBe('unauthorized_client')
  })

  it('serves GET and POST alone', async () => {
    const head = await app.auth.handler(
      new Request(`${issuer}/auth/oauth/authorize?${await requestQuery(app)}`, { method: 'HEAD' }),
    )
    expect([head.status, head.headers.get('allow')]).toEqual([405, 'GET, POST'])
  })
})

describe('people who are not signed in', () => {
  const returnTo = ({ query }: OAuthAnswer): string => query.get('returnTo') ?? ''

  it('AZ-12 go to the sign-in page and come back to the same request', async () => {
    const answer = await app.authorize({}, {})
    expect([answer.status, answer.target]).toEqual([303, signIn.split('?')[0]])
    expect(answer.query.get('lang')).toBe('en')
    expect(answer.query.has('prompt')).toBe(false)
    expect(returnTo(answer)).toMatch(/^\/auth\/oauth\/authorize\?/)
    expect((await app.get(returnTo(answer), { cookie: app.cookie })).status).toBe(200)
  })

  it('count for nobody with a bearer token or a key', async () => {
    const { accessToken } = await app.grant()
    const answer = await app.authorize({}, { headers: { authorization: `Bearer ${accessToken}` } })
    expect(answer.target).toBe(signIn.split('?')[0])
    expect((await app.authorize({}, { cookie: 'session=garbage; __Host-session=garbage' })).target).toBe(
      signIn.split('?')[0],
    )
  })

  it('are told so where the client wants nobody to be asked', async () => {
    const { target, query } = await app.authorize({ prompt: 'none' }, {})
    expect([target, query.get('error')]).toEqual([clientTarget, 'login_required'])
  })

  it.each([
    { prompt: 'login' },
    { prompt: 'select_account' },
    { max_age: '0' },
    { max_age: '60' },
    { prompt: 'login consent' },
  ])('are those who have to sign in again, too: %j', async (parameters) => {
    await app.clock.advance(61_000)
    const answer = await app.authorize(parameters)
    expect([answer.target, answer.query.get('prompt')]).toEqual([signIn.split('?')[0], 'login'])
    // Who comes back without having done so is sent again; who has is asked.
    expect((await app.get(returnTo(answer), { cookie: app.cookie })).target).toBe(signIn.split('?')[0])
    await app.clock.advance(1000)
    const fresh = await cookieLogin(app)
    expect((await app.get(returnTo(answer), { cookie: fresh })).status).toBe(200)
  })

  it('are not those who signed in lately enough', async () => {
    await app.clock.advance(59_000)
    expect((await app.authorize({ max_age: '60' })).status).toBe(200)
  })

  it('see a page where there is no sign-in page', async () => {
    const without = await oauthApp({ links: undefined as never })
    expectPage(await without.authorize({}, {}), 401)
  })
})

describe('the consent page', () => {
  it('AZ-13 A-71 A-72 WB-08 tells who asks for what, with everything escaped', async () => {
    const page = await app.authorize({ scope: 'read:orders write:orders' })
    expectPage(page, 200)
    expect(page.text).toContain('Reports &lt;b&gt;&amp; wants to use your account')
    expect(page.text).toContain('ada@example.com')
    expect(page.text).toContain('<li>read:orders</li><li>write:orders</li>')
    expect(page.text).toContain('client.example.com')
    expect(page.text).toContain('name="decision" value="allow"')
    expect(page.text).toContain('name="decision" value="deny"')
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https:;")
    const described = await oauthApp({ oauth: { scopeDescriptions: { 'read:orders': 'See <your> orders' } } })
    expect((await described.authorize()).text).toContain('<li>See &lt;your&gt; orders</li>')
  })

  it('AZ-11 AZ-12 gives a code with state and issuer when it is allowed', async () => {
    const state = `${'a b+c%26&=?#é🙂"\'<>\\'.repeat(60)}end`
    const { status, target, query } = await app.decide(await app.authorize({ state }), 'allow')
    expect([status, target]).toEqual([303, clientTarget])
    expect(query.get('state')).toBe(state)
    expect(query.get('iss')).toBe(issuer)
    expect(query.get('keep')).toBe(' ')
    expect(query.get('code')).toMatch(/^[\w-]{91}$/)
    expect(query.has('error')).toBe(false)
  })

  it('AZ-11 AZ-13 sends the client away when it is denied', async () => {
    const { status, target, query } = await app.decide(await app.authorize(), 'deny')
    expect([status, target, query.get('error')]).toEqual([303, clientTarget, 'access_denied'])
    expect([query.get('state'), query.get('iss'), query.has('code')]).toEqual(['the state', issuer, false])
    expect(await tickets(app)).toBe(0)
  })

  it('AZ-13 A-71 WB-03 takes the decision of the session that was asked alone', async () => {
    const page = await app.authorize()
    await app.auth.accounts.create({ email: 'eve@example.com', password, roles: ['user'] })
    const eve = await cookieLogin(app, 'eve@example.com')
    const again = await cookieLogin(app)
    for (const cookie of [eve, again]) {
      const requestId = /value="([\w-]+)"/.exec(page.text)?.[1] ?? ''
      const answer = await app.post('authorize', { cookie, form: { request_id: requestId, decision: 'allow' } })
      expectPage(answer, 403)
    }
    // Nothing was used up by that.
    expect((await app.decide(page, 'allow')).query.has('code')).toBe(true)
  })

  it.each([
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site', origin: 'https://evil.app.example.com' }],
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
  ])('A-71 WB-03 refuses a decision from a foreign page: %j', async (headers) => {
    const page = await app.authorize()
    expectPage(await app.decide(page, 'allow', { headers }), 403)
    expect((await app.decide(page, 'allow', { headers: { 'sec-fetch-site': 'same-origin', origin: 'null' } })).status).toBe(
      303,
    )
  })

  it('A-71 writes nothing down of a question that nobody answers, however often it is asked', async () => {
    for (let opened = 0; opened < 20; opened++) expect((await app.authorize()).status).toBe(200)
    expect(await app.stores.tickets.revokeAll('consent-request', app.userId)).toBe(0)
    await app.decide(await app.authorize(), 'deny')
    expect(await app.stores.tickets.revokeAll('consent-request', app.userId)).toBe(1)
  })

  it('A-71 takes one of ten decisions at once', async () => {
    const page = await app.authorize()
    const answers = await Promise.all(Array.from({ length: 10 }, () => app.decide(page, 'allow')))
    expect(answers.filter(({ query }) => query.has('code'))).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(9)
  })

  it('A-71 takes the first decision alone, and what was asked is what is granted', async () => {
    const page = await app.authorize({ scope: 'read:orders' })
    const requestId = /value="([\w-]+)"/.exec(page.text)?.[1] ?? ''
    const more = {
      request_id: requestId,
      decision: 'allow',
      scope: 'read:orders write:orders',
      redirect_uri: 'https://evil.example',
      state: 'evil',
    }
    const first = await app.post('authorize?scope=write:orders&client_id=evil', { cookie: app.cookie, form: more })
    expect([first.target, first.query.get('state')]).toEqual([clientTarget, 'the state'])
    expect((await app.exchange(first.query.get('code') ?? '')).json.scope).toBe('read:orders')
    expectPage(await app.decide(page, 'allow'), 400)
    expectPage(await app.decide(page, 'deny'), 400)
  })

  it.each([
    [{ decision: 'allow' }],
    [{ request_id: 'x', decision: 'allow' }],
    [{ request_id: 'x', decision: 'maybe' }],
    [{}],
  ])('A-71 takes no decision of %j', async (form) => {
    expectPage(await app.post('authorize', { cookie: app.cookie, form }), 400)
  })

  it('A-71 takes no code for a question, no question for a code, and none that is old', async () => {
    const code = await app.code()
    expectPage(await app.post('authorize', { cookie: app.cookie, form: { request_id: code, decision: 'allow' } }), 400)
    const page = await app.authorize()
    const requestId = /value="([\w-]+)"/.exec(page.text)?.[1] ?? ''
    expect((await app.exchange(requestId)).json.error).toBe('invalid_grant')
    await app.clock.advance(600_000)
    expectPage(await app.decide(page, 'allow'), 400)
  })

  it('gives nothing once the client, its redirect URI or what was asked is gone', async () => {
    const { clients } = app.auth.oauth
    const [moved, narrowed, disabled] = [
      await app.authorize(),
      await app.authorize({ scope: 'write:orders' }),
      await app.authorize(),
    ]
    await clients.update(app.client.id, { redirectUris: ['https://client.example.com/new'], scopes: ['read:orders'] })
    expectPage(await app.decide(moved, 'allow'), 400)
    await clients.update(app.client.id, { redirectUris: [redirectUri] })
    expect((await app.decide(narrowed, 'allow')).query.get('error')).toBe('access_denied')
    await clients.disable(app.client.id)
    expectPage(await app.decide(disabled, 'allow'), 400)
  })

  it('AZ-13 asks each time, whatever was allowed before; a client of one’s own may be trusted', async () => {
    await app.code()
    expect((await app.authorize()).status).toBe(200)
    expect((await app.authorize({ scope: 'read:orders write:orders' })).status).toBe(200)
    const trusted = await app.register({ consent: 'implicit' })
    expect((await app.authorize({ client_id: trusted.id })).query.has('code')).toBe(true)
    expect((await app.authorize({ client_id: trusted.id, prompt: 'none' })).query.has('code')).toBe(true)
    expect((await app.authorize({ client_id: trusted.id, prompt: 'consent' })).status).toBe(200)
    expect((await app.authorize({ client_id: trusted.id }, {})).target).toBe(signIn.split('?')[0])
    // Should a record say so of a public client, however it came there.
    const record = await app.stores.clients.find(trusted.id)
    if (record) await app.stores.clients.swap(record.version, { ...record, kind: 'public', version: 9 })
    expect((await app.authorize({ client_id: trusted.id })).status).toBe(200)
  })

  it('A-100 allows no other origin to read any of it', async () => {
    for (const origin of ['https://evil.example', 'null', `${issuer}.evil.example`, 'http://app.example.com']) {
      for (const answer of [
        await app.authorize({}, { headers: { origin } }),
        await app.post('token', { form: {}, headers: { origin } }),
      ]) {
        expect(answer.headers.get('access-control-allow-origin')).toBeNull()
        expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
      }
    }
  })
})

describe('grants among the sessions', () => {
  it('are shown with their client, and can be taken back', async () => {
    await app.clock.advance(1000)
    const { accessToken, refreshToken } = await app.grant()
    const listed = (await app.call('GET', '/auth/sessions', { cookie: app.cookie })).body.sessions as Record<
      string,
      unknown
    >[]
    expect(listed.map(({ clientId }) => clientId)).toEqual([app.client.id, undefined])
    const headers = { 'sec-fetch-site': 'same-origin' }
    await app.call('DELETE', `/auth/sessions/${listed[0]?.id}`, { cookie: app.cookie, headers })
    expect(await app.guard({ bearer: accessToken })).toBe('401 token_revoked')
    expect((await app.refreshGrant(refreshToken)).json.error).toBe('invalid_grant')
    expect((await app.auth.sessions.list(app.userId)).map(({ clientId }) => clientId)).toEqual([null])
  })
})
