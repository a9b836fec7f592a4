import { type Auth, type AuthConfig, createAuth, memoryStores, type PasswordHasher } from '@auth/core'
import { toNodeListener } from '@auth/core/node'
import { type VirtualClock, virtualClock } from '@auth/core/testing'
import { listen } from '../../../core/src/testing/real-port.js'

export const ada = { email: 'ada@example.com', password: 'a long enough passphrase' }
export const bob = { email: 'bob@example.com', password: 'another long passphrase' }

/** What the server was asked, and what it answered. */
export interface Exchange {
  readonly request: string
  readonly headers: Headers
  readonly body: string
  /** Status, and code if there was one. */
  readonly answer: string
}

/** Does something before a request is handled; an answer that it gives is the server's. */
export type Hook = (request: string) => Promise<Response | undefined> | Promise<void>

/** The SDK's routes, a guarded `/api/thing` that answers who called and what came, and files. */
export interface TestServer {
  readonly url: string
  readonly auth: Auth
  readonly clock: VirtualClock
  /** In the order of the answers. */
  readonly exchanges: Exchange[]
  /** The answers to one request, such as `POST /auth/refresh`. */
  answers(request: string): string[]
  before: Hook
  /** Is called once a request has been handled, before its answer is sent. */
  after: Hook
  /** Ends every connection, as a network does. */
  drop(): void
}

/** What Argon2 costs is not what these tests are about. */
const quickHasher: PasswordHasher = {
  hash: async (text) => `$quick$${Buffer.from(text).toString('hex').split('').reverse().join('')}`,
  verify: async (hash, text) => hash === (await quickHasher.hash(text)),
  needsRehash: () => false,
}

/** Files by path. */
export type Files = Readonly<Record<string, { readonly type: string; readonly text: string }>>

/** A real server with accounts for Ada and Bob, on a clock that stands still unless `realTime`. */
export async function startServer(
  { realTime = false, ...config }: Partial<AuthConfig> & { readonly realTime?: boolean } = {},
  files: Files = {},
): Promise<TestServer> {
  const clock = virtualClock()
  const auth = createAuth({
    issuer: 'http://localhost:3000',
    secret: 'c7d1f0a4-a-secret-for-tests-alone-5be2937a',
    stores: memoryStores(),
    passwords: { hasher: quickHasher },
    logger: { warn: () => undefined, error: () => undefined },
    ...(realTime ? {} : { clock }),
    ...config,
    tokens: { algorithm: 'ES256', ...config.tokens },
  })
  await auth.accounts.create(ada)
  await auth.accounts.create(bob)
  const exchanges: Exchange[] = []

  const handler: Auth['handler'] = async (request, context) => {
    const { pathname } = new URL(request.url)
    const file = files[pathname]
    if (file) return new Response(file.text, { headers: { 'content-type': file.type } })
    const name = `${request.method} ${pathname}`
    const body = await request.clone().text()
    const handle = (): Promise<Response> =>
      pathname.startsWith('/api/') ? answerThing(auth, request, body) : auth.handler(request, context)
    const given = (await server.before(name)) ?? (await handle())
    const answer = (await server.after(name)) ?? given
    const code = /"code":"(\w+)"/.exec(await answer.clone().text())?.[1]
    exchanges.push({
      request: name,
      headers: request.headers,
      body,
      answer: [answer.status, code].filter(Boolean).join(' '),
    })
    return answer
  }

  const { url, server: http } = await listen(toNodeListener({ issuer: auth.issuer, refuse: auth.refuse, handler }))
  const server: TestServer = {
    url,
    auth: auth as Auth, // Which roles it has plays no part here.
    clock,
    exchanges,
    answers: (request) => exchanges.filter((exchange) => exchange.request === request).map(({ answer }) => answer),
    before: async () => undefined,
    after: async () => undefined,
    drop: () => http.closeAllConnections(),
  }
  return server
}

async function answerThing(auth: Pick<Auth, 'authenticate'>, request: Request, body: string): Promise<Response> {
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined
  const seen = await auth.authenticate({ method: request.method, url: request.url, header, ip: '127.0.0.1' })
  if (seen.ok) return Response.json({ subject: seen.principal.subject, body })
  const { status, headers, body: problem } = seen.refusal
  return new Response(problem, { status, headers: headers.map(([name, value]): [string, string] => [name, value]) })
}

/** A gate that opens once `count` have come to it. */
export function barrier(count: number): () => Promise<void> {
  let waiting: (() => void)[] = []
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length < count) return
      for (const go of waiting) go()
      waiting = []
    })
}
