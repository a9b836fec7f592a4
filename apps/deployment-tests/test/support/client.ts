/** What a request carries. */
export interface Call {
  readonly body?: unknown
  readonly bearer?: string
  readonly cookie?: string
  /** The client's address, as a proxy tells it. */
  readonly ip?: string
  readonly signal?: AbortSignal
}

/** An answer as a test looks at it. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Headers
  /** The `Cookie` header that follows from it. */
  readonly cookie: string
  /** How long it took. */
  readonly ms: number
}

/** Longer than anything may take on a busy machine: a request that hangs fails its test. */
const mostMs = 40_000

/** Sends one request. @throws where no answer comes */
export async function send(url: string, method: string, path: string, call: Call = {}): Promise<Answer> {
  const { body, bearer, cookie, ip, signal } = call
  const startedMs = performance.now()
  const response = await fetch(`${url}${path}`, {
    method,
    // Where a browser is sent is an answer, too.
    redirect: 'manual',
    signal: signal ?? AbortSignal.timeout(mostMs),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      // What a browser adds on the application's own page.
      ...(cookie === undefined ? {} : { cookie, 'sec-fetch-site': 'same-origin' }),
      ...(ip === undefined ? {} : { 'x-forwarded-for': ip }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>), // Every answer with a body is an object.
    headers: response.headers,
    cookie: response.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0])
      .join('; '),
    ms: performance.now() - startedMs,
  }
}

/** An answer in the fewest words: the status, and the code of a refusal. */
export function told({ status, body }: Answer): string {
  return typeof body.code === 'string' ? `${status} ${body.code}` : `${status}`
}
