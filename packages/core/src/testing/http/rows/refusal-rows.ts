import { exportJWK, generateKeyPair } from 'jose'
import { expectEqual, expectThat } from '../../stores/expectations.js'
import { busyPassword, faultyPassword } from '../conformance-auth.js'
import { expectChallenge, expectProblem } from '../http-expectations.js'
import type { HttpSuite } from '../http-suite.js'
import { bearer } from '../visitor.js'

const invalidToken = /^Bearer error="invalid_token", error_description="[^"]+"$/

/** Every refusal of the SDK's own routes. */
export function refusalRows({ it, visitor, twin }: HttpSuite): void {
  it('RS-02 asks for a credential where none came', async () => {
    const { get } = await visitor()
    const answer = await get('~/me')
    expectProblem(answer, '401 credentials_missing', 'no credential is 401')
    expectChallenge(answer, /^Bearer$/, 'without a credential the challenge names no error')
  })

  it('RS-02 tells what is wrong with a token', async () => {
    const { get, register, post } = await visitor()
    const { accessToken } = await twin()
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const foreign = { ...(await exportJWK(privateKey)), kid: 'conformance', alg: 'ES256', use: 'sig' }
    const own = await register()
    await post('~/logout', undefined, bearer(own.accessToken))
    const tokens = [
      ['token_malformed', 'x.y.z'],
      ['token_signature_invalid', await accessToken({ signingKey: foreign })],
      ['token_expired', await accessToken({ secondsAgo: 1000 })],
      ['token_claims_invalid', await accessToken({ audience: 'https://elsewhere.example' })],
      ['token_revoked', own.accessToken],
    ] as const
    for (const [code, token] of tokens) {
      const answer = await get('~/me', bearer(token))
      expectProblem(answer, `401 ${code}`, 'a bad token says why')
      expectChallenge(answer, invalidToken, 'a bad token is challenged')
    }
  })

  it('tells of a session that is none, and of one that has ended', async () => {
    const { get } = await visitor()
    const { cookie } = await twin()
    expectProblem(await get('~/me', { Cookie: '__Host-session=nonsense' }), '401 session_invalid', 'nonsense is no session')
    expectProblem(await get('~/me', { Cookie: await cookie() }), '401 session_expired', 'a session that is gone has expired')
  })

  it('refuses an API key that is none', async () => {
    const { get } = await visitor()
    const answer = await get('~/me', { 'X-API-Key': 'nonsense' })
    expectProblem(answer, '401 api_key_invalid', 'nonsense is no API key')
    expectChallenge(answer, invalidToken, 'a bad key is challenged')
  })

  it('RT-05 tells the fates of refresh tokens apart', async () => {
    const { post, register } = await visitor()
    const { refreshToken } = await twin()
    const own = await register()
    const refresh = (token: string): ReturnType<typeof post> => post('~/refresh', { refreshToken: token })
    expectProblem(await refresh('nonsense'), '401 refresh_invalid', 'nonsense is no refresh token')
    expectProblem(await refresh(await refreshToken()), '401 refresh_expired', 'a token whose session is gone has expired')
    expectEqual((await refresh(own.refreshToken)).status, 200, 'a token is good once')
    expectProblem(await refresh(own.refreshToken), '401 refresh_reused', 'a spent token is reuse')
    expectProblem(await refresh(own.refreshToken), '401 refresh_revoked', 'afterwards the session has ended')
  })

  it('LG-01 answers a wrong password as an unknown address', async () => {
    const { post, register, email } = await visitor()
    await register()
    const [known, unknown] = [
      await post('~/login', { email, password: 'a wrong passphrase' }),
      await post('~/login', { email: `un${email}`, password: 'a wrong passphrase' }),
    ]
    expectProblem(known, '401 invalid_credentials', 'a wrong password is 401')
    expectEqual(unknown.text, known.text, 'an unknown address is answered alike')
  })

  it('BF-09 stops an address that keeps failing, and tells when to come back', async () => {
    const { post, email, password } = await visitor()
    for (let i = 0; i < 5; i++) await post('~/login', { email, password })
    const answer = await post('~/login', { email, password })
    expectProblem(answer, '429 too_many_attempts', 'the sixth failure in a minute is one too many')
    for (const [name, form] of [
      ['retry-after', /^\d+$/],
      ['ratelimit', /^"[\w-]+";r=0;t=\d+$/],
      ['ratelimit-policy', /^"[\w-]+";q=5;w=60$/],
    ] as const) {
      const [line = '', ...more] = answer.all(name)
      expectThat(form.test(line) && more.length === 0, `${name} is told once, as ${form}; got ${JSON.stringify(line)}`)
    }
  })

  it('refuses an address that is taken', async () => {
    const { post, register, email, password } = await visitor()
    await register()
    expectProblem(await post('~/register', { email, password }), '409 email_taken', 'an address is taken once')
  })

  it('refuses new accounts where registration is closed', async () => {
    const { post, email, password } = await visitor('down')
    const answer = await post('~/register', { email, password })
    expectProblem(answer, '403 registration_closed', 'nobody may sign up')
    expectChallenge(answer, /^Bearer$/, 'every 403 has a challenge')
  })

  it('AD-02 tells which fields are wrong', async () => {
    const { post } = await visitor()
    const answer = await post('~/register', { email: 'nobody', password: 'short', isAdmin: true })
    expectProblem(answer, '422 validation_failed', 'wrong fields are 422')
    expectThat(Array.isArray(answer.json().issues), 'each is listed')
  })

  it('answers 503 where the hasher is busy, and 500 where it fails, which tells nothing but an id', async () => {
    const { post, email } = await visitor()
    const busy = await post('~/login', { email, password: busyPassword })
    expectProblem(busy, '503 overloaded', 'a full queue is 503')
    expectEqual(busy.all('retry-after'), ['1'], 'it tells when to come back')
    const fault = await post('~/login', { email, password: faultyPassword })
    expectProblem(fault, '500 internal_error', 'a fault is 500')
    expectThat(typeof fault.json().correlationId === 'string', 'it has an id to be found under')
    expectThat(!fault.text.includes('secret detail'), 'it tells nothing else')
  })

  it('answers 503 where no store answers, with a credential or without', async () => {
    const { get, post, email, password } = await visitor('down')
    const { accessToken, cookie, refreshToken } = await twin()
    const answers = [
      await get('~/me', bearer(await accessToken())),
      await get('~/me', { Cookie: await cookie() }),
      await post('~/login', { email, password }),
      await post('~/refresh', { refreshToken: await refreshToken() }),
      await get('/app/any', bearer(await accessToken())),
      await get('/app/optional', bearer(await accessToken())),
    ]
    for (const answer of answers) {
      expectProblem(answer, '503 store_unavailable', 'a store that is down is never "not signed in"')
      expectEqual(answer.all('retry-after'), ['1'], 'it tells when to come back')
    }
  })
}
