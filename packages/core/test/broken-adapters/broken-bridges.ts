import { type BrokenAdapter, changed, wrong, wrongRoutes } from './broken-adapter.js'

const probe = (request: Request): string => new URL(request.url).pathname.split('/probe/')[1] ?? ''

/** A request with something changed. */
function remade(
  request: Request,
  change: { readonly url?: string; readonly headers?: Headers; readonly signal?: AbortSignal },
): Request {
  const init: RequestInit & { duplex: 'half' } = {
    method: request.method,
    headers: change.headers ?? request.headers,
    body: request.body,
    signal: change.signal ?? request.signal,
    duplex: 'half',
  }
  return new Request(change.url ?? request.url, init)
}

/** Takes the address from the left of what was forwarded, as a client wrote it. */
function leftmost(request: Request): string | undefined {
  return request.headers.get('x-forwarded-for')?.split(',')[0]?.trim()
}

const rightmost = 'BF-07 takes the right-most address that is no proxy where one is configured'

/** Flaws in handing requests over and in writing responses, and in whose address counts. */
export const brokenBridges: readonly BrokenAdapter[] = [
  wrongRoutes(
    'takes the leftmost address of a proxy',
    [
      rightmost,
      "BF-07 takes the socket's address where no proxy is configured, whatever headers say",
      'A-41 does not count a client anew for each header that it makes up',
    ],
    (handle) => (request, context) => handle(request, { ip: leftmost(request) ?? context?.ip }),
  ),
  wrongRoutes(
    'believes another header',
    ["BF-07 takes the socket's address where no proxy is configured, whatever headers say"],
    (handle) => (request, context) => handle(request, { ip: request.headers.get('cf-connecting-ip') ?? context?.ip }),
  ),
  wrongRoutes(
    'hands over no address',
    ['BF-08 counts an address in one form: IPv4 written as IPv6 is IPv4, and an IPv6 address its /64', rightmost],
    (handle) => (request) => handle(request),
  ),
  wrongRoutes(
    'shortens mapped addresses to their network',
    ['BF-08 counts an address in one form: IPv4 written as IPv6 is IPv4, and an IPv6 address its /64'],
    (handle) => (request, context) => {
      const headers = new Headers(request.headers)
      const forwarded = headers.get('x-forwarded-for')
      if (forwarded?.startsWith('::ffff:')) headers.set('x-forwarded-for', '198.51.100.20')
      return handle(remade(request, { headers }), context)
    },
  ),
  wrongRoutes(
    'hands over no Origin',
    ['WB-02 refuses foreign pages where a credential is set, and lets programs pass'],
    (handle) => (request, context) => {
      const headers = new Headers(request.headers)
      headers.delete('origin')
      headers.delete('sec-fetch-site')
      return handle(remade(request, { headers }), context)
    },
  ),
  wrongRoutes(
    'swallows an abort',
    ['tells the routes when the client goes away, in the middle of its body too'],
    (handle) => (request, context) => handle(remade(request, { signal: new AbortController().signal }), context),
  ),
  wrongRoutes(
    'lets those wait whose clients have gone',
    ['F-41 outlives clients that go away in the middle, and lets nobody wait for their slots'],
    (handle) => {
      let gone = 0
      return async (request, context) => {
        if (gone > 5) return new Response(null, { status: 503 })
        const answer = await handle(request, context)
        if (request.signal.aborted || answer.status === 400) gone++
        return answer
      }
    },
  ),
  wrongRoutes(
    'parses the query and writes it again',
    ['hands over method, target, headers and body as they came'],
    (handle) => (request, context) => {
      const url = new URL(request.url)
      url.search = new URLSearchParams(Object.fromEntries(url.searchParams)).toString()
      return handle(remade(request, { url: url.href }), context)
    },
  ),
  wrong('keeps one line of each header', ['hands over method, target, headers and body as they came'], ({ before }) => ({
    before(req, res) {
      const seen = new Set<string>()
      for (let i = 0; i < req.rawHeaders.length; i += 2) {
        const name = req.rawHeaders[i]?.toLowerCase() ?? ''
        if (seen.has(name)) req.rawHeaders.splice(i, 2)
        seen.add(name)
      }
      return before(req, res)
    },
  })),
  wrongRoutes(
    'loses where to go',
    [
      'AD-01 writes a response whole: status, both cookies, lists, where to go, and the body',
      'keeps the status of a response without a body, and its cookies',
    ],
    (handle) => (request, context) =>
      changed(handle(request, context), { headers: (headers) => headers.delete('location') }),
  ),
  wrongRoutes(
    'answers 204 where there is no body',
    ['keeps the status of a response without a body, and its cookies'],
    (handle) => async (request, context) => {
      const answer = handle(request, context)
      return (await answer).body === null && probe(request).startsWith('answer') ? changed(answer, { status: 204 }) : answer
    },
  ),
  wrong(
    'makes ever more of a stream',
    ['asks a streamed response for no more than the client takes, and gives it up when the client goes'],
    ({ auth, routes }) => ({
      routes(req, res) {
        if (!req.url?.includes('/probe/stream')) return routes(req, res)
        const write = async (): Promise<void> => {
          const answer = await auth.handler(new Request(`http://localhost${req.url}`))
          for await (const chunk of answer.body ?? []) if (!res.destroyed) res.write(chunk)
        }
        void write()
      },
    }),
  ),
  wrong(
    'ends half an answer as if it were whole',
    ['lets half an answer not look like a whole one'],
    ({ auth, routes }) => ({
      routes(req, res) {
        if (!req.url?.includes('/probe/half')) return routes(req, res)
        const write = async (): Promise<void> => {
          const answer = await auth.handler(new Request(`http://localhost${req.url}`))
          for await (const chunk of answer.body ?? []) res.write(chunk)
        }
        void write().catch(() => res.end())
      },
    }),
  ),
]
