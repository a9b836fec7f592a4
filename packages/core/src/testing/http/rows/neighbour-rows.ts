import { expectEqual, expectThat } from '../../stores/expectations.js'
import { expectStatus } from '../http-expectations.js'
import { type HttpSuite, pageOrigin } from '../http-suite.js'
import type { RawAnswer } from '../raw-exchange.js'
import { bearer } from '../visitor.js'

/** What else an app has: a CORS plugin, cookies of its own, handlers that fail. */
export function neighbourRows({ it, visitor }: HttpSuite): void {
  it('WB-06 keeps the headers of the CORS plugin on every answer, good or refused', async () => {
    const { get, post, register, email, password } = await visitor()
    const { accessToken } = await register()
    const Origin = pageOrigin
    const foreign = { Origin, 'Sec-Fetch-Site': 'cross-site' }
    const answers: readonly (readonly [number, RawAnswer])[] = [
      [200, await get('~/me', { ...foreign, ...bearer(accessToken) })],
      [401, await get('~/me', foreign)],
      [404, await get('~/nothing', foreign)],
      [422, await post('~/login', {}, foreign)],
      [200, await post('~/login', { email, password, transport: 'cookie' }, foreign)],
      [204, await post('~/logout', undefined, foreign)],
      [401, await get('/app/orders', foreign)],
      [403, await get('/app/admin', { ...foreign, ...bearer(accessToken) })],
      [200, await get('/app/orders', { ...foreign, ...bearer(accessToken) })],
    ]
    for (const [status, answer] of answers) {
      expectStatus(answer, status, 'the answer is the one that it would be without CORS')
      expectEqual(answer.all('access-control-allow-origin'), [pageOrigin], `a ${status} may be read by the page`)
      expectEqual(answer.all('access-control-allow-credentials'), ['true'], `a ${status} may be read with credentials`)
      expectThat(answer.all('vary').join(', ').toLowerCase().includes('origin'), `a ${status} varies by origin`)
    }
    const both = (await get('~/probe/answer/200', foreign)).all('vary').join(', ').toLowerCase()
    expectThat(both.includes('origin') && both.includes('cookie'), `what an answer varies by is added; got ${both}`)
  })

  it('lets the CORS plugin answer preflights, also of its own routes', async () => {
    const { call } = await visitor()
    for (const target of ['~/login', '/app/orders']) {
      const answer = await call('OPTIONS', target, {
        Origin: pageOrigin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization',
      })
      expectThat(
        answer.status === 204 || answer.status === 200,
        `a preflight of ${target} is answered; got ${answer.status}`,
      )
      expectEqual(answer.all('access-control-allow-origin'), [pageOrigin], 'the page is allowed')
    }
  })

  it('WB-06 sends no CORS header of its own: a foreign origin is allowed nothing', async () => {
    const foreign = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' }
    const beside = await visitor()
    const alone = await visitor('direct')
    for (const { get, call } of [beside, alone]) {
      const answers = [
        await get('~/me', foreign),
        await get('/app/orders', { Origin: 'null' }),
        await call('OPTIONS', '~/login', foreign),
      ]
      const allowed = answers.flatMap((answer) => answer.lines.filter(([name]) => name === 'access-control-allow-origin'))
      expectThat(
        !allowed.some(([, value]) => value !== pageOrigin),
        `no foreign page is allowed; got ${JSON.stringify(allowed)}`,
      )
    }
    const { lines } = await alone.get('~/me', { Origin: pageOrigin })
    expectEqual(
      lines.filter(([name]) => name.startsWith('access-control-')),
      [],
      'without a plugin there is no such header',
    )
  })

  it("SE-04 sets its cookies beside the app's own, each on a line of its own, also on a refusal", async () => {
    const { post, get, email, password } = await visitor()
    const signedUp = await post('~/register', { email, password, transport: 'cookie' })
    expectEqual(
      signedUp
        .all('set-cookie')
        .map((line) => line.split('=', 1)[0])
        .sort(),
      ['__Host-device', '__Host-session', 'app'],
      'three cookies on three lines',
    )
    expectEqual((await get('~/me')).all('set-cookie'), ['app=1; Path=/'], "a refusal keeps the app's cookie")
    expectEqual((await get('/app/orders')).all('set-cookie'), ['app=1; Path=/'], "a guard's refusal keeps the app's cookie")
  })

  it("answers a fault of the app's own handlers with 500, which tells nothing", async () => {
    const { get } = await visitor()
    const answer = await get('/app/fault')
    expectEqual(answer.status, 500, 'a fault is 500')
    expectThat(!answer.text.includes('secret detail'), 'it tells nothing')
  })
}
