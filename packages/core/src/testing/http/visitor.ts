import { expectEqual } from '../stores/expectations.js'
import { exchange, type HeaderLine, type RawAnswer, type RawRequest } from './raw-exchange.js'

/** Headers by name, or line for line. */
export type Headers = Readonly<Record<string, string>> | readonly HeaderLine[]

/** Somebody who calls an app. */
export interface Visitor {
  readonly url: string
  readonly basePath: string
  readonly password: string
  /** An e-mail address that nobody else has. */
  readonly email: string
  /** The client's address, where a proxy tells it. */
  readonly address: string | null
  /** Sends a request as it is. A target that begins with `~` is below the base path. */
  send(request: RawRequest): Promise<RawAnswer>
  /** The lines that a request has beside its own. */
  withProxy(headers?: Headers): readonly HeaderLine[]
  get(target: string, headers?: Headers): Promise<RawAnswer>
  /** Sends JSON, or text as it is. */
  post(target: string, body?: unknown, headers?: Headers): Promise<RawAnswer>
  call(method: string, target: string, headers?: Headers): Promise<RawAnswer>
  /** Signs up and gives the tokens. */
  register(): Promise<Tokens>
  /** Signs up with a cookie and gives what a browser would send back. */
  registerCookie(): Promise<string>
}

/** Of a token answer. */
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
  readonly userId: string
}

/** What a visitor is made of. */
export interface VisitorDeps {
  readonly url: string
  readonly basePath: string
  readonly address: string | null
  readonly timeoutMs: number
  readonly onAnswer: (request: RawRequest, answer: RawAnswer) => void
}

let number = 0

/** Makes a visitor. */
export function createVisitor({ url, basePath, address, timeoutMs, onAnswer }: VisitorDeps): Visitor {
  const email = `visitor-${++number}-${Date.now().toString(36)}@example.com`
  const password = 'a long enough passphrase'
  const withProxy = (headers: Headers = {}): readonly HeaderLine[] => [
    ...linesOf(headers),
    ...(address === null || linesOf(headers).some(([name]) => name.toLowerCase() === 'x-forwarded-for')
      ? []
      : ([['X-Forwarded-For', address]] as const)),
  ]

  async function send(request: RawRequest): Promise<RawAnswer> {
    const target = request.target.replace(/^~/, basePath)
    const answer = await exchange(url, { ...request, target }, timeoutMs)
    onAnswer(request, answer)
    return answer
  }

  const call: Visitor['call'] = (method, target, headers) => send({ method, target, headers: withProxy(headers) })
  const post: Visitor['post'] = (target, body, headers = {}) => {
    if (body === undefined) return call('POST', target, headers)
    const lines = withProxy(headers)
    const isTyped = lines.some(([name]) => name.toLowerCase() === 'content-type')
    const type: readonly HeaderLine[] = isTyped ? [] : [['Content-Type', 'application/json']]
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    return send({ method: 'POST', target, headers: [...type, ...lines], body: isRaw ? body : JSON.stringify(body) })
  }

  return {
    url,
    basePath,
    password,
    email,
    address,
    send,
    withProxy,
    call,
    post,
    get: (target, headers) => call('GET', target, headers),
    async register() {
      const answer = await post('~/register', { email, password })
      expectEqual(answer.status, 201, 'signing up answers 201')
      const { accessToken, refreshToken, user } = answer.json()
      return {
        accessToken: String(accessToken),
        refreshToken: String(refreshToken),
        userId: String(Reflect.get(Object(user), 'id')),
      }
    },
    async registerCookie() {
      const answer = await post('~/register', { email, password, transport: 'cookie' })
      expectEqual(answer.status, 201, 'signing up answers 201')
      return cookiesOf(answer)
    },
  }
}

/** The header of a bearer token. */
export function bearer(token: string): Readonly<Record<string, string>> {
  return { Authorization: `Bearer ${token}` }
}

/** What a browser would send back. */
export function cookiesOf(answer: RawAnswer): string {
  return answer
    .all('set-cookie')
    .map((line) => line.split(';', 1)[0])
    .join('; ')
}

function linesOf(headers: Headers): readonly HeaderLine[] {
  return Array.isArray(headers) ? headers : Object.entries(headers)
}
