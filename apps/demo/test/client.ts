/** An answer as a test looks at it. */
export interface Answer {
  readonly status: number
  /** The problem's code; empty for a success. */
  readonly code: string
  readonly headers: Headers
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

/** What a call carries. */
export interface CallOptions {
  readonly body?: unknown
  readonly token?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Calls one server. */
export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>

/** Makes a client as plain as curl. */
export function createClient(url: string): Call {
  return async (method, path, { body, token, headers = {} } = {}) => {
    const raw = typeof body === 'string' || body instanceof Uint8Array
    const sent = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${String(token)}` }),
      ...headers,
    }
    const init = { method, headers: sent, ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }) }
    const response = await fetch(`${url}${path}`, init as RequestInit)
    const text = await response.text()
    const json =
      response.headers.get('content-type')?.includes('json') && text ? (JSON.parse(text) as Record<string, unknown>) : {}
    const code = response.ok ? '' : String(json.code ?? '')
    return { status: response.status, code, headers: response.headers, text, body: json }
  }
}

/** Status and code. */
export async function outcome(answer: Answer | Promise<Answer>): Promise<string> {
  const { status, code } = await answer
  return code ? `${status} ${code}` : String(status)
}

/** The tokens of a sign-in or refresh. */
export async function tokensOf(answer: Answer | Promise<Answer>): Promise<{ accessToken: string; refreshToken: string }> {
  const { status, body, text } = await answer
  if (status !== 200 && status !== 201) throw new Error(`expected tokens, got ${status} ${text}`)
  return body as { accessToken: string; refreshToken: string }
}
