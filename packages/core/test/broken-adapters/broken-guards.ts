import type { IncomingMessage } from 'node:http'
import { principalOf, sendRefusal, setPrincipal } from '@auth/core/node'
import { type BrokenAdapter, wrong } from './broken-adapter.js'

const refusesAll = 'RB-01 refuses everybody else with a code and a challenge, never with a redirect, and runs no handler'
const readsNobody = 'reads nobody from a property that another library or an attacker set'
const behindOptional = 'behind optional() knows who is calling, and takes a bad credential for none'
const oneCredential = 'RS-01 takes exactly one explicit credential, whatever the case of its scheme, and none from the URL'

/** Flaws in guarding the app's own routes, and in what counts as a credential. */
export const brokenGuards: readonly BrokenAdapter[] = [
  wrong(
    'throws refusals, for whoever catches them',
    [refusesAll, 'RB-06 takes away what a token could do as soon as its session has ended'],
    () => ({
      refuse(_res, refusal) {
        throw Object.assign(new Error(refusal.code), { status: refusal.status })
      },
      fail: (res, error) =>
        void res
          .writeHead(Number(Reflect.get(Object(error), 'status')) || 500, { 'content-type': 'text/plain' })
          .end('Unauthorized'),
    }),
  ),
  wrong(
    'goes on to the handler after a refusal',
    [refusesAll, 'WB-01 lets a cookie change something from the own page alone, and changes nothing otherwise'],
    () => ({
      refuse(res, refusal) {
        sendRefusal(res, refusal)
        return true
      },
    }),
  ),
  wrong('sends browsers to a page', [refusesAll], ({ refuse }) => ({
    refuse(res, refusal, req) {
      if (!req.headers.accept?.includes('text/html')) return refuse(res, refusal, req)
      res.writeHead(302, { location: '/login' }).end()
      return false
    },
  })),
  wrong('guards no HEAD', [refusesAll], ({ gate }) => ({
    gate(declared) {
      const right = gate(declared)
      return async (req, source, context) => (source.method === 'HEAD' ? null : right(req, source, context))
    },
    fail: (res) => void res.end(),
  })),
  wrong('reads req.auth', [readsNobody], ({ gate }) => ({
    gate(declared) {
      const right = gate(declared)
      return async (req, source, context) =>
        Reflect.get(req, 'auth') && declared !== 'optional' ? null : right(req, source, context)
    },
  })),
  wrong('shows what a forger wrote', [readsNobody], ({ gate }) => {
    let last: unknown = null
    return {
      gate(declared) {
        const right = gate(declared)
        return async (req, source, context) => {
          last = Reflect.get(req, 'auth') ?? null
          return right(req, source, context)
        }
      },
      caller: {
        get shown(): unknown {
          return last
        },
      },
    }
  }),
  wrong(
    'makes somebody up where no guard ran',
    ['answers 500 where a handler asks who is calling and no guard ran, forged or not'],
    ({ find }) => ({
      find(routes, method, pathname) {
        const route = find(routes, method, pathname)
        return pathname === '/app/forgotten' && route ? { ...route, handle: () => ({ subject: 'somebody' }) } : route
      },
    }),
  ),
  wrong('tells the handler of nobody', ['lets through who may, and tells the handler who it is'], () => ({
    caller: { shown: null },
  })),
  wrong('loses the details of a refusal', ['tells which scopes and roles are missing'], ({ refuse }) => ({
    refuse(res, refusal, req) {
      const { requiredScopes: _, requiredRoles: __, ...problem } = JSON.parse(refusal.body) as Record<string, unknown> // A problem.
      return refuse(res, { ...refusal, body: JSON.stringify(problem) }, req)
    },
  })),
  wrong('refuses bad credentials behind optional()', [behindOptional], ({ auth, gate }) => ({
    gate: (declared) => (declared === 'optional' ? gate({}) : gate(declared ?? null)) ?? auth,
  })),
  wrong(
    'takes a store that is down for nobody',
    [
      'answers 503 where no store answers, with a credential or without',
      'lets nobody pass through a guard while a store is down, and still serves what is public',
    ],
    ({ gate }) => ({
      gate(declared) {
        const right = gate(declared)
        return async (req, source, context) => {
          const refusal = await right(req, source, context)
          return refusal?.status === 503 ? null : refusal
        }
      },
    }),
  ),
  wrong(
    'remembers who was let through',
    ['RB-06 takes away what a token could do as soon as its session has ended'],
    ({ gate }) => {
      const known = new Map<string, NonNullable<ReturnType<typeof principalOf>>>()
      return {
        gate(declared) {
          const right = gate(declared)
          return async (req, source, context) => {
            const key = String(source.header('authorization'))
            const before = known.get(key)
            if (before) {
              setPrincipal(req, before)
              return null
            }
            const refusal = await right(req, source, context)
            const principal = principalOf(req)
            if (principal) known.set(key, principal)
            return refusal
          }
        },
      }
    },
  ),
  wrong(
    'looks at the first line of a header alone',
    [oneCredential, 'SE-04 reads its cookie among others, on one line or on two, on its own routes and at a guard'],
    ({ source }) => ({
      source: (req: IncomingMessage) => ({ ...source(req), header: (name) => [source(req).header(name) ?? []].flat()[0] }),
    }),
  ),
  wrong('takes a token from the URL', [oneCredential], ({ source }) => ({
    source(req) {
      const token = new URL(req.url ?? '', 'http://localhost').searchParams.get('access_token')
      return token
        ? { ...source(req), header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined) }
        : source(req)
    },
  })),
  wrong('fails over strange headers', ['RS-03 never fails over a malformed Authorization header'], ({ source, refuse }) => ({
    source(req) {
      decodeURIComponent(req.headers.authorization ?? '')
      return source(req)
    },
    refuse,
  })),
  wrong(
    'falls back to the cookie',
    [
      'lets an API key do what its scopes say, in either header, and nothing that takes a person',
      'WB-04 judges a request with an explicit credential by it alone, and looks at no cookie then',
    ],
    ({ source }) => ({
      source: (req) => ({ ...source(req), header: (name) => (name === 'x-api-key' ? undefined : source(req).header(name)) }),
    }),
  ),
  wrong(
    'decodes cookies, and takes the first of a name',
    ['SE-10 takes malformed, contradicting and oversized cookies for no session'],
    ({ source }) => ({
      source(req) {
        const cookie = req.headers.cookie?.split(';')[0]
        if (cookie) decodeURIComponent(cookie)
        return { ...source(req), header: (name) => (name === 'cookie' ? cookie : source(req).header(name)) }
      },
    }),
  ),
  wrong(
    'sees no Origin',
    ['WB-01 lets a cookie change something from the own page alone, and changes nothing otherwise'],
    ({ source }) => ({
      source: (req) => ({
        ...source(req),
        header: (name) => (name === 'sec-fetch-site' ? 'same-origin' : source(req).header(name)),
      }),
    }),
  ),
  wrong('guards by a path', ['AD-04 guards a route whatever its spelling, and whatever headers say'], ({ gate, find }) => ({
    find: (routes, method, pathname) =>
      find(routes, method, decodeURIComponent(pathname).toLowerCase().replace(/\/$/, '').replaceAll('//', '/')),
    gate(declared) {
      const right = gate(declared)
      return async (req, source, context) =>
        source.url === '/app/admin' || declared === null || !isAdmin(declared) ? right(req, source, context) : null
    },
    fail: (res) => void res.end('admin'),
  })),
  wrong(
    'lets an internal header pass',
    ['AD-04 guards a route whatever its spelling, and whatever headers say'],
    ({ gate }) => ({
      gate(declared) {
        const right = gate(declared)
        return async (req, source, context) =>
          source.header('x-middleware-subrequest') ? null : right(req, source, context)
      },
      fail: (res) => void res.end('admin'),
    }),
  ),
  wrong('does not hear of the client', ['hands the address to guards too'], ({ refuse }) => ({
    gate: () => async (_req, source) => ({ status: source.ip ? 403 : 401, code: 'not_found', headers: [], body: '' }),
    refuse,
  })),
]

function isAdmin(declared: object | string): boolean {
  return typeof declared === 'object' && 'roles' in declared
}
