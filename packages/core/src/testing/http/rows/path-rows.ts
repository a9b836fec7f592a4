import { expectEqual, expectThat } from '../../stores/expectations.js'
import { expectProblem, expectStatus } from '../http-expectations.js'
import type { HttpSuite } from '../http-suite.js'
import { bearer } from '../visitor.js'

const internal = {
  'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware',
  'x-user-id': '1',
  'x-forwarded-user': 'admin',
  'x-original-url': '/app/public',
  'x-rewrite-url': '/app/public',
  'x-http-method-override': 'GET',
  'x-forwarded-host': 'evil.example',
}

/** Paths and methods that an app has, and all the others. */
export function pathRows({ it, visitor, serverAnswersFirst }: HttpSuite): void {
  const faults = serverAnswersFirst ? [500] : []

  it('AD-02 answers an unknown path below the base path with a 404 problem', async () => {
    const { get, post } = await visitor()
    for (const target of ['~/nothing', '~/login/more', '~/sessions/a/b', '~/me/', '~/']) {
      expectProblem(await get(target), '404 not_found', `${target} is nothing`)
    }
    expectProblem(await post('~/nothing', {}), '404 not_found', 'nor is it for POST')
  })

  it('WB-05 answers a method that a route lacks with 405 and those that it has', async () => {
    // A CORS plugin may take any OPTIONS for a preflight.
    const { call } = await visitor('direct')
    const table = [
      ['GET', '~/login', 'POST'],
      ['HEAD', '~/login', 'POST'],
      ['PUT', '~/login', 'POST'],
      ['PATCH', '~/register', 'POST'],
      ['DELETE', '~/me', 'GET, HEAD'],
      ['OPTIONS', '~/login', 'POST'],
      ['OPTIONS', '~/me', 'GET, HEAD'],
      ['GET', '~/sessions/some-id', 'DELETE'],
      ['POST', '~/jwks.json', 'GET, HEAD'],
      ['POST', '/.well-known/jwks.json', 'GET, HEAD'],
    ] as const
    for (const [method, target, allowed] of table) {
      const answer = await call(method, target)
      if (method === 'HEAD') expectEqual([answer.status, answer.text], [405, ''], 'HEAD is refused without a body')
      else expectProblem(answer, '405 method_not_allowed', `${method} ${target} is refused`)
      expectEqual(answer.all('allow'), [allowed], `${method} ${target} tells the methods`)
    }
  })

  it('refuses methods that frameworks know nothing of', async () => {
    const { call } = await visitor()
    for (const method of ['TRACE', 'PURGE', 'PROPFIND', 'M-SEARCH']) {
      const { status } = await call(method, '~/login')
      expectThat([400, 404, 405, 501, ...faults].includes(status), `${method} is refused; got ${status}`)
    }
  })

  it('BF-10 knows each route by one spelling alone', async () => {
    const { send, withProxy, basePath, email, password } = await visitor()
    const body = JSON.stringify({ email, password })
    const spellings = [
      `/${basePath}/login`,
      `${basePath}//login`,
      `${basePath}/login/`,
      `${basePath}/%6Cogin`,
      `${basePath}/LOGIN`,
      `${basePath.toUpperCase()}/login`,
      `${basePath}/login;x=1`,
      `${basePath}/./login`,
      `${basePath}/x/../login`,
      `${basePath}/x/%2e%2e/login`,
      `${basePath}\\login`,
      `${basePath}/login%00`,
      `${basePath}/login%20`,
      `${basePath}/login.json`,
      `/%61${basePath.slice(2)}/login`,
    ]
    const headers = withProxy([['Content-Type', 'application/json']])
    for (const target of spellings) {
      const { status } = await send({ method: 'POST', target, headers, body })
      expectThat(status === 404 || status === 400 || status === 308, `POST ${target} leads nowhere; got ${status}`)
    }
  })

  it('takes the absolute form of a target for its path, and its host for nothing', async () => {
    const { send, withProxy, basePath } = await visitor()
    const answer = await send({ method: 'GET', target: `http://evil.example${basePath}/me`, headers: withProxy() })
    if (serverAnswersFirst && answer.status !== 401) expectThat([308, 400, 404].includes(answer.status), 'it leads nowhere')
    else expectProblem(answer, '401 credentials_missing', 'the route is the one of the path')
    const probe = await send({
      method: 'GET',
      target: '~/probe/echo',
      headers: [['Host', 'evil.example'], ...withProxy(internal)],
    })
    expectEqual(probe.json().origin, 'https://app.example.com', 'the origin is the configured one')
  })

  it('AD-02 answers a path that cannot be decoded with 400 or 404, never with 500', async () => {
    const { call } = await visitor()
    for (const target of [
      '~/%E0%A4%A',
      '~/sessions/%',
      '~/sessions/%zz',
      '~/%2e%2e%2fadmin',
      '/app/orders/%',
      '/%E0%A4%A',
    ]) {
      for (const method of ['GET', 'DELETE']) {
        const { status } = await call(method, target)
        expectThat([400, 404, ...faults].includes(status), `${method} ${target} is 400 or 404; got ${status}`)
      }
    }
  })

  it('WB-09 lets no line break of a client into a header', async () => {
    const { call } = await visitor('direct')
    const evil = '%0d%0aSet-Cookie:%20evil=1'
    const answers = [
      await call('GET', `~/me?state=${evil}`, bearer(evil)),
      await call('DELETE', `~/sessions/${evil}`, { Origin: `https://${evil}` }),
      await call('OPTIONS', `~/login${evil}`, { Authorization: 'Basic "\\r\\nSet-Cookie: evil=1"' }),
    ]
    for (const { status, lines } of answers) {
      expectThat(status >= 400 && status < 500, 'the request is refused')
      expectThat(!lines.some(([, value]) => /evil/.test(value)), 'nothing of it is in a header')
    }
  })

  it('leaves paths that are not its own to the app', async () => {
    const { get, basePath } = await visitor()
    expectStatus(await get('/app/public'), 200, 'a route of the app is reached')
    for (const target of ['/', `${basePath}ors`, '/.well-known/security.txt', `/x${basePath}/me`]) {
      const { status, text } = await get(target)
      expectEqual(status, 404, `${target} is the app's to answer`)
      expectThat(!text.includes('urn:auth:problem:credentials_missing'), `${target} is no route of the SDK`)
    }
  })

  it('AD-04 guards a route whatever its spelling, and whatever headers say', async () => {
    const { call, register } = await visitor()
    const { accessToken } = await register()
    const spellings = [
      '/app/admin',
      '//app/admin',
      '/app/admin;x',
      '/app/%61dmin',
      '/APP/ADMIN',
      '/app/admin/',
      '/app/x/../admin',
      'http://evil.example/app/admin',
      '/app/admin?x=1',
      '/app//admin',
    ]
    for (const target of spellings) {
      for (const credential of [{}, bearer(accessToken)]) {
        const { status } = await call('GET', target, { ...internal, ...credential })
        expectThat([307, 308, 400, 401, 403, 404].includes(status), `GET ${target} is refused; got ${status}`)
      }
    }
  })
}
