import { expectEqual, expectThat } from '../../stores/expectations.js'
import { expectChallenge, expectProblem, expectStatus } from '../http-expectations.js'
import { type HttpSuite, issuer } from '../http-suite.js'
import type { RawAnswer } from '../raw-exchange.js'
import { bearer, cookiesOf } from '../visitor.js'

const ownPage = { 'Sec-Fetch-Site': 'same-origin', Origin: issuer }

/** Every route, as it answers when all is well. */
export function routeRows({ it, visitor }: HttpSuite): void {
  it('signs up with tokens in the body, kept from caches', async () => {
    const { post, email, password } = await visitor()
    const answer = await post('~/register', { email, password, name: 'Ada' })
    expectStatus(answer, 201, 'a registration is answered 201')
    expectKeys(answer, ['accessToken', 'refreshToken', 'tokenType', 'expiresIn', 'refreshExpiresIn', 'user', 'deviceToken'])
    expectJson(answer)
    expectEqual(ours(answer), [], 'tokens come without a cookie of ours')
  })

  it('SE-04 signs up with two cookies, each on a line of its own and with every attribute, and no token in the body', async () => {
    const { post, email, password } = await visitor()
    const answer = await post('~/register', { email, password, transport: 'cookie' })
    expectStatus(answer, 201, 'a registration is answered 201')
    expectKeys(answer, ['user', 'session'])
    expectJson(answer)
    const cookies = ours(answer)
    expectEqual(
      cookies.map((line) => line.split('=', 1)[0]).sort(),
      ['__Host-device', '__Host-session'],
      'both cookies are set',
    )
    for (const cookie of cookies) {
      const attributes = cookie.split('; ').slice(1).sort()
      expectEqual(
        attributes.filter((attribute) => !attribute.startsWith('Max-Age=')),
        ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'],
        'a cookie has its attributes',
      )
    }
  })

  it('signs in, tells who is signed in, and signs on', async () => {
    const { register, post, get, email, password } = await visitor()
    await register()
    const login = await post('~/login', { email, password })
    expectStatus(login, 200, 'a login is answered 200')
    const { accessToken, refreshToken } = login.json()
    const me = await get('~/me', bearer(String(accessToken)))
    expectStatus(me, 200, 'a token says who is signed in')
    expectKeys(me, ['principal', 'user'])
    expectJson(me)
    const refreshed = await post('~/refresh', { refreshToken })
    expectStatus(refreshed, 200, 'a refresh is answered 200')
    expectKeys(refreshed, ['accessToken', 'refreshToken', 'tokenType', 'expiresIn', 'refreshExpiresIn', 'deviceToken'])
    expectThat(refreshed.json().refreshToken !== refreshToken, 'a refresh token is replaced')
  })

  it('SE-07 signs out with 204 and without a body, clears the cookie, and does so as often as it is asked', async () => {
    const { registerCookie, post, get } = await visitor()
    const cookie = await registerCookie()
    for (const round of ['first', 'second']) {
      const answer = await post('~/logout', undefined, { Cookie: cookie, ...ownPage })
      expectStatus(answer, 204, `the ${round} logout is answered 204`)
      expectEqual(answer.text, '', 'there is no body')
      const [cleared = '', ...others] = ours(answer)
      expectThat(cleared.startsWith('__Host-session=;') && cleared.includes('Max-Age=0'), 'the cookie is cleared')
      expectEqual(others, [], 'nothing else is set')
    }
    expectProblem(await get('~/me', { Cookie: cookie }), '401 session_invalid', 'an ended session is none')
  })

  it('ends all sessions of a user', async () => {
    const { register, post, get } = await visitor()
    const { accessToken } = await register()
    expectStatus(await post('~/logout-all', undefined, bearer(accessToken)), 204, 'ending all sessions is answered 204')
    expectProblem(await get('~/me', bearer(accessToken)), '401 token_revoked', 'a token of an ended session is revoked')
  })

  it('SE-08 lists sessions and ends one by its id', async () => {
    const { register, get, call, post, email, password } = await visitor()
    const { accessToken } = await register()
    await post('~/login', { email, password })
    const listed = await get('~/sessions', bearer(accessToken))
    expectStatus(listed, 200, 'sessions are listed')
    const sessions = listed.json().sessions as readonly { id: string; current: boolean }[] // As the route promises.
    expectEqual(sessions.length, 2, 'both sessions are listed')
    const other = sessions.find(({ current }) => !current)
    expectStatus(await call('DELETE', `~/sessions/${other?.id}`, bearer(accessToken)), 204, 'a session is ended by its id')
    expectEqual(
      (await get('~/sessions', bearer(accessToken))).text.includes(String(other?.id)),
      false,
      'it is listed no more',
    )
    const foreign = await (await visitor()).register()
    const unknown = await call('DELETE', `~/sessions/${crypto.randomUUID()}`, bearer(foreign.accessToken))
    const others = await call(
      'DELETE',
      `~/sessions/${sessions.find(({ current }) => current)?.id}`,
      bearer(foreign.accessToken),
    )
    for (const answer of [unknown, others]) expectProblem(answer, '404 not_found', "somebody else's session is none")
  })

  it('SE-02 changes a password, and goes on in a fresh cookie', async () => {
    const { registerCookie, post, get, password } = await visitor()
    const cookie = await registerCookie()
    const body = { currentPassword: password, newPassword: 'another long passphrase' }
    const changed = await post('~/password/change', body, { Cookie: cookie, ...ownPage })
    expectStatus(changed, 204, 'a change of password is answered 204')
    expectEqual(ours(changed).length, 2, 'both cookies are set anew')
    expectStatus(await get('~/me', { Cookie: cookiesOf(changed) }), 200, 'the fresh cookie is good')
    expectEqual((await get('~/me', { Cookie: cookie })).status, 401, 'the old cookie is not')
  })

  it('deletes an account', async () => {
    const { register, post, get, email, password } = await visitor()
    const { accessToken } = await register()
    expectStatus(await post('~/me/delete', { password }, bearer(accessToken)), 204, 'deleting is answered 204')
    expectEqual((await get('~/me', bearer(accessToken))).status, 401, 'a token of a deleted account is worth nothing')
    expectProblem(await post('~/login', { email, password }), '401 invalid_credentials', 'a deleted account is unknown')
  })

  it('KM-02 gives public keys below the base path and at the root, for caches to keep', async () => {
    const { get } = await visitor()
    for (const target of ['~/jwks.json', '/.well-known/jwks.json']) {
      const answer = await get(target)
      expectStatus(answer, 200, `${target} is served`)
      expectEqual(answer.all('content-type'), ['application/json'], 'it is JSON')
      expectEqual(answer.all('cache-control'), ['public, max-age=300'], 'it may be cached')
      expectThat(!answer.text.includes('"d"'), 'no private member is shown')
    }
  })

  it('WB-05 answers HEAD as GET without a body, and runs nothing that GET would not', async () => {
    const { call, get, register } = await visitor()
    const { accessToken } = await register()
    for (const target of ['~/me', '~/sessions', '~/jwks.json', '/.well-known/jwks.json']) {
      const [head, full] = [await call('HEAD', target, bearer(accessToken)), await get(target, bearer(accessToken))]
      expectEqual([head.status, head.text], [200, ''], `HEAD ${target} has no body`)
      for (const name of ['content-type', 'cache-control'])
        expectEqual(head.all(name), full.all(name), `HEAD ${target} has the ${name} of GET`)
    }
    const refused = await call('HEAD', '~/me')
    expectEqual([refused.status, refused.text], [401, ''], 'a refused HEAD has no body')
    expectChallenge(refused, /^Bearer$/, 'a refused HEAD has its challenge')
  })
}

function expectKeys(answer: RawAnswer, keys: readonly string[]): void {
  expectEqual(Object.keys(answer.json()).sort(), [...keys].sort(), 'the answer has these members')
}

function expectJson(answer: RawAnswer): void {
  expectEqual(answer.all('content-type'), ['application/json'], 'the answer is JSON')
  expectEqual(answer.all('cache-control'), ['no-store'], 'the answer is not cached')
  expectThat(answer.isWhole, 'the answer is whole')
}

/** Cookies but the app's own. */
function ours(answer: RawAnswer): readonly string[] {
  return answer.all('set-cookie').filter((line) => !line.startsWith('app='))
}
