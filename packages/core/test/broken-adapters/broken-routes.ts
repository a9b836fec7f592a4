import type { IncomingMessage, ServerResponse } from 'node:http'
import { type BrokenAdapter, changed, wrong, wrongRoutes } from './broken-adapter.js'

const path = (request: Request): string => new URL(request.url).pathname

/** Rewrites a request's target as a lenient router would. */
function rewriting(rewrite: (url: string) => string): (req: IncomingMessage) => void {
  return (req) => {
    req.url = rewrite(req.url ?? '')
  }
}

/** Flaws in serving the SDK's own routes. */
export const brokenRoutes: readonly BrokenAdapter[] = [
  wrong(
    'joins cookies into one header',
    [
      'SE-04 signs up with two cookies, each on a line of its own and with every attribute, and no token in the body',
      "SE-04 sets its cookies beside the app's own, each on a line of its own, also on a refusal",
      'AD-01 writes a response whole: status, both cookies, lists, where to go, and the body',
      'SE-02 changes a password, and goes on in a fresh cookie',
    ],
    ({ before }) => ({
      before(req, res) {
        if (before(req, res)) return true
        const append = res.appendHeader.bind(res)
        res.appendHeader = (name, value) => {
          const lines = [res.getHeader(name) ?? []].flat()
          return name === 'set-cookie' ? res.setHeader(name, [...lines, value].join(', ')) : append(name, value)
        }
        return false
      },
    }),
  ),
  wrong(
    'sets its cookies in place of those that are there',
    ["SE-04 sets its cookies beside the app's own, each on a line of its own, also on a refusal"],
    ({ before }) => ({
      before(req, res) {
        if (before(req, res)) return true
        let isFirst = true
        const append = res.appendHeader.bind(res)
        res.appendHeader = (name, value) => {
          if (name === 'set-cookie' && isFirst) res.removeHeader(name)
          if (name === 'set-cookie') isFirst = false
          return append(name, value)
        }
        return false
      },
    }),
  ),
  wrong(
    'drops the headers that were set before a refusal',
    [
      'WB-06 keeps the headers of the CORS plugin on every answer, good or refused',
      "SE-04 sets its cookies beside the app's own, each on a line of its own, also on a refusal",
    ],
    ({ refuse }) => ({
      refuse(res, refusal, req) {
        for (const name of res.getHeaderNames()) res.removeHeader(name)
        return refuse(res, refusal, req)
      },
    }),
  ),
  wrong(
    'overwrites Vary',
    ['WB-06 keeps the headers of the CORS plugin on every answer, good or refused'],
    ({ before }) => ({
      before(req, res) {
        if (before(req, res)) return true
        if (req.url?.includes('/me')) res.setHeader('vary', 'Cookie')
        return false
      },
    }),
  ),
  wrong(
    'lets no other plugin answer preflights',
    ['lets the CORS plugin answer preflights, also of its own routes'],
    ({ before, routes }) => ({
      before(req, res) {
        if (req.method !== 'OPTIONS' || !req.url?.startsWith('/auth')) return before(req, res)
        routes(req, res)
        return true
      },
    }),
  ),
  wrong(
    'allows every origin',
    ['WB-06 sends no CORS header of its own: a foreign origin is allowed nothing'],
    ({ before }) => ({
      before(req, res) {
        if (before(req, res)) return true
        res.setHeader('access-control-allow-origin', req.headers.origin ?? '*')
        return false
      },
    }),
  ),
  ...[
    ['collapses slashes', (url: string) => url.replace(/^(.{5,})\/\//, '$1/').replace(/^\/\//, '/')],
    ['takes trailing slashes off', (url: string) => url.replace(/\/$/, '')],
    ['knows no case', (url: string) => url.toLowerCase()],
    ['decodes paths before it looks at them', (url: string) => url.replace(/%6C/, 'l').replace(/%61/, 'a')],
    ['cuts matrix parameters off', (url: string) => url.replace(/;.*$/, '')],
    ['resolves dots', (url: string) => url.replace(/\/x\/(\.\.|%2e%2e)\//, '/').replace('/./', '/')],
    ['takes backslashes for slashes', (url: string) => url.replaceAll('\\', '/')],
    ['takes extensions off', (url: string) => url.replace(/\.json$/, (end) => (url.includes('login') ? '' : end))],
  ].map(([flaw, rewrite]) =>
    wrong(String(flaw), ['BF-10 knows each route by one spelling alone'], ({ before }) => ({
      before(req, res) {
        rewriting(rewrite as (url: string) => string)(req)
        return before(req, res)
      },
    })),
  ),
  wrong(
    'fails over a path that cannot be decoded',
    ['AD-02 answers a path that cannot be decoded with 400 or 404, never with 500'],
    ({ before, fail }) => ({
      before(req, res) {
        try {
          decodeURIComponent(req.url ?? '')
          return before(req, res)
        } catch (error) {
          fail(res, error)
          return true
        }
      },
    }),
  ),
  wrong('lets the query into a header', ['WB-09 lets no line break of a client into a header'], ({ before }) => ({
    before(req, res) {
      res.setHeader('x-request-target', req.url ?? '')
      return before(req, res)
    },
  })),
  wrong('answers what is not its own', ['leaves paths that are not its own to the app'], ({ routes }) => ({
    before(req, res) {
      if (req.url?.startsWith('/auth') === false && req.url !== '/' && !req.url.startsWith('/.well-known')) return false
      routes(req, res)
      return true
    },
    find: () => undefined,
  })),
  wrongRoutes(
    'takes the origin from the Host header',
    ['takes the absolute form of a target for its path, and its host for nothing'],
    (handle) => (request, context) => {
      const { pathname, search } = new URL(request.url)
      const host = request.headers.get('host') ?? ''
      const init: RequestInit & { duplex: 'half' } = {
        method: request.method,
        headers: request.headers,
        body: request.body,
        signal: request.signal,
        duplex: 'half',
      }
      return handle(new Request(`http://${host}${pathname}${search}`, init), context)
    },
  ),
  wrong(
    'knows no methods but the usual ones',
    ['refuses methods that frameworks know nothing of'],
    ({ auth, before, fail }) => ({
      before(req, res) {
        if (auth.serves(req.url ?? '') && !/^(GET|HEAD|PUT|PATCH|POST|DELETE|OPTIONS)$/.test(req.method ?? '')) {
          fail(res, new Error('no route'))
          return true
        }
        return before(req, res)
      },
    }),
  ),
  wrongRoutes(
    'does not tell the methods of a route',
    ['WB-05 answers a method that a route lacks with 405 and those that it has'],
    (handle) => (request, context) => changed(handle(request, context), { headers: (headers) => headers.delete('allow') }),
  ),
  wrongRoutes(
    'takes HEAD for a route that it lacks',
    ['WB-05 answers HEAD as GET without a body, and runs nothing that GET would not'],
    (handle) => (request, context) =>
      request.method === 'HEAD' ? Promise.resolve(new Response(null, { status: 404 })) : handle(request, context),
  ),
  wrongRoutes(
    'answers HEAD with a type of its own',
    ['WB-05 answers HEAD as GET without a body, and runs nothing that GET would not'],
    (handle) => (request, context) =>
      changed(handle(request, context), {
        headers: (headers) => request.method === 'HEAD' && headers.set('content-type', 'text/plain'),
      }),
  ),
  wrongRoutes(
    'has no unknown paths',
    ['AD-02 answers an unknown path below the base path with a 404 problem'],
    (handle) => async (request, context) => {
      const answer = await handle(request, context)
      return answer.status === 404 ? new Response('Not Found', { status: 404 }) : answer
    },
  ),
  wrongRoutes(
    'lets caches keep refusals',
    ['RS-02 asks for a credential where none came'],
    (handle) => (request, context) =>
      changed(handle(request, context), { headers: (headers) => headers.delete('cache-control') }),
  ),
  wrongRoutes(
    'adds a charset to types',
    [
      'RS-02 asks for a credential where none came',
      'signs up with tokens in the body, kept from caches',
      'KM-02 gives public keys below the base path and at the root, for caches to keep',
    ],
    (handle) => (request, context) =>
      changed(handle(request, context), {
        headers: (headers) =>
          headers.has('content-type') && headers.set('content-type', `${headers.get('content-type')}; charset=utf-8`),
      }),
  ),
  wrongRoutes(
    'loses challenges',
    [
      'RS-02 asks for a credential where none came',
      'refuses new accounts where registration is closed',
      'RS-02 tells what is wrong with a token',
      'refuses an API key that is none',
    ],
    (handle) => (request, context) =>
      changed(handle(request, context), { headers: (headers) => headers.delete('www-authenticate') }),
  ),
  wrongRoutes(
    'loses when to come back',
    [
      'BF-09 stops an address that keeps failing, and tells when to come back',
      'answers 503 where no store answers, with a credential or without',
      'answers 503 where the hasher is busy, and 500 where it fails, which tells nothing but an id',
    ],
    (handle) => (request, context) =>
      changed(handle(request, context), { headers: (headers) => headers.delete('retry-after') }),
  ),
  wrongRoutes(
    'answers 200 to whatever went well',
    [
      'signs up with tokens in the body, kept from caches',
      'SE-07 signs out with 204 and without a body, clears the cookie, and does so as often as it is asked',
      'ends all sessions of a user',
      'issues an API key that is shown once, lists, rotates and revokes it',
      'deletes an account',
      'confirms an address by the mail of the sign-up, once',
      'LG-08 resets a password by a link that no header of a request has a part in',
      'LG-12 changes an address once the new one is confirmed, and tells the old one',
      'ends all sessions for an owner who says that it was not they',
      'reads a body that comes in chunks, and one whose parts come late',
    ],
    (handle) => async (request, context) => {
      const answer = handle(request, context)
      return (await answer).ok ? changed(answer, { status: 200 }) : answer
    },
  ),
  wrongRoutes(
    'takes a shorter way to refusals: one status for all',
    [
      'tells of a session that is none, and of one that has ended',
      'RT-05 tells the fates of refresh tokens apart',
      'refuses an address that is taken',
      'LG-01 answers a wrong password as an unknown address',
    ],
    (handle) => async (request, context) => {
      const answer = handle(request, context)
      return (await answer).status >= 400 ? changed(answer, { status: 400 }) : answer
    },
  ),
  wrongRoutes(
    'loses the details of a problem',
    ['AD-02 tells which fields are wrong'],
    (handle) => async (request, context) => {
      const answer = await handle(request, context)
      if (answer.status !== 422) return answer
      const { issues: _, ...problem } = (await answer.json()) as Record<string, unknown> // A problem.
      return new Response(JSON.stringify(problem), { status: 422, headers: answer.headers })
    },
  ),
  wrongRoutes(
    'loses what is asked for behind the path',
    [
      'ER-04 lists events by type and subject for whoever may, with the route and the address that they came by',
      'refuses a type of event that there is not',
    ],
    (handle) => (request, context) => handle(new Request(request.url.split('?', 1)[0] ?? '', request), context),
  ),
  wrongRoutes(
    'reads ids in lower case, and loses the last part of a path',
    ['SE-08 lists sessions and ends one by its id'],
    (handle) => (request, context) =>
      request.method === 'DELETE' ? Promise.resolve(new Response(null, { status: 204 })) : handle(request, context),
  ),
  wrongRoutes(
    'loses the body of an answer',
    ['signs in, tells who is signed in, and signs on'],
    (handle) => (request, context) =>
      path(request).endsWith('/me') ? changed(handle(request, context), { body: '{}' }) : handle(request, context),
  ),
  wrong('shows what was wrong inside', ["answers a fault of the app's own handlers with 500, which tells nothing"], () => ({
    fail: (res: ServerResponse, error) => void res.writeHead(500).end(String(error)),
  })),
  wrong(
    'shows what was wrong inside the routes',
    ['answers 500, which tells nothing, where the routes themselves fail'],
    ({ auth }) => ({
      routes: (req, res) => {
        auth.handler(new Request(`http://localhost${req.url}`)).then(
          (answer) => res.writeHead(answer.status).end(),
          (error: unknown) => res.writeHead(500).end(String(error)),
        )
      },
    }),
  ),
]
