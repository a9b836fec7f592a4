import { type BrokenAdapter, changed, wrongRoutes } from './broken-adapter.js'

const path = (request: Request): string => new URL(request.url).pathname
const isOAuth = (request: Request): boolean => path(request).includes('/oauth/')

/** A request with other headers. */
function withHeaders(request: Request, change: (headers: Headers) => void): Request {
  const headers = new Headers(request.headers)
  change(headers)
  const init: RequestInit & { duplex: 'half' } = { method: request.method, headers, body: request.body, duplex: 'half' }
  return new Request(request.url, init)
}

/** Flaws in serving the OAuth server. */
export const brokenOAuth: readonly BrokenAdapter[] = [
  wrongRoutes(
    'takes every body for JSON',
    ['TK-01 TK-02 gives a client a token for a form, and for nothing else'],
    (handle) => (request, context) =>
      handle(request.body ? withHeaders(request, (all) => all.set('content-type', 'application/json')) : request, context),
  ),
  wrongRoutes(
    'drops the challenge of a client',
    ['TK-03 answers a wrong secret with a challenge for who used the header'],
    (handle) => (request, context) =>
      changed(handle(request, context), {
        headers: (all) => (isOAuth(request) ? all.delete('www-authenticate') : undefined),
      }),
  ),
  wrongRoutes(
    'redirects by 302',
    ['AZ-12 leads a browser from the sign-in page over the consent page to the client, by 303 each time'],
    (handle) => async (request, context) => {
      const answer = await handle(request, context)
      return answer.status === 303 ? changed(Promise.resolve(answer), { status: 302 }) : answer
    },
  ),
  wrongRoutes(
    'hands over nothing of where a form comes from',
    ['A-71 shows foreign pages and unknown clients a page that leads nowhere'],
    (handle) => (request, context) => {
      if (!isOAuth(request)) return handle(request, context)
      const bare = withHeaders(request, (all) => {
        all.delete('sec-fetch-site')
        all.delete('origin')
      })
      return handle(bare, context)
    },
  ),
  wrongRoutes(
    'serves the key set alone at the root',
    ['IR-05 A-76 serves its metadata at the root, from the configuration'],
    (handle) => (request, context) =>
      path(request).startsWith('/.well-known/oauth')
        ? changed(handle(request, context), { status: 404 })
        : handle(request, context),
  ),
]
