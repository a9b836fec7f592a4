import { expectEqual, expectThat } from '../../stores/expectations.js'
import { expectStatus } from '../http-expectations.js'
import { type HttpSuite, issuer } from '../http-suite.js'
import type { RawAnswer } from '../raw-exchange.js'
import { bearer, type Visitor } from '../visitor.js'

const redirectUri = 'https://client.example/cb'
const verifier = 'a-verifier-of-at-least-43-characters-for-the-kit'
/** SHA-256 of the verifier in base64url. */
const challenge = 't1mpU3yvpGfh9WUQjoSg5cjuekPmhK3I2NqT_2O4Fok'
const formType = { 'Content-Type': 'application/x-www-form-urlencoded' }

/** The OAuth server: forms, redirects, pages, documents at the root. */
export function oauthRows({ it, visitor }: HttpSuite): void {
  it('TK-01 TK-02 gives a client a token for a form, and for nothing else', async () => {
    const { get, post } = await visitor()
    const client = await clientOf(get)
    const form = 'grant_type=client_credentials&scope=read%3Aorders'
    const byHeader = await post('~/oauth/token', form, { ...formType, Authorization: basicOf(client) })
    expectToken(byHeader, 'a client may prove itself by Authorization')
    const posted = `${form}&client_id=${client.id}&client_secret=${client.secret}`
    const byForm = await post('~/oauth/token', posted, { 'Content-Type': `${formType['Content-Type']}; charset=utf-8` })
    expectToken(byForm, 'a client may prove itself in the form')
    const answer = await get('/app/orders', bearer(String(byForm.json().access_token)))
    expectEqual([answer.status, answer.json().kind], [200, 'client'], 'the token passes the guard of its scope')
    const twice = await post('~/oauth/token', `${posted}&scope=read%3Aorders`, formType)
    expectEqual([twice.status, twice.json().error], [400, 'invalid_request'], 'a repeated parameter is refused')
    const json = await post('~/oauth/token', { grant_type: 'client_credentials' }, { Authorization: basicOf(client) })
    expectEqual([json.status, json.json().error], [415, 'invalid_request'], 'JSON is refused')
  })

  it('TK-03 answers a wrong secret with a challenge for who used the header', async () => {
    const { get, post, call } = await visitor()
    const { id } = await clientOf(get)
    const wrong = { ...formType, Authorization: basicOf({ id, secret: 'wrong' }) }
    const answer = await post('~/oauth/token', 'grant_type=client_credentials', wrong)
    expectEqual([answer.status, answer.json().error], [401, 'invalid_client'], 'a wrong secret is refused')
    expectEqual(answer.all('www-authenticate'), ['Basic realm="oauth", charset="UTF-8"'], 'with a challenge')
    expectEqual(answer.all('content-type'), ['application/json'], 'in the terms of OAuth')
    const got = await call('GET', '~/oauth/token')
    expectEqual([got.status, got.all('allow'), got.json().error], [405, ['POST'], 'invalid_request'], 'GET is refused')
  })

  it('AZ-12 leads a browser from the sign-in page over the consent page to the client, by 303 each time', async () => {
    const { get, post, registerCookie } = await visitor()
    const client = await clientOf(get)
    const request = new URLSearchParams({
      response_type: 'code',
      client_id: client.id,
      redirect_uri: redirectUri,
      state: 'the state',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })
    const unknown = await get(`~/oauth/authorize?${request}`)
    expectStatus(unknown, 303, 'who is not signed in is sent to the sign-in page')
    expectThat(placeOf(unknown).href.startsWith(`${issuer}/sign-in?returnTo=`), 'which knows the way back')
    const Cookie = await registerCookie()
    const page = await get(`~/oauth/authorize?${request}`, { Cookie })
    expectStatus(page, 200, 'who is signed in is asked')
    expectEqual(page.all('content-type'), ['text/html; charset=utf-8'], 'on a page')
    expectThat(page.all('content-security-policy').length === 1, 'the page has a policy of its own')
    const requestId = /name="request_id" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const own = { ...formType, Cookie, 'Sec-Fetch-Site': 'same-origin' }
    const allowed = await post('~/oauth/authorize', `request_id=${requestId}&decision=allow`, own)
    expectStatus(allowed, 303, 'who allows it is sent on')
    const back = placeOf(allowed)
    expectEqual(back.origin + back.pathname, redirectUri, 'to the client')
    expectEqual(
      [back.searchParams.get('state'), back.searchParams.get('iss')],
      ['the state', issuer],
      'with state and issuer',
    )
    const exchange = new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
    })
    const answer = await post('~/oauth/token', exchange.toString(), { ...formType, Authorization: basicOf(client) })
    expectToken(answer, 'the code gives tokens')
    const revoked = `token=${answer.json().refresh_token}`
    const ended = await post('~/oauth/revoke', revoked, { ...formType, Authorization: basicOf(client) })
    expectEqual([ended.status, ended.text], [200, ''], 'which can be taken back')
    const looked = await post('~/oauth/introspect', revoked, { ...formType, Authorization: basicOf(client) })
    expectEqual([looked.status, looked.text], [200, '{"active":false}'], 'and are not active then')
  })

  it('A-71 shows foreign pages and unknown clients a page that leads nowhere', async () => {
    const { get, post } = await visitor()
    const unknown = await get(`~/oauth/authorize?client_id=nobody&redirect_uri=${encodeURIComponent(redirectUri)}`)
    const foreign = { ...formType, 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }
    const forged = await post('~/oauth/authorize', 'request_id=x&decision=allow', foreign)
    for (const [answer, status] of [
      [unknown, 400],
      [forged, 403],
    ] as const) {
      expectStatus(answer, status, 'it is refused')
      expectEqual(answer.all('location'), [], 'and leads nowhere')
      expectEqual(answer.all('content-type'), ['text/html; charset=utf-8'], 'on a page')
    }
  })

  it('IR-05 A-76 serves its metadata at the root, from the configuration', async () => {
    const { get, call } = await visitor()
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'http' }
    const answer = await get('/.well-known/oauth-authorization-server', headers)
    expectEqual([answer.status, answer.json().issuer], [200, issuer], 'the issuer is the configured one')
    expectThat(!answer.text.includes('evil'), 'no header has a part in it')
    expectStatus(await call('HEAD', '/.well-known/oauth-authorization-server'), 200, 'HEAD is answered too')
    const resource = await get('/.well-known/oauth-protected-resource')
    expectEqual([resource.status, resource.json().resource], [200, issuer], 'and that of the resource')
    const told = `Bearer resource_metadata="${issuer}/.well-known/oauth-protected-resource"`
    for (const target of ['~/me', '/app/orders'])
      expectEqual((await get(target)).all('www-authenticate'), [told], 'which guards tell of')
  })
}

interface KnownClient {
  readonly id: string
  readonly secret: string
}

/** A client that the probes register. */
async function clientOf(get: Visitor['get']): Promise<KnownClient> {
  const { id, secret } = (await get('~/probe/client')).json()
  return { id: String(id), secret: String(secret) }
}

function basicOf({ id, secret }: KnownClient): string {
  return `Basic ${btoa(`${id}:${secret}`)}`
}

function expectToken(answer: RawAnswer, promise: string): void {
  expectStatus(answer, 200, promise)
  expectThat(typeof answer.json().access_token === 'string', promise)
  expectEqual(answer.all('cache-control'), ['no-store'], `${promise}: it is not cached`)
}

function placeOf(answer: RawAnswer): URL {
  return new URL(answer.all('location')[0] ?? 'about:blank')
}
