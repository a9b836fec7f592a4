import { expectEqual, expectThat } from '../../stores/expectations.js'
import { expectChallenge, expectProblem, expectStatus } from '../http-expectations.js'
import type { HttpSuite } from '../http-suite.js'
import { bearer } from '../visitor.js'

const forging = { 'X-Forge': '1' }

/** Guards on the app's own routes. */
export function guardRows({ it, visitor, twin }: HttpSuite): void {
  it('lets through who may, and tells the handler who it is', async () => {
    const { get, register } = await visitor()
    const { accessToken, userId } = await register()
    const answer = await get('/app/orders', bearer(accessToken))
    expectStatus(answer, 200, 'who may passes')
    expectEqual(
      answer.json(),
      { subject: userId, kind: 'user', via: 'bearer', shown: userId, body: null },
      'the handler knows who it is',
    )
  })

  it('RB-01 refuses everybody else with a code and a challenge, never with a redirect, and runs no handler', async () => {
    const { get, call, register } = await visitor()
    const { accessToken } = await register()
    const old = await (await twin()).accessToken({ secondsAgo: 600, accessTtl: 3600 })
    const before = (await get('/app/calls')).json().calls
    const scope = /^Bearer error="insufficient_scope", error_description="[^"]+", scope="read:invoices write:orders"$/
    const denied = /^Bearer error="insufficient_scope", error_description="[^"]+"$/
    const table = [
      ['/app/orders', {}, '401 credentials_missing', /^Bearer$/],
      ['/app/orders', { Accept: 'text/html' }, '401 credentials_missing', /^Bearer$/],
      ['/app/orders', bearer('x.y.z'), '401 token_malformed', /^Bearer error="invalid_token", /],
      ['/app/orders', { Cookie: '__Host-session=x' }, '401 session_invalid', /^Bearer$/],
      ['/app/orders', { 'X-API-Key': 'k' }, '401 api_key_invalid', /^Bearer error="invalid_token", /],
      ['/app/invoices', bearer(accessToken), '403 insufficient_scope', scope],
      ['/app/admin', bearer(accessToken), '403 insufficient_role', denied],
      ['/app/recent', bearer(old), '403 recent_login_required', denied],
      ['/app/cookie', bearer(accessToken), '403 credential_not_allowed', denied],
    ] as const
    for (const [target, headers, problem, challenge] of table) {
      const answer = await get(target, headers)
      expectProblem(answer, problem, `${target} refuses`)
      expectChallenge(answer, challenge, `${target} challenges`)
      const head = await call('HEAD', target, headers)
      expectEqual([head.status, head.text], [answer.status, ''], `HEAD ${target} is refused alike, without a body`)
    }
    expectEqual((await get('/app/calls')).json().calls, before, 'no handler has run')
  })

  it('tells which scopes and roles are missing', async () => {
    const { get, register } = await visitor()
    const { accessToken } = await register()
    const scopes = (await get('/app/invoices', bearer(accessToken))).json()
    expectEqual(
      [scopes.requiredScopes, scopes.missingScopes],
      [['read:invoices', 'write:orders'], ['read:invoices']],
      'scopes',
    )
    expectEqual((await get('/app/admin', bearer(accessToken))).json().requiredRoles, ['admin'], 'roles')
  })

  it('reads nobody from a property that another library or an attacker set', async () => {
    const { get, register } = await visitor()
    const before = (await get('/app/calls')).json().calls
    expectProblem(await get('/app/admin', forging), '401 credentials_missing', 'a forged principal is none')
    expectEqual((await get('/app/calls')).json().calls, before, 'no handler has run')
    expectEqual(
      (await get('/app/optional', forging)).json(),
      { subject: null, shown: null },
      'nor is it shown behind optional()',
    )
    const { accessToken, userId } = await register()
    expectEqual(
      (await get('/app/any', { ...forging, ...bearer(accessToken) })).json().subject,
      userId,
      'nor does it cover the real one',
    )
    expectEqual((await get('/app/public', forging)).json().subject, null, 'nor is it known where no guard ran')
  })

  it('answers 500 where a handler asks who is calling and no guard ran, forged or not', async () => {
    const { get, register } = await visitor()
    const { accessToken } = await register()
    for (const headers of [{}, forging, bearer(accessToken)]) {
      const answer = await get('/app/forgotten', headers)
      expectEqual(answer.status, 500, 'a missing guard is a fault')
      expectThat(!/forged|"subject"/.test(answer.text), 'and nobody is made up')
    }
  })

  it('behind optional() knows who is calling, and takes a bad credential for none', async () => {
    const { get, call, register } = await visitor()
    const { accessToken, userId } = await register()
    const seen = async (headers: Readonly<Record<string, string>>): Promise<unknown> =>
      (await get('/app/optional', headers)).json()
    expectEqual(await seen(bearer(accessToken)), { subject: userId, shown: userId }, 'a good credential is known')
    const bad = [
      {},
      bearer('x.y.z'),
      bearer(`${accessToken.slice(0, -4)}AAAA`),
      { ...bearer(accessToken), 'X-API-Key': 'k' },
      { Cookie: '__Host-session=x' },
    ]
    for (const headers of bad) expectEqual(await seen(headers), { subject: null, shown: null }, 'a bad one is none')
    expectStatus(await call('HEAD', '/app/optional', bearer('x.y.z')), 200, 'HEAD is answered alike')
  })

  it('RB-06 takes away what a token could do as soon as its session has ended', async () => {
    const { get, post, register } = await visitor()
    const { accessToken } = await register()
    expectStatus(await get('/app/orders', bearer(accessToken)), 200, 'a token is good')
    await post('~/logout', undefined, bearer(accessToken))
    expectProblem(await get('/app/orders', bearer(accessToken)), '401 token_revoked', 'until its session ends')
  })

  it('lets nobody pass through a guard while a store is down, and still serves what is public', async () => {
    const { get } = await visitor('down')
    const token = await (await twin()).accessToken()
    expectProblem(await get('/app/orders', bearer(token)), '503 store_unavailable', 'a guard cannot find out')
    expectEqual((await get('/app/calls')).json(), { calls: 0 }, 'no handler has run')
    expectStatus(await get('/app/optional'), 200, 'without a credential there is nothing to find out')
    expectStatus(await get('/app/public'), 200, 'what is public is served')
  })
}
