import type { Auth, Mail, Roles } from '../../index.js'
import { lazy } from '../../shared/lazy.js'

/** What the probes have counted. */
export interface ProbeCounts {
  /** Chunks that the endless answer made. */
  produced: number
  /** Endless answers that were given up. */
  cancelled: number
  /** Requests that wait for their client to go away. */
  waiting: number
  /** Those of which the client went away. */
  aborted: number
}

const chunk = new Uint8Array(65_536).fill(0x61)

/** Answers below `<basePath>/probe/` that show how an adapter hands requests over and writes responses. */
export function withProbes<R extends Roles>(auth: Auth<R>, sent: readonly Mail[]): Auth<R> {
  const counts: ProbeCounts = { produced: 0, cancelled: 0, waiting: 0, aborted: 0 }
  const prefix = `${auth.basePath}/probe/`
  const client = lazy(() => registerClient(auth))
  return Object.freeze({
    ...auth,
    async handler(request: Request, context: { readonly ip?: string | undefined } = {}): Promise<Response> {
      const { pathname } = new URL(request.url)
      if (!pathname.startsWith(prefix)) return auth.handler(request, context)
      const [name = '', argument = ''] = pathname.slice(prefix.length).split('/')
      if (name === 'mails') return mails(auth, sent)
      if (name === 'client') return Response.json(await client())
      return probe(name, argument, { request, ip: context.ip, counts })
    },
  })
}

/** An OAuth client, and its secret. */
async function registerClient<R extends Roles>(auth: Auth<R>): Promise<object> {
  const { id, secret } = await (auth as unknown as Auth).oauth.clients.create({
    id: 'conformance',
    name: 'Conformance',
    grants: ['client_credentials', 'authorization_code', 'refresh_token'],
    scopes: ['read:orders'] as never, // Of the roles of `conformanceAuth`, which are not in the type here.
    redirectUris: ['https://client.example/cb'],
  })
  return { id, secret }
}

/** What was sent so far: a program has no other letter box. */
async function mails(auth: Pick<Auth, 'mailsSent'>, sent: readonly Mail[]): Promise<Response> {
  await auth.mailsSent()
  return Response.json({ mails: sent.map(({ to, kind, link }) => ({ to, kind, link })) })
}

interface ProbeCall {
  readonly request: Request
  readonly ip: string | undefined
  readonly counts: ProbeCounts
}

async function probe(name: string, argument: string, call: ProbeCall): Promise<Response> {
  const { request, ip, counts } = call
  switch (name) {
    case 'echo':
      return echo(request, ip)
    case 'answer':
      return plain(Number(argument))
    case 'stream':
      return new Response(endless(counts), { headers: { 'content-type': 'application/octet-stream' } })
    case 'half':
      return new Response(half(), { headers: { 'content-type': 'application/octet-stream' } })
    case 'wait':
      counts.waiting++
      await new Promise<void>((resolve) => request.signal.addEventListener('abort', () => resolve(), { once: true }))
      counts.aborted++
      return new Response(null, { status: 204 })
    case 'throw':
      throw new Error('secret detail')
    default:
      return Response.json(counts)
  }
}

async function echo(request: Request, ip: string | undefined): Promise<Response> {
  const { pathname, search, origin } = new URL(request.url)
  const body = request.body ? Buffer.from(await request.arrayBuffer()).toString('latin1') : null
  return Response.json({
    method: request.method,
    origin,
    target: pathname + search,
    headers: [...request.headers],
    body,
    ip: ip ?? null,
  })
}

/** An answer with everything that is easily lost: two cookies, one with a comma, lists, a place to go, perhaps no body. */
function plain(status: number): Response {
  const headers = new Headers({
    'cache-control': 'no-store',
    location: '/elsewhere?from=here',
    vary: 'Cookie',
    'www-authenticate': 'Bearer, Basic realm="probe"',
  })
  headers.append('set-cookie', 'one=1; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT; HttpOnly')
  headers.append('set-cookie', 'two=2; Path=/; SameSite=Lax')
  const body = status === 200 || status === 401 ? '{"probe":true}' : null
  if (body) headers.set('content-type', 'application/json')
  return new Response(body, { status, headers })
}

function endless(counts: ProbeCounts): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        // A turn of the event loop, so that whoever asks for ever more does not keep the process to itself.
        await new Promise((resolve) => setImmediate(resolve))
        counts.produced++
        controller.enqueue(chunk)
      },
      cancel() {
        counts.cancelled++
      },
    },
    { highWaterMark: 0 },
  )
}

function half(): ReadableStream<Uint8Array> {
  let isFirst = true
  return new ReadableStream(
    {
      pull(controller) {
        if (isFirst) controller.enqueue(chunk)
        else controller.error(new Error('secret detail'))
        isFirst = false
      },
    },
    { highWaterMark: 0 },
  )
}
