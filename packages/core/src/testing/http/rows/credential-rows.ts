import { expectEqual, expectThat } from '../../stores/expectations.js'
import { expectProblem, expectStatus } from '../http-expectations.js'
import { type HttpSuite, issuer, pageOrigin } from '../http-suite.js'
import type { HeaderLine } from '../raw-exchange.js'
import { bearer } from '../visitor.js'

/** Which credential of a request counts, and from where. */
export function credentialRows({ it, visitor }: HttpSuite): void {
  it('RS-01 takes exactly one explicit credential, whatever the case of its scheme, and none from the URL', async () => {
    const { send, withProxy, register } = await visitor()
    const { accessToken: token } = await register()
    const status = async (target: string, ...lines: readonly HeaderLine[]): Promise<string> => {
      const answer = await send({ method: 'GET', target, headers: withProxy(lines) })
      return `${answer.status} ${answer.json().code ?? ''}`.trim()
    }
    for (const target of ['~/me', '/app/orders']) {
      const ambiguous = '400 ambiguous_credentials'
      const table: readonly (readonly [string, ...HeaderLine[]])[] = [
        ['200', ['authorization', `bEARER ${token}`]],
        [ambiguous, ['Authorization', `Bearer ${token}`], ['Authorization', `Bearer ${token}`]],
        [ambiguous, ['Authorization', `Bearer ${token}`], ['AUTHORIZATION', 'Bearer other']],
        [ambiguous, ['Authorization', 'Basic YTpi'], ['Authorization', `Bearer ${token}`]],
        [ambiguous, ['Authorization', `Bearer ${token}, Bearer ${token}`]],
        [ambiguous, ['Authorization', `Bearer ${token} ${token}`]],
        [ambiguous, ['Authorization', `Bearer ${token}`], ['X-API-Key', 'key']],
        [ambiguous, ['X-API-Key', 'a'], ['x-api-key', 'b']],
        ['401 credentials_missing', ['Authorization', 'Basic YTpi']],
      ]
      for (const [expected, ...lines] of table)
        expectEqual(await status(target, ...lines), expected, `${target} with ${JSON.stringify(lines)}`)
      expectEqual(
        await status(`${target}?access_token=${token}&token=${token}`),
        '401 credentials_missing',
        'none from the URL',
      )
    }
  })

  it('RS-03 never fails over a malformed Authorization header', async () => {
    const { get } = await visitor()
    const values = [
      '',
      'Bearer',
      'Bearer ',
      'Bearer %',
      'Bearer %E0%A4%A',
      'Bearer \xff\xfe',
      'Bearer a.b',
      'Bearer ...',
      'Bearer =',
      'Basic ',
      'Digest',
      'Bearer:x',
      'Bearer\tx',
      ', ,',
      `Bearer ${'a'.repeat(12_000)}`,
      `Bearer ${'.'.repeat(12_000)}`,
      'Bearer e30.e30.e30',
      'Bearer "a"',
    ]
    for (const value of values) {
      for (const target of ['~/me', '/app/orders']) {
        const { status } = await get(target, { Authorization: value })
        expectThat(status === 400 || status === 401, `Authorization: ${value.slice(0, 40)} is refused; got ${status}`)
      }
    }
  })

  it('WB-04 judges a request with an explicit credential by it alone, and looks at no cookie then', async () => {
    const { get, registerCookie } = await visitor()
    const Cookie = await registerCookie()
    expectProblem(await get('~/me', { Cookie, ...bearer('x.y.z') }), '401 token_malformed', 'a bad token is not made up for')
    expectProblem(await get('/app/any', { Cookie, 'X-API-Key': 'k' }), '401 api_key_invalid', 'nor is a bad key')
  })

  it('SE-04 reads its cookie among others, on one line or on two, on its own routes and at a guard', async () => {
    const { send, withProxy, registerCookie } = await visitor()
    const cookie = await registerCookie()
    const [session = '', device = ''] = cookie.split('; ').filter((pair) => pair.startsWith('__Host-'))
    const forms: readonly (readonly HeaderLine[])[] = [
      [['Cookie', `theme=dark; ${session}; ${device}; other="a b"; broken; =`]],
      [
        ['Cookie', `theme=dark; ${device}`],
        ['Cookie', session],
      ],
      [['cookie', `${session};${device}`]],
      [['Cookie', `${session}; ${session}`]],
    ]
    for (const lines of forms) {
      for (const target of ['~/me', '/app/any'])
        expectStatus(
          await send({ method: 'GET', target, headers: withProxy(lines) }),
          200,
          `${lines.length} lines of cookies at ${target}`,
        )
    }
  })

  it('SE-10 takes malformed, contradicting and oversized cookies for no session', async () => {
    const { send, withProxy } = await visitor()
    const values = [
      '__Host-session=%E0%A4%A',
      '__Host-session=\xff\xfe',
      '__Host-session="a;b"',
      '__Host-session=a; __Host-session=b',
      `__Host-session=${'x'.repeat(4096)}`,
    ]
    for (const value of values) {
      for (const target of ['~/me', '/app/any']) {
        const answer = await send({ method: 'GET', target, headers: withProxy([['Cookie', value]]) })
        expectProblem(answer, '401 session_invalid', `${value.slice(0, 40)} is no session`)
      }
    }
    const twice = withProxy([
      ['Cookie', '__Host-session=a'],
      ['Cookie', '__Host-session=b'],
    ])
    expectProblem(await send({ method: 'GET', target: '/app/any', headers: twice }), '401 session_invalid', 'two are none')
    for (const value of ['=', ';;;', '__Host-session', 'session=a', '__host-session=a', 'theme=dark']) {
      const answer = await send({ method: 'GET', target: '/app/any', headers: withProxy([['Cookie', value]]) })
      expectProblem(answer, '401 credentials_missing', `${value} holds no session cookie`)
    }
    const { status } = await send({
      method: 'GET',
      target: '~/me',
      headers: withProxy([['Cookie', `__Host-session=${'x'.repeat(64 * 1024)}`]]),
    })
    expectEqual(status, 431, 'more than a server reads is refused')
  })

  it('WB-01 lets a cookie change something from the own page alone, and changes nothing otherwise', async () => {
    const { post, get, registerCookie } = await visitor()
    const Cookie = await registerCookie()
    const foreign: readonly Readonly<Record<string, string>>[] = [
      {},
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'none' },
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
      { Origin: `${issuer}.evil.example` },
    ]
    const before = (await get('/app/calls')).json().calls
    for (const headers of foreign) {
      for (const target of ['~/logout-all', '~/logout', '/app/orders'])
        expectProblem(
          await post(target, undefined, { Cookie, ...headers }),
          '403 csrf_rejected',
          `${JSON.stringify(headers)} is no own page`,
        )
    }
    expectEqual((await get('/app/calls')).json().calls, before, 'no handler has run')
    expectStatus(await get('~/me', { Cookie }), 200, 'the session goes on')
    const own: readonly Readonly<Record<string, string>>[] = [
      { 'Sec-Fetch-Site': 'same-origin' },
      { Origin: issuer },
      { 'Sec-Fetch-Site': 'cross-site', Origin: pageOrigin },
    ]
    for (const headers of own)
      expectStatus(await post('/app/orders', {}, { Cookie, ...headers }), 200, `${JSON.stringify(headers)} is an own page`)
  })

  it('WB-02 refuses foreign pages where a credential is set, and lets programs pass', async () => {
    const { post, email, password } = await visitor()
    for (const headers of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
      for (const target of ['~/register', '~/login'])
        expectProblem(await post(target, { email, password }, headers), '403 csrf_rejected', `${target} from a foreign page`)
    }
    expectStatus(await post('~/register', { email, password }), 201, 'a program passes')
  })
}
